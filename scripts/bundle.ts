import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { build, type BuildOptions } from 'esbuild';
import { ROOT } from './process';

const NODES = path.join(ROOT, 'nodes');
const BUNDLE = 'runtime.js';
const COMMAND = 'sagecrm-migrate';

const COMMON = {
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  minifySyntax: true,
  minifyWhitespace: true,
  lineLimit: 120,
  // With `node --enable-source-maps`, a stack trace names the file and line of the source.
  sourcemap: true,
  sourcesContent: false,
  packages: 'external',
  absWorkingDir: ROOT,
  logLevel: 'warning',
} as const satisfies BuildOptions;

/**
 * Bundles our own code that runs in Node-RED into `{dist}/runtime.js`; libraries are dependencies of
 * the package and stay where npm installs them. The file that Node-RED loads for each type is a
 * small one beside its page; it registers the type and asks the bundle, through its `part.js`, once
 * a node is made or a route is called. Only then are the libraries loaded, too.
 *
 * The command `sagecrm-migrate` is in the bundle, too, and started by a file in `bin`.
 *
 * @param types the folders of `nodes/`, each with a module of its name and a `part.ts`
 */
export async function bundleRuntime(dist: string, types: readonly string[]): Promise<void> {
  await Promise.all([
    build({
      ...COMMON,
      stdin: { contents: entry(types), resolveDir: NODES, sourcefile: 'runtime.ts' },
      outfile: path.join(dist, BUNDLE),
    }),
    build({
      ...COMMON,
      entryPoints: types.map((type) => path.join(NODES, type, `${type}.ts`)),
      outbase: NODES,
      outdir: path.join(dist, 'nodes'),
      external: ['./part'],
    }),
  ]);
  await writeCommand(dist);
  for (const type of types) {
    const module = `module.exports = require('../../${BUNDLE}')['${type}'];\n`;
    await writeFile(path.join(dist, 'nodes', type, 'part.js'), module);
  }
}

/** Each part is loaded when it is asked for, since a type may be disabled. */
function entry(types: readonly string[]): string {
  const parts = types.map((type) => `get '${type}'() { return require('./${type}/part.ts'); },`);
  const command = `get command() { return require('./command/${COMMAND}.ts'); },`;
  return `module.exports = {\n${[...parts, command].join('\n')}\n};\n`;
}

/** What npm links into `node_modules/.bin`. */
async function writeCommand(dist: string): Promise<void> {
  const file = path.join(dist, 'bin', `${COMMAND}.js`);
  await mkdir(path.dirname(file), { recursive: true });
  const text = `#!/usr/bin/env node\nrequire('../${BUNDLE}').command.run();\n`;
  await writeFile(file, text, { mode: 0o755 });
}
