import { cp, readdir, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { bundleRuntime } from './bundle';
import { writeHelp } from './help';
import { licensesOf } from './licenses';
import { ROOT } from './process';

const NODES = path.join(ROOT, 'nodes');
const DIST = path.join(ROOT, 'dist');
const RESOURCES = path.join(ROOT, 'resources');
const LICENSES = 'third-party-licenses.txt';

/** Builds `dist/` and `resources/` from nothing. Types are checked apart, by `npm run typecheck`. */
async function main(): Promise<void> {
  await clean();
  const types = await nodeTypes();
  await Promise.all([bundleRuntime(DIST, types), bundleEditor(), copyNodeFiles(types)]);
}

async function clean(): Promise<void> {
  for (const folder of [DIST, RESOURCES]) await rm(folder, { recursive: true, force: true });
}

/**
 * The scripts of the edit dialogs, as one file that the editor loads from `resources/`. A browser has
 * no packages, so it holds the libraries that it uses, and their licences lie beside it. Of zod it
 * holds what is used, as long as no module in it imports `{ z }`, which is all of zod in one object.
 */
async function bundleEditor(): Promise<void> {
  const { metafile } = await build({
    entryPoints: [path.join(NODES, 'editor', 'editor.ts')],
    outfile: path.join(RESOURCES, 'editor.js'),
    bundle: true,
    format: 'iife',
    globalName: 'sageCrmEditor',
    minify: true,
    target: 'es2020',
    metafile: true,
    absWorkingDir: ROOT,
    logLevel: 'warning',
  });
  await writeFile(path.join(RESOURCES, LICENSES), licensesOf(metafile));
}

/** Node-RED looks for a node's page, `locales/` and `icons/` beside its JavaScript file. */
async function copyNodeFiles(types: readonly string[]): Promise<void> {
  for (const type of types) {
    const from = path.join(NODES, type);
    const to = path.join(DIST, 'nodes', type);
    await cp(path.join(from, `${type}.html`), path.join(to, `${type}.html`));
    await cp(path.join(from, 'locales'), path.join(to, 'locales'), { recursive: true });
    await writeHelp(type, path.join(to, 'locales'));
    const icon = path.join(ROOT, 'icons', `${type}.svg`);
    if (existsSync(icon)) await cp(icon, path.join(to, 'icons', `${type}.svg`));
  }
}

/** Every folder of `nodes/` that holds a node type rather than shared code. */
async function nodeTypes(): Promise<string[]> {
  const entries = await readdir(NODES, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory() && existsSync(pageOf(entry.name)))
    .map((entry) => entry.name);
}

function pageOf(type: string): string {
  return path.join(NODES, type, `${type}.html`);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
