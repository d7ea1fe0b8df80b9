import path from 'node:path';
import { build } from 'esbuild';
import { ROOT } from '../../../scripts/process';

/** What is not part of a bundle is found there. */
export const BUNDLE_ENV = { NODE_PATH: path.join(ROOT, 'node_modules') };

/**
 * Bundles a program of this folder, so that plain Node.js starts it at once: compiling it anew costs
 * each of its processes a second.
 *
 * @returns its path
 */
export async function bundled(name: string, folder: string): Promise<string> {
  const outfile = path.join(folder, `${name}.js`);
  await build({
    entryPoints: [path.join(__dirname, `${name}.ts`)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['classic-level', 'ioredis', 'bullmq'],
    logLevel: 'warning',
  });
  return outfile;
}
