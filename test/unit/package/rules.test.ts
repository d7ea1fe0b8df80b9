import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ESLint } from 'eslint';
import { ROOT } from '../../../scripts/process';

/** Of each folder of src: the others of which it may import all, and those it may name types of. */
type Layers = Readonly<Record<string, { values: string[]; types: string[] }>>;

const LINT = path.join(ROOT, 'scripts', 'lint');
const SRC = readdirSync(path.join(ROOT, 'src'));

const eslint = new ESLint({
  cwd: ROOT,
  overrideConfigFile: path.join(LINT, 'project-rules.mjs'),
});

/** What the rules say of a file with this text, if it lay there. */
async function complaints(filePath: string, text: string): Promise<string[]> {
  const [result] = await eslint.lintText(text, { filePath: path.join(ROOT, filePath) });
  return (result?.messages ?? []).map(({ message }) => message);
}

async function layerTable(): Promise<Layers> {
  const file = path.join(LINT, 'layers.mjs');
  return ((await import(file)) as { LAYERS: Layers }).LAYERS;
}

describe('the rule of layers', () => {
  let layers: Layers;

  before(async () => {
    layers = await layerTable();
  });

  /** All folders of src but this one. */
  function others(own: string): string[] {
    return SRC.filter((other) => other !== own);
  }

  function values(own: string): readonly string[] {
    return layers[own]?.values ?? [];
  }

  function types(own: string): readonly string[] {
    return layers[own]?.types ?? [];
  }

  it('has a row for each folder of src, and none besides', () => {
    assert.deepEqual(Object.keys(layers).sort(), SRC.sort());
  });

  it('is what the architecture tells', () => {
    const text = readFileSync(path.join(ROOT, 'docs', 'architecture.md'), 'utf8');
    const told = [...text.matchAll(/^\| `src\/(\w+)` .*\| (.*?) *\|$/gm)].map(([, own, cell]) => [
      own,
      cell,
    ]);
    const names = (folders: readonly string[]): string =>
      folders.map((name) => `\`${name}\``).join(', ');
    const ruled = Object.entries(layers).map(([own, row]) => {
      const ofTypes = row.types.length > 0 ? [`types of ${names(row.types)}`] : [];
      const all = [...(row.values.length > 0 ? [names(row.values)] : []), ...ofTypes];
      return [own, all.length > 0 ? all.join('; ') : 'nothing'];
    });
    assert.deepEqual(told, ruled);
  });

  it('lets no two folders depend on each other', () => {
    const allowed = (own: string): string[] => [...values(own), ...types(own)];
    const reachable = (own: string): string[] =>
      allowed(own).flatMap((other) => [other, ...reachable(other)]);
    for (const own of SRC) assert.ok(!reachable(own).includes(own), own);
  });

  it('refuses what a folder may not import, from any depth', async () => {
    for (const own of SRC) {
      const refused = others(own).filter((other) => !values(own).includes(other));
      const expected = refused.map((other) =>
        types(own).includes(other)
          ? `src/${own} may use the types of ${other} only.`
          : `src/${own} must not depend on ${other}.`,
      );
      const shallow = refused.map((other) => `import { b } from '../${other}/b';`);
      assert.deepEqual(await complaints(`src/${own}/a.ts`, shallow.join('\n')), expected);
      const deep = refused.map((other) => `import { b } from '../../${other}/b';`);
      assert.deepEqual(await complaints(`src/${own}/c/a.ts`, deep.join('\n')), expected);
    }
  });

  it('refuses types where a folder may use none, and lets the others pass', async () => {
    for (const own of SRC) {
      const imports = others(own).map((other) => `import type { B } from '../../${other}/b';`);
      const refused = others(own).filter(
        (other) => !values(own).includes(other) && !types(own).includes(other),
      );
      const expected = refused.map((other) => `src/${own} must not depend on ${other}.`);
      assert.deepEqual(await complaints(`src/${own}/c/a.ts`, imports.join('\n')), expected);
    }
  });

  it('lets pass what a folder may import, and what lies in itself', async () => {
    for (const own of SRC) {
      const imports = values(own).map((other) => `import { b } from '../../${other}/b';`);
      // A file of its own may be called as another folder is.
      const text = [...imports, "import { d } from '../event';", "import 'node:path';"].join('\n');
      assert.deepEqual(await complaints(`src/${own}/c/a.ts`, text), [], own);
    }
  });

  for (const text of [
    "export { b } from '../../sagecrm/b';",
    "export * from '../../sagecrm/b';",
    "const b = await import('../../sagecrm/b');",
    "const b = require('../../sagecrm/b');",
    "import b = require('../../sagecrm/b');",
    "let b: import('../../sagecrm/b').B;",
    "import { b } from '../.././sagecrm/b';",
    "import { b } from '../../../src/sagecrm/b';",
  ]) {
    it(`sees through ${text}`, async () => {
      const found = await complaints('src/delivery/shared/a.ts', text);
      assert.deepEqual(found, ['src/delivery must not depend on sagecrm.']);
    });
  }

  it('refuses an import whose name it cannot read', async () => {
    const found = await complaints('src/delivery/a.ts', 'const b = await import(name);');
    assert.deepEqual(found, ['The linter must see what is imported.']);
  });

  it('keeps src to itself', async () => {
    for (const outside of ['nodes/runtime/b', 'test/support/until', 'scripts/process']) {
      for (const [file, up] of [
        ['src/http/a.ts', '../../'],
        ['src/http/c/a.ts', '../../../'],
      ] as const) {
        const found = await complaints(file, `import { b } from '${up}${outside}';`);
        const expected = `src never imports what lies outside of it, as ${up}${outside}.`;
        assert.deepEqual(found, [expected]);
      }
    }
  });

  for (const name of [
    'node-red',
    'node-red/lib/red',
    '@node-red/util',
    'node-red-node-test-helper',
  ]) {
    it(`keeps ${name} out of src`, async () => {
      for (const own of SRC) {
        for (const file of [`src/${own}/a.ts`, `src/${own}/c/a.ts`]) {
          const found = await complaints(file, `import type { B } from '${name}';`);
          assert.deepEqual(found, ['src never imports Node-RED.']);
        }
      }
    });
  }

  it('asks for a row for a folder that is new, and for a folder for a file', async () => {
    assert.deepEqual(await complaints('src/novel/c/a.ts', ''), [
      'src/novel has no row in scripts/lint/layers.mjs.',
    ]);
    assert.deepEqual(await complaints('src/a.ts', ''), ['A file of src lies in a folder.']);
  });
});

