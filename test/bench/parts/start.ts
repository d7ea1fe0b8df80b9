import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { installInto, packInto } from '../../../scripts/package';
import { nodeRed4 } from '../../../scripts/runtimes';
import { NodeRedProcess } from '../../e2e/support/node-red-process';
import type { Part, Row } from '../part';

const MIB = 1024 * 1024;

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
      const times = await startTimes(rounds, empty, ours);
      return [...rowsOf(times), sizeRow(await sizeOf(path.join(ours, 'node_modules')))];
    } finally {
      await rm(folder, { recursive: true });
    }
  },
};

interface Times {
  empty: number;
  ours: number;
}

/** Taking turns, after one start of each that fills the caches of the disk. */
async function startTimes(rounds: number, empty: string, ours: string): Promise<Times[]> {
  const times: Times[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    times.push({ empty: await startMs(empty), ours: await startMs(ours) });
  }
  return times.slice(1);
}

async function startMs(userDir: string): Promise<number> {
  const began = performance.now();
  const nodeRed = await NodeRedProcess.start({ runtime: nodeRed4(), userDir });
  const ms = performance.now() - began;
  await nodeRed.stop();
  return ms;
}

function rowsOf(times: readonly Times[]): Row[] {
  return [
    {
      figure: 'added to the start of Node-RED',
      unit: 'ms',
      rounds: times.map(({ empty, ours }) => ours - empty),
      aim: { bound: 'at most', value: 150 },
    },
    {
      figure: 'start with an empty package',
      unit: 'ms',
      rounds: times.map(({ empty }) => empty),
    },
  ];
}

function sizeRow(bytes: number): Row {
  return {
    figure: 'installed, with all dependencies',
    unit: 'MiB',
    rounds: [bytes / MIB],
    aim: { bound: 'at most', value: 15 },
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

/** Bytes that the files of a folder take on the disk, in blocks. */
async function sizeOf(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const { blocks } = await stat(path.join(entry.parentPath, entry.name));
    bytes += blocks * 512;
  }
  return bytes;
}
