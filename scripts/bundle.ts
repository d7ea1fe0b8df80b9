import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { build, type Metafile } from 'esbuild';
import { ROOT } from './process';

const NODES = path.join(ROOT, 'nodes');
const BUNDLE = 'runtime.js';
const LICENSES = 'third-party-licenses.txt';

/**
 * Bundles what runs in Node-RED, its libraries included, into `{dist}/runtime.js`, and puts the file
 * that Node-RED loads for each type beside its page: it asks the bundle for its own part only.
 *
 * One file instead of two thousand: an installation is a third of the size, and Node-RED starts
 * sooner. What holds a binary stays a dependency.
 *
 * @param types the folders of `nodes/`, each with a module of its name
 */
export async function bundleRuntime(dist: string, types: readonly string[]): Promise<void> {
  const { metafile } = await build({
    stdin: { contents: entry(types), resolveDir: NODES, sourcefile: 'runtime.ts' },
    outfile: path.join(dist, BUNDLE),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    external: ['classic-level', 'ioredis', 'bullmq'],
    // Names stay as written, and with them the stack traces.
    keepNames: true,
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    metafile: true,
    absWorkingDir: ROOT,
    logLevel: 'warning',
  });
  await writeFile(path.join(dist, LICENSES), licensesOf(metafile));
  for (const type of types) {
    const folder = path.join(dist, 'nodes', type);
    await mkdir(folder, { recursive: true });
    const module = `module.exports = require('../../${BUNDLE}')['${type}'];\n`;
    await writeFile(path.join(folder, `${type}.js`), module);
  }
}

/** Each part is loaded when it is asked for, since a type may be disabled. */
function entry(types: readonly string[]): string {
  const parts = types.map((type) => `get '${type}'() { return require('./${type}/${type}.ts'); },`);
  return `module.exports = {\n${parts.join('\n')}\n};\n`;
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