describe('the rule against tests that wait for time or depend on chance', () => {
  const PAUSE = 'A pause proves nothing: wait for the event, with until() if nobody tells of it.';
  const SEED = 'A seed is written down, so that what failed fails again.';
  const CHANCE = 'A test takes its random numbers from a seed that is written down.';

  for (const [text, expected] of [
    ['await new Promise((resolve) => setTimeout(resolve, 100));', PAUSE],
    ['await new Promise((resolve) => { setTimeout(resolve, 100); });', PAUSE],
    ['await new Promise(function (go) { setTimeout(go, 100); });', PAUSE],
    ['await new Promise((go) => setTimeout(() => { go(1); }, 100));', PAUSE],
    ['await new Promise((resolve) => { begin(); setTimeout(resolve, 100); });', PAUSE],
    ['await new Promise((go) => { const timer = setInterval(() => go(timer), 9); });', PAUSE],
    ["it('waits', (done) => { begin(); setTimeout(done, 100); });", PAUSE],
    ['const pause = promisify(setTimeout);', PAUSE],
    ['Atomics.wait(cell, 0, 0, 100);', PAUSE],
    ["const { setTimeout: pause } = await import('node:timers/promises');", PAUSE],
    ["const { setTimeout: pause } = require('timers/promises');", PAUSE],
    ['const SEED = Number(process.env.SEED ?? Date.now());', SEED],
    ['fc.assert(property, { seed: Date.now() });', SEED],
    ['const start = Date.now() % 1000;', SEED],
    ['const start = performance.now() | 0;', SEED],
    ['const random = seededRandom(new Date().getTime());', SEED],
    ['options.seed = Date.now();', SEED],
    ['class A { private readonly seed = Date.now(); }', SEED],
    ['function play(seed = Date.now()) {}', SEED],
    ['const port = Math.floor(Math.random() * 1000);', CHANCE],
    ['const deps = { random: Math.random };', CHANCE],
    ["import { randomInt } from 'node:crypto';", CHANCE],
  ] as const) {
    it(`refuses ${text}`, async () => {
      for (const file of ['test/redis/a.test.ts', 'test/e2e/support/a.ts']) {
        assert.deepEqual([...new Set(await complaints(file, text))], [expected], file);
      }
    });
  }

  it('refuses intervals in what mocha runs', async () => {
    const text = 'const timer = setInterval(look, 10);';
    assert.deepEqual(await complaints('test/nodes/a.test.ts', text), [PAUSE]);
    assert.deepEqual(await complaints('test/e2e/support/office.ts', text), []);
  });

  for (const name of ['node:timers/promises', 'timers/promises', 'node:timers', 'timers']) {
    it(`refuses ${name}, but where tests wait and where neighbours are slow`, async () => {
      const text = `import { setTimeout as pause } from '${name}';`;
      for (const file of ['test/unit/a.test.ts', 'test/support/a.ts', 'test/simulator/a.ts']) {
        const [found, ...others] = await complaints(file, text);
        assert.match(found ?? '', /A pause proves nothing/, file);
        assert.deepEqual(others, []);
      }
      for (const file of ['support/until', 'simulator/sender', 'simulator/webhook-receiver']) {
        assert.deepEqual(await complaints(`test/${file}.ts`, text), []);
      }
    });
  }

  for (const text of [
    "const timer = setTimeout(() => reject(new Error('too late')), 60_000);",
    "await new Promise((_, reject) => { once(it).catch(reject); setTimeout(reject, 60_000, 'late'); });",
    'await new Promise((resolve) => { child.once("exit", resolve); setTimeout(resolve, 9000, false); });',
    'await new Promise((resolve) => setImmediate(resolve));',
    'crm.seed({ companies: 3 }, { stamp: Date.now() - 3_600_000 });',
    'const headers = headersFor(Date.now());',
  ]) {
    it(`lets pass ${text}`, async () => {
      assert.deepEqual(await complaints('test/e2e/a.test.ts', text), []);
    });
  }
});
