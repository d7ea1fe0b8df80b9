import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { definitionsIn, type NodeDefinition } from './node-definitions';
import { ensureRuntimes } from '../runtimes';

/** What was found out about one rule. */
export interface Finding {
  rule: string;
  title: string;
  verdict: 'met' | 'broken' | 'needs the network';
  detail: string;
}

interface Manifest {
  name: string;
  license?: string;
  repository?: unknown;
  bugs?: unknown;
  keywords?: string[];
  engines?: { node?: string };
  dependencies?: Record<string, string>;
  'node-red'?: { version?: string; nodes?: Record<string, string> };
}

/** The part of Node-RED's own package.json that says what it is and needs. */
interface Release {
  version: string;
  engines: { node: string };
}

/** An installed package, and the Node-RED releases that it has to run on. */
interface Subject {
  /** The folder it was installed into; the package is in its `node_modules`. */
  home: string;
  folder: string;
  manifest: Manifest;
  definitions: ReadonlyMap<string, NodeDefinition>;
  nodeRed: readonly Release[];
}

type Rule = (subject: Subject) => { met: boolean; detail: string } | 'needs the network';

/** Dependencies that do not run on a current Node.js, and the first release that does. */
const INCOMPATIBLE: Readonly<Record<string, string>> = { 'agent-base': '6.0.0' };
const MOST_DEPENDENCIES = 6;

/**
 * The rules of Node-RED's scorecard, as `node-red-dev validate` and flows.nodered.org apply them:
 * https://github.com/node-red/node-red-dev-cli/tree/main/docs
 */
const RULES: Readonly<Record<string, [title: string, rule: Rule]>> = {
  P01: ['License', ({ manifest }) => stated(manifest.license)],
  P02: ['Name in the repository', () => 'needs the network'],
  P03: ['Repository or bugs', ({ manifest }) => stated(manifest.repository ?? manifest.bugs)],
  P04: ['Scoped name', ({ manifest: { name } }) => ({ met: isScoped(name), detail: name })],
  P05: ['Keyword node-red', ({ manifest: { keywords = [] } }) => keyword(keywords)],
  P06: ['Node-RED version', nodeRedVersion],
  P07: ['Node.js version', nodeVersion],
  P08: ['No similar name', () => 'needs the network'],
  N01: ['Unique node names', uniqueNames],
  N02: ['Examples of every node', examples],
  D01: ['At most six dependencies', ({ manifest: { dependencies = {} } }) => few(dependencies)],
  D02: ['No incompatible packages', compatible],
  D03: ['Dependencies up to date', () => 'needs the network'],
};

/**
 * Holds an installed package against the scorecard's rules.
 *
 * @param home the Node-RED user directory that the tarball was installed into
 */
export async function scorecard(home: string, name: string): Promise<Finding[]> {
  const folder = path.join(home, 'node_modules', name);
  const manifest = readJson(path.join(folder, 'package.json')) as Manifest;
  const pages = Object.values(manifest['node-red']?.nodes ?? {}).map((file) =>
    readFileSync(path.join(folder, file.replace(/\.js$/, '.html')), 'utf8'),
  );
  const { nodeRed4, nodeRed5 } = await ensureRuntimes();
  const nodeRed = [nodeRed4, nodeRed5].map(
    (runtime) => readJson(path.join(runtime.folder, 'package.json')) as Release,
  );
  const definitions = new Map(pages.flatMap((page) => [...definitionsIn(page)]));
  const subject = { home, folder, manifest, definitions, nodeRed };
  return Object.entries(RULES).map(([rule, [title, judge]]) => {
    const found = judge(subject);
    if (found === 'needs the network') return { rule, title, verdict: found, detail: '' };
    return { rule, title, verdict: found.met ? 'met' : 'broken', detail: found.detail };
  });
}

function stated(value: unknown): { met: boolean; detail: string } {
  const detail = typeof value === 'string' ? value : JSON.stringify(value ?? 'missing');
  return { met: value !== undefined && value !== '', detail };
}

function isScoped(name: string): boolean {
  return /^@[a-z\d][\w.-]+\/[a-z\d][\w.-]*$/.test(name);
}

function keyword(keywords: readonly string[]): { met: boolean; detail: string } {
  return { met: keywords.includes('node-red'), detail: `${keywords.length} keywords` };
}

function nodeRedVersion({ manifest, nodeRed }: Subject): { met: boolean; detail: string } {
  const range = manifest['node-red']?.version ?? '';
  const met = nodeRed.every(({ version }) => satisfies(version, range));
  return { met, detail: `${range} for ${nodeRed.map(({ version }) => version).join(', ')}` };
}

/** Whatever Node.js a Node-RED starts on must do for the package too, beyond what is its least. */
function nodeVersion({ manifest, nodeRed }: Subject): { met: boolean; detail: string } {
  const range = manifest.engines?.node ?? '';
  const latest = nodeRed.at(-1)?.engines.node ?? '';
  return { met: satisfies(least(latest), range), detail: `${range} for ${latest}` };
}

/** The catalogue cannot be asked offline; the names can be unique among themselves and be ours. */
function uniqueNames({ definitions, manifest }: Subject): { met: boolean; detail: string } {
  const declared = Object.keys(manifest['node-red']?.nodes ?? {});
  const types = [...definitions.keys()];
  const met =
    types.length === declared.length && types.every((type) => type.startsWith('sagecrm-'));
  return { met, detail: `${types.join(', ')} (the catalogue needs the network)` };
}

function examples({ folder, definitions }: Subject): { met: boolean; detail: string } {
  const home = path.join(folder, 'examples');
  const files = readdirSync(home).filter((file) => file.endsWith('.json'));
  const used = new Set(
    files.flatMap((file) => (readJson(path.join(home, file)) as { type: string }[]).map(typeOf)),
  );
  const missing = [...definitions]
    .filter(([type, { category }]) => category !== 'config' && !used.has(type))
    .map(([type]) => type);
  const detail = missing.length === 0 ? `${files.length} examples` : `none of ${missing.join()}`;
  return { met: files.length > 0 && missing.length === 0, detail };
}

function typeOf({ type }: { type: string }): string {
  return type;
}

function few(dependencies: Record<string, string>): { met: boolean; detail: string } {
  const count = Object.keys(dependencies).length;
  return { met: count <= MOST_DEPENDENCIES, detail: String(count) };
}

function compatible({ home }: Subject): { met: boolean; detail: string } {
  const lock = path.join(home, 'node_modules', '.package-lock.json');
  const { packages } = readJson(lock) as { packages: Record<string, { version: string }> };
  const bad = Object.entries(packages).filter(([place, { version }]) => {
    const first = INCOMPATIBLE[place.split('node_modules/').at(-1) ?? ''];
    return first !== undefined && !satisfies(version, `>=${first}`);
  });
  const detail = bad.map(([place]) => place).join() || `${Object.keys(packages).length} packages`;
  return { met: bad.length === 0, detail };
}

/** Whether a version is within a range of the form `>=1.2.3`, the only one this package uses. */
function satisfies(version: string, range: string): boolean {
  const wanted = /^>=(\d+(?:\.\d+)*)$/.exec(range)?.[1];
  return wanted !== undefined && version.localeCompare(wanted, 'en', { numeric: true }) >= 0;
}

function least(range: string): string {
  return /\d+(\.\d+)*/.exec(range)?.[0] ?? '';
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'));
}
