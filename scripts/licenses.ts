import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Metafile } from 'esbuild';
import { ROOT } from './process';

interface Manifest {
  name: string;
  version: string;
  license?: string;
}

/**
 * The licences of all packages whose code is in a bundle, as they ask for.
 *
 * @throws when one of them has no licence text
 */
export function licensesOf({ inputs }: Metafile): string {
  const packages = new Set(Object.keys(inputs).flatMap((file) => packageFolder(file) ?? []));
  return [...packages]
    .sort()
    .map((folder) => licenseOf(path.join(ROOT, folder)))
    .join('\n');
}

function licenseOf(folder: string): string {
  const text = readFileSync(path.join(folder, 'package.json'), 'utf8');
  const { name, version, license } = JSON.parse(text) as Manifest;
  const title = `${name} ${version} (${license ?? 'see below'})`;
  return `${title}\n${'-'.repeat(title.length)}\n\n${licenseText(folder)}\n`;
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
