import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';

interface Manifest {
  name: string;
  keywords: string[];
  engines: { node: string };
  dependencies: Record<string, string>;
  peerDependencies: Record<string, string>;
  scripts: Record<string, string>;
  'node-red': { version: string; nodes: Record<string, string> };
}

const manifest = JSON.parse(
  readFileSync(path.resolve(__dirname, '../../../package.json'), 'utf8'),
) as Manifest;

describe('package.json', () => {
  it('is found by the Node-RED library under its name and keyword', () => {
    assert.equal(manifest.name, '@sagecrm-events/node-red-sagecrm');
    assert.ok(manifest.keywords.includes('node-red'));
  });

  it('says which Node-RED and Node.js it needs', () => {
    assert.equal(manifest['node-red'].version, '>=4.1.0');
    assert.equal(manifest.engines.node, '>=20.19');
  });

  it('registers the three node types from built files', () => {
    assert.deepEqual(Object.keys(manifest['node-red'].nodes), [
      'sagecrm-config',
      'sagecrm-poll',
      'sagecrm-callback',
    ]);
    for (const [type, file] of Object.entries(manifest['node-red'].nodes)) {
      assert.equal(file, `dist/nodes/${type}/${type}.js`);
    }
  });

  it('brings at most six dependencies', () => {
    assert.ok(Object.keys(manifest.dependencies).length <= 6);
  });

  it('takes each library in a range, so that a fix in it reaches users without a release of ours', () => {
    const { dependencies, peerDependencies } = manifest;
    const ranges = Object.entries({ ...dependencies, ...peerDependencies });
    for (const [name, range] of ranges) assert.match(range, /^\^\d+\.\d+\.\d+$/, name);
  });

  it('runs nothing on the machine that installs it', () => {
    for (const script of ['preinstall', 'install', 'postinstall', 'prepare']) {
      assert.equal(manifest.scripts[script], undefined, script);
    }
  });
});
