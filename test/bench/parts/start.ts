import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { installInto, packInto } from '../../../scripts/package';
import { nodeRed4 } from '../../../scripts/runtimes';
import { NodeRedProcess, type FlowNode } from '../../e2e/support/node-red-process';
import { sizeOnDisk } from '../../support/size-on-disk';
import type { Part, Row } from '../part';

const MIB = 1024 * 1024;
/** Linux counts in hundredths of a second for programs, whatever its own clock is. */
const MS_PER_TICK = 10;

/** A start takes a second or two and scatters by a tenth of that. */
const LEAST_ROUNDS = 9;

const TAB: FlowNode = { id: 'tab', type: 'tab' };

/** One node of each type; nothing polls by itself. */
const OUR_FLOW: readonly FlowNode[] = [
  TAB,
  {
    ...{ id: 'server', type: 'sagecrm-config', subdomain: 'crm.example.com' },
    credentials: { username: 'poller', password: 'secret' },
  },
  {
    ...{ id: 'poll', type: 'sagecrm-poll', z: 'tab', server: 'server', interval: 0 },
    ...{ x: 0, y: 0, wires: [['callback']] },
  },
  {
    ...{ id: 'callback', type: 'sagecrm-callback', z: 'tab', url: 'https://example.com/hook' },
    ...{ x: 0, y: 0, wires: [[]] },
  },
];

const EMPTY_FLOW: readonly FlowNode[] = [
  TAB,
  { id: 'empty', type: 'empty', z: 'tab', x: 0, y: 0, wires: [] },
];

/** What having the package costs before anything is polled. */
export const start: Part = {
  name: 'start',
  title: 'The start of Node-RED with this package and with an empty one, and what is installed',
  async run({ rounds }) {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'sagecrm-start-'));
    try {
      const ours = path.join(folder, 'ours');
      await installInto(ours, await packInto(path.join(folder, 'pack')));
      const empty = path.join(folder, 'empty');
      await makeEmptyPackage(empty);
      const installed = await sizeOnDisk(path.join(ours, 'node_modules'));
      const times = Math.max(rounds, LEAST_ROUNDS);
      const unused = await compare(times, { userDir: empty }, { userDir: ours });
      const used = await compare(
        times,
        { userDir: empty, flow: EMPTY_FLOW },
        { userDir: ours, flow: OUR_FLOW },
      );
      return [
        ...rowsOf('without a flow', unused),
        ...rowsOf('with a node of each type', used),
        sizeRow(installed),
      ];
    } finally {
      await rm(folder, { recursive: true });
    }
  },
};

interface Installation {
  userDir: string;
  flow?: readonly FlowNode[];
}

/** What one start takes: milliseconds, of them `cpu` in all threads of Node-RED, and resident bytes. */
interface Cost {
  wall: number;
  cpu: number;
  memory: number;
}

interface Pair {
  empty: Cost;
  ours: Cost;
}

/** Neighbours are compared; whichever went first goes second in the next round. */
async function compare(rounds: number, empty: Installation, ours: Installation): Promise<Pair[]> {
  // The first start of each fills the caches of the disk, and leaves the flow behind.
  for (const one of [empty, ours]) await prepare(one);
  const pairs: Pair[] = [];
  for (let round = 0; round < rounds; round += 1) {
    if (round % 2 === 0) {
      const before = await startOnce(empty);
      pairs.push({ empty: before, ours: await startOnce(ours) });
    } else {
      const before = await startOnce(ours);
      pairs.push({ ours: before, empty: await startOnce(empty) });
    }
  }
  return pairs;
}

async function prepare({ userDir, flow }: Installation): Promise<void> {
  const nodeRed = await NodeRedProcess.start({ runtime: nodeRed4(), userDir });
  if (flow !== undefined) await nodeRed.deploy(flow);
  await nodeRed.stop();
}

async function startOnce({ userDir }: Installation): Promise<Cost> {
  const began = performance.now();
  const nodeRed = await NodeRedProcess.start({ runtime: nodeRed4(), userDir });
  const wall = performance.now() - began;
  const [cpu, memory] = [await processorMs(nodeRed.pid), await residentBytes(nodeRed.pid)];
  await nodeRed.stop();
  const wrong = nodeRed.log.find((line) => line.includes('[error]'));
  if (wrong !== undefined) throw new Error(`the flow did not start: ${wrong}`);
  return { wall, cpu, memory };
}

/** The processor time of a process since it began, by Linux; NaN elsewhere. */
async function processorMs(pid: number | undefined): Promise<number> {
  if (process.platform !== 'linux' || pid === undefined) return Number.NaN;
  const text = await readFile(`/proc/${pid}/stat`, 'utf8');
  // The name, in brackets, may hold spaces; proc(5) numbers utime and stime 14 and 15.
  const [user, system] = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13);
  return (Number(user) + Number(system)) * MS_PER_TICK;
}

/** The resident memory of a process, by Linux; NaN elsewhere. */
async function residentBytes(pid: number | undefined): Promise<number> {
  if (process.platform !== 'linux' || pid === undefined) return Number.NaN;
  const text = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(text)?.[1]) * 1024;
}

function rowsOf(what: string, pairs: readonly Pair[]): Row[] {
  return [
    {
      figure: `added to the start, ${what}`,
      unit: 'ms',
      rounds: pairs.map(({ empty, ours }) => ours.wall - empty.wall),
      aim: { bound: 'at most', value: 250 },
    },
    {
      figure: `added processor time, ${what}`,
      unit: 'ms',
      rounds: pairs.map(({ empty, ours }) => ours.cpu - empty.cpu),
    },
    {
      figure: `added memory, ${what}`,
      unit: 'MiB',
      rounds: pairs.map(({ empty, ours }) => (ours.memory - empty.memory) / MIB),
    },
    {
      figure: `start with an empty package, ${what}`,
      unit: 'ms',
      rounds: pairs.map(({ empty }) => empty.wall),
    },
  ];
}

function sizeRow(bytes: number): Row {
  return {
    figure: 'installed, with all dependencies',
    unit: 'MiB',
    rounds: [bytes / MIB],
    aim: { bound: 'at most', value: 28 },
  };
}

/** One node that does nothing, where the palette manager would put it. */
async function makeEmptyPackage(userDir: string): Promise<void> {
  const folder = path.join(userDir, 'node_modules', 'node-red-empty');
  await mkdir(folder, { recursive: true });
  const manifest = {
    name: 'node-red-empty',
    version: '1.0.0',
    keywords: ['node-red'],
    'node-red': { nodes: { empty: 'empty.js' } },
  };
  await writeFile(path.join(folder, 'package.json'), JSON.stringify(manifest));
  await writeFile(
    path.join(folder, 'empty.js'),
    "module.exports = (RED) => RED.nodes.registerType('empty', function (n) { RED.nodes.createNode(this, n); });\n",
  );
  const page =
    "<script type=\"text/javascript\">RED.nodes.registerType('empty', { category: 'common', defaults: {} });</script>\n";
  await writeFile(path.join(folder, 'empty.html'), page);
  const project = { name: 'node-red-project', private: true };
  const dependencies = { 'node-red-empty': '1.0.0' };
  await writeFile(path.join(userDir, 'package.json'), JSON.stringify({ ...project, dependencies }));
}
