import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT, runOrThrow } from '../../scripts/process';
import { publintMessages } from '../../scripts/scorecard/publint';
import { scorecard } from '../../scripts/scorecard/rules';
import { tableOf } from '../../scripts/scorecard/table';
import { NodeRedProcess } from './support/node-red-process';
import { newUserDirOfItsOwn, packedTarball } from './support/package';
import { describeOnEachRuntime } from './support/runtimes';

const NAME = '@sagecrm-events/node-red-sagecrm';
/** A link to the repository, which has no public address yet. */
const NOT_YET_MET = ['P03'];
const TYPES = ['sagecrm-callback', 'sagecrm-config', 'sagecrm-poll'];
/** What a fresh Node-RED itself warns about: no project and no credentials file yet. */
const OWN_WARNINGS = /Projects disabled|Encrypted credentials not found/;

interface NodeSet {
  module: string;
  types: string[];
  enabled: boolean;
  err?: unknown;
}

interface Manifest {
  scripts: Record<string, string>;
  dependencies: Record<string, string>;
  'node-red': { nodes: Record<string, string> };
}

describe('the tarball', function () {
  this.timeout(120_000);
  let files: string[];
  let installed: string;
  let manifest: Manifest;

  before(async () => {
    const listing = await runOrThrow('tar', ['-tzf', await packedTarball()]);
    files = listing
      .split('\n')
      .filter(Boolean)
      .map((file) => file.replace(/^package\//, ''));
    installed = path.join(await newUserDirOfItsOwn(), 'node_modules', NAME);
    manifest = JSON.parse(readFileSync(path.join(installed, 'package.json'), 'utf8')) as Manifest;
  });

  it('holds what a user needs', () => {
    const licenses = 'resources/third-party-licenses.txt';
    for (const file of ['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md', licenses]) {
      assert.ok(files.includes(file), file);
    }
    for (const folder of ['dist/nodes/', 'examples/', 'resources/']) {
      assert.ok(
        files.some((file) => file.startsWith(folder)),
        folder,
      );
    }
  });

  it('holds no source and no test', () => {
    const unwanted = files.filter(
      (file) =>
        /(^|\/)(test|tests|scripts|src)\//.test(file) ||
        /\.tsbuildinfo$|(?<!\.d)\.ts$/.test(file) ||
        file.startsWith('nodes/') ||
        file.startsWith('dist/nodes/editor/'),
    );
    assert.deepEqual(unwanted, []);
  });

  it('has every node, its page, help, locale and icon where Node-RED looks for them', () => {
    for (const [type, file] of Object.entries(manifest['node-red'].nodes)) {
      const folder = path.dirname(path.join(installed, file));
      assert.ok(existsSync(path.join(installed, file)), file);
      const page = readFileSync(path.join(folder, `${type}.html`), 'utf8');
      const locale = path.join(folder, 'locales', 'en-US');
      assert.ok(existsSync(path.join(locale, `${type}.json`)), `${type}.json`);
      const help = path.join(locale, `${type}.html`);
      const where = existsSync(help) ? readFileSync(help, 'utf8') : page;
      assert.match(where, new RegExp(`data-help-name="${type}"`));
      const icon = /icon:\s*['"]([\w-]+\.svg)['"]/.exec(page)?.[1];
      if (icon?.startsWith('sagecrm'))
        assert.ok(existsSync(path.join(folder, 'icons', icon)), icon);
    }
  });

  it('brings the command that moves state', async () => {
    const command = path.join(installed, '..', '..', '.bin', 'sagecrm-migrate');
    assert.match(await runOrThrow(command, ['--help']), /--from embedded --to redis/);
  });

  it('has the example flows', () => {
    const examples = (folder: string): string[] =>
      readdirSync(path.join(folder, 'examples')).sort();
    assert.deepEqual(examples(installed), examples(ROOT));
  });

  it('runs no script when installed and brings at most six dependencies', () => {
    for (const script of ['preinstall', 'install', 'postinstall']) {
      assert.equal(manifest.scripts[script], undefined, script);
    }
    assert.ok(Object.keys(manifest.dependencies).length <= 6);
  });

  it("meets every rule of Node-RED's scorecard that needs no network", async () => {
    const findings = await scorecard(path.resolve(installed, '../../..'), NAME);
    const broken = findings.filter(({ verdict }) => verdict === 'broken').map(({ rule }) => rule);
    console.log(tableOf(findings));
    assert.deepEqual(broken, NOT_YET_MET);
  });

  it('gives publint nothing to complain about', async () => {
    assert.deepEqual(await publintMessages(installed), []);
  });
});

describeOnEachRuntime('the installed package', (runtime) => {
  let nodeRed: NodeRedProcess;

  before(async function () {
    this.timeout(180_000);
    nodeRed = await NodeRedProcess.start({
      runtime: runtime(),
      userDir: await newUserDirOfItsOwn(),
    });
  });

  after(() => nodeRed.stop());

  it('loads its three nodes, enabled and without a fault', async () => {
    const sets = (await nodeRed.get<NodeSet[]>('/nodes')).filter(({ module }) => module === NAME);
    assert.deepEqual(sets.flatMap(({ types }) => types).sort(), TYPES);
    for (const set of sets) {
      assert.equal(set.enabled, true);
      assert.equal(set.err, undefined);
    }
  });

  it('logs no warning', () => {
    const warnings = nodeRed.log.filter((line) => /\[(warn|error|fatal)\]|Warning:/.test(line));
    assert.deepEqual(
      warnings.filter((line) => !OWN_WARNINGS.test(line)),
      [],
    );
  });

  it('offers its examples for import', async () => {
    const library = await nodeRed.get(`/library/examples/flows/${NAME}`);
    assert.match(JSON.stringify(library), /1 All five resources to debug/);
  });
});
