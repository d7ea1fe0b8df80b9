import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

export const ROOT = path.resolve(__dirname, '../../../..');
export const NODES = path.join(ROOT, 'nodes');

/** English is the one that the others are compared with. */
export const ENGLISH = 'en-US';
export const TRANSLATIONS = ['de', 'fr', 'es'];

/** Texts by their key, such as `sagecrm-poll.label.name`. */
export type Catalogue = ReadonlyMap<string, string>;

/** The node types and plugins that have texts, by their folder. */
export function namespaces(): string[] {
  return readdirSync(NODES).filter((name) => existsSync(fileOf(name, ENGLISH)));
}

export function catalogueOf(namespace: string, language: string): Catalogue {
  const texts: unknown = JSON.parse(readFileSync(fileOf(namespace, language), 'utf8'));
  return new Map(leavesOf(texts));
}

function fileOf(namespace: string, language: string): string {
  return path.join(NODES, namespace, 'locales', language, `${namespace}.json`);
}

function leavesOf(value: unknown, key = ''): [string, string][] {
  if (typeof value === 'string') return [[key, value]];
  if (typeof value !== 'object' || value === null) throw new Error(`${key} is no text`);
  return Object.entries(value).flatMap(([name, inner]) =>
    leavesOf(inner, key === '' ? name : `${key}.${name}`),
  );
}
