import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { build, type BuildOptions, type Metafile, type Plugin } from 'esbuild';
import { ROOT } from './process';

const NODES = path.join(ROOT, 'nodes');
const BUNDLE = 'runtime.js';
const COMMAND = 'sagecrm-migrate';
const LICENSES = 'third-party-licenses.txt';

const COMMON = {
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  absWorkingDir: ROOT,
  logLevel: 'warning',
} as const satisfies BuildOptions;

/**
 * `{ z }` holds all of zod, its languages included, and esbuild drops nothing of it; of a namespace
 * it keeps what is used.
 */
const partsOfZod: Plugin = {
  name: 'parts-of-zod',
  setup(bundle) {
    bundle.onLoad({ filter: /\.ts$/ }, async ({ path: file }) => {
      const source = await readFile(file, 'utf8');
      const contents = source.replace("import { z } from 'zod'", "import * as z from 'zod'");
      return { contents, loader: 'ts' };
    });
  },
};

/** What only browsers, forms and debugging need of axios; requests go through its HTTP adapter. */
const partsOfAxios: Plugin = {
  name: 'parts-of-axios',
  setup(bundle) {
    bundle.onLoad({ filter: /axios[\\/]lib[\\/]adapters[\\/](xhr|fetch)\.js$/ }, () => ({
      contents: 'export default undefined; export const getFetch = undefined;',
    }));
    // Node.js loads its whole fetch when somebody asks for the global FormData.
    bundle.onLoad({ filter: /axios[\\/]lib[\\/]utils\.js$/ }, async ({ path: file }) => ({
      contents: (await readFile(file, 'utf8')).replaceAll('G.FormData', 'undefined'),
    }));
    // We follow no redirects. What axios notes for them keeps all of a request, answered or not, until
    // V8 goes through its old objects.
    bundle.onLoad(
      { filter: /axios[\\/]lib[\\/]adapters[\\/]http\.js$/ },
      async ({ path: file }) => ({
        contents: (await readFile(file, 'utf8')).replace(
          /options\.beforeRedirects\.direct = \(redirectOptions\) => \{[^}]*\};/,
          '',
        ),
      }),
    );
    bundle.onLoad({ filter: /form-data[\\/]lib[\\/]form_data\.js$/ }, () => ({
      contents: 'module.exports = class FormData {};',
    }));
    bundle.onLoad({ filter: /follow-redirects[\\/]debug\.js$/ }, () => ({
      contents: 'module.exports = () => {};',
    }));
  },
};

/**
 * Bundles what runs in Node-RED, its libraries included, into `{dist}/runtime.js`. The file that
 * Node-RED loads for each type is a small one beside its page; it registers the type and asks the
 * bundle, through its `part.js`, once a node is made or a route is called.
 *
 * The command `sagecrm-migrate` is in the bundle, too, and started by a file in `bin`.
 *
 * One file instead of two thousand: an installation is a third of the size, and Node-RED starts
 * sooner. What holds a binary stays a dependency.
 *
 * @param types the folders of `nodes/`, each with a module of its name and a `part.ts`
 */
export async function bundleRuntime(dist: string, types: readonly string[]): Promise<void> {
  const [{ metafile }] = await Promise.all([
    build({
      ...COMMON,
      stdin: { contents: entry(types), resolveDir: NODES, sourcefile: 'runtime.ts' },
      outfile: path.join(dist, BUNDLE),
      external: ['classic-level', 'ioredis', 'bullmq'],
      plugins: [partsOfZod, partsOfAxios],
      metafile: true,
    }),
    build({
      ...COMMON,
      entryPoints: types.map((type) => path.join(NODES, type, `${type}.ts`)),
      outbase: NODES,
      outdir: path.join(dist, 'nodes'),
      external: ['./part'],
    }),
  ]);
  await writeFile(path.join(dist, LICENSES), licensesOf(metafile));
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

/** The licences of all packages whose code is in the bundle, as they ask for. */
function licensesOf({ inputs }: Metafile): string {
  const packages = new Set(Object.keys(inputs).flatMap((file) => packageFolder(file) ?? []));
  return [...packages]
    .sort()
    .map((folder) => {
      const manifest = JSON.parse(
        readFileSync(path.join(ROOT, folder, 'package.json'), 'utf8'),
      ) as {
        name: string;
        version: string;
        license?: string;
      };
      const title = `${manifest.name} ${manifest.version} (${manifest.license ?? 'see below'})`;
      return `${title}\n${'-'.repeat(title.length)}\n\n${licenseText(path.join(ROOT, folder))}\n`;
    })
    .join('\n');
}

function packageFolder(file: string): string | undefined {
  return /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0];
}

/** Some packages keep theirs in the last part of the README. */
function licenseText(folder: string): string {
  const files = readdirSync(folder);
  const own = files.find((file) => /^licen[cs]e/i.test(file));
  if (own !== undefined) return readFileSync(path.join(folder, own), 'utf8').trim();
  const readme = files.find((file) => /^readme/i.test(file)) ?? 'README.md';
  const text = /^#*\s*licen[cs]e\s*$([\s\S]+)/im.exec(
    readFileSync(path.join(folder, readme), 'utf8'),
  );
  if (text?.[1] === undefined) throw new Error(`${folder} has no licence text`);
  return text[1].replace(/^[-=]+$/m, '').trim();
}
