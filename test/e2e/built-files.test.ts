import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import { ROOT, runCaptured, runOrThrow } from '../../scripts/process';
import { sizeOnDisk } from '../support/size-on-disk';
import { newUserDir } from './support/package';

const NAME = '@sagecrm-events/node-red-sagecrm';
const TYPES = ['sagecrm-config', 'sagecrm-poll', 'sagecrm-callback', 'sagecrm-sidebar'];
const MIB = 1024 * 1024;
const MOST_INSTALLED = 28 * MIB;
/** With the languages of zod, which the dialogs never speak, it would be twice as much. */
const MOST_OF_EDITOR = 400_000;

/** Loads files as Node-RED does, with as much of it as they need; prints the packages then loaded. */
const LOADED_BY = `
  const { EventEmitter } = require('node:events');
  const events = new EventEmitter();
  const none = () => undefined;
  const RED = {
    events,
    httpAdmin: { use: none },
    nodes: { registerType: none },
    plugins: { registerPlugin: none },
  };
  const [use, ...files] = process.argv.slice(1);
  for (const file of files) {
    const loaded = require(file);
    if (use === 'register') loaded(RED);
  }
  events.emit('flows:starting');
  const inside = Object.keys(require.cache).map((file) => file.split(/node_modules[\\\\/]/).at(-1));
  const packages = inside.map((file) => file.match(/^(@[^\\\\/]+[\\\\/])?[^\\\\/]+/)[0]);
  console.log(JSON.stringify([...new Set(packages)]));
`;

interface SourceMap {
  sources: string[];
  sourcesContent?: unknown;
}

interface Lock {
  packages: Record<string, { dev?: boolean }>;
}

interface Manifest {
  dependencies: Record<string, string>;
}

describe('the built files', function () {
  this.timeout(120_000);
  let installed: string;
  let dist: string;
  let scripts: string[];

  before(async () => {
    installed = path.join(await newUserDir(), 'node_modules', NAME);
    dist = path.join(installed, 'dist');
    scripts = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.js'),
    );
  });

  function read(file: string): string {
    return readFileSync(path.join(dist, file), 'utf8');
  }

  function partOf(type: string): string {
    return path.join(dist, 'nodes', type, 'part.js');
  }

  it('ask for the declared dependencies and for nothing else', () => {
    const asked = scripts
      .flatMap((file) => [...read(file).matchAll(/\b(?:require|import)\("([^"]+)"\)/g)])
      .flatMap(([, name]) => name ?? [])
      .filter((name) => !name.startsWith('.') && !isBuiltin(name));
    const { dependencies } = JSON.parse(
      readFileSync(path.join(installed, 'package.json'), 'utf8'),
    ) as Manifest;
    assert.deepEqual([...new Set(asked)].sort(), Object.keys(dependencies).sort());
  });

  it("hold nobody else's code, and a map of all there is to its source", () => {
    const bundled = ['runtime.js', ...TYPES.map((type) => path.join('nodes', type, `${type}.js`))];
    for (const file of bundled) {
      assert.match(read(file), /\n\/\/# sourceMappingURL=[\w.-]+\.map\n$/);
      const { sources, sourcesContent } = JSON.parse(read(`${file}.map`)) as SourceMap;
      assert.ok(sources.length > 0);
      for (const source of sources) {
        const from = path.relative(installed, path.resolve(dist, path.dirname(file), source));
        assert.match(from, /^(src|nodes)[\\/](?!.*node_modules).*\.ts$/);
      }
      assert.equal(sourcesContent, undefined);
    }
  });

  it('give stack traces with the names of the source, and with its lines where maps are on', async () => {
    const fault = [`require(process.argv[1]).openPart()`, partOf('sagecrm-poll')];
    const plain = await runCaptured(process.execPath, ['-e', ...fault]);
    assert.match(plain.output, /at postJson \(.*runtime\.js:\d+:\d+\)/);
    const mapped = await runCaptured(process.execPath, ['--enable-source-maps', '-e', ...fault]);
    assert.match(mapped.output, /at postJson \(.*nodes[\\/]runtime[\\/]admin-routes\.ts:\d+:\d+\)/);
    assert.match(mapped.output, /openPart\d* \(.*nodes[\\/]sagecrm-poll[\\/]part\.ts:\d+:\d+\)/);
  });

  it('load no library before a node is made or a route is called', async () => {
    const files = TYPES.map((type) => path.join(dist, 'nodes', type, `${type}.js`));
    assert.deepEqual(await packagesLoaded('register', files), [NAME]);
  });

  it('load the libraries that a part needs with the part', async () => {
    const loaded = await packagesLoaded('require', [partOf('sagecrm-poll')]);
    for (const name of [NAME, 'axios', 'classic-level', 'luxon', 'zod']) {
      assert.ok(loaded.includes(name), name);
    }
  });

  it('take at most 28 MiB with all dependencies, each in the version that is locked', async () => {
    const { packages } = JSON.parse(
      readFileSync(path.join(ROOT, 'package-lock.json'), 'utf8'),
    ) as Lock;
    const folders = Object.keys(packages).filter(
      (folder) => folder !== '' && packages[folder]?.dev !== true,
    );
    assert.ok(folders.includes(path.join('node_modules', 'zod')));
    const all = [installed, ...folders.map((folder) => path.join(ROOT, folder))];
    const sizes = await Promise.all(all.map(sizeOnDisk));
    const total = sizes.reduce((sum, size) => sum + size, 0);
    assert.ok(total <= MOST_INSTALLED, `${(total / MIB).toFixed(2)} MiB`);
  });

  it('give the browser no more of the libraries than the dialogs use', () => {
    const { length } = readFileSync(path.join(installed, 'resources', 'editor.js'));
    assert.ok(length <= MOST_OF_EDITOR, `${length} bytes`);
  });
});

async function packagesLoaded(
  use: 'register' | 'require',
  files: readonly string[],
): Promise<string[]> {
  return JSON.parse(
    await runOrThrow(process.execPath, ['-e', LOADED_BY, use, ...files]),
  ) as string[];
}
