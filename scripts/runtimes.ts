import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT, runOrThrow } from './process';

/** A Node-RED and the Node.js that runs it. */
export interface Runtime {
  /** As shown in test titles, such as `Node-RED 5`. */
  name: string;
  /** The Node.js executable. */
  node: string;
  /** The installed `node-red` package's folder. */
  folder: string;
  /** The script of the `node-red` command. */
  script: string;
}

export interface Runtimes {
  nodeRed4: Runtime;
  nodeRed5: Runtime;
}

const NODE_RED_5 = path.join(ROOT, 'test', 'runtimes', 'node-red-5');

/** Both supported Node-RED releases; the fifth and its Node.js are installed if they are not yet. */
export async function ensureRuntimes(): Promise<Runtimes> {
  return { nodeRed4: nodeRed4(), nodeRed5: await ensureNodeRed5() };
}

/** The development dependency, on the Node.js that runs this script. */
export function nodeRed4(): Runtime {
  return runtimeIn('Node-RED 4.1', process.execPath, ROOT);
}

/** Node-RED 5 on its own Node.js 24, whatever runs this script. */
export async function ensureNodeRed5(): Promise<Runtime> {
  if (!isInstalled(NODE_RED_5)) {
    console.log('Installing Node-RED 5 and Node.js 24 for the tests…');
    await runOrThrow('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd: NODE_RED_5,
    });
  }
  const node = path.join(NODE_RED_5, 'node_modules', 'node', 'bin', 'node');
  await runOrThrow(node, ['--version']);
  return runtimeIn('Node-RED 5', node, NODE_RED_5);
}

/** The executable of another Node.js such as `22.9`, in a folder where it shadows no other one. */
export async function ensureNode(version: string): Promise<string> {
  const folder = path.join(ROOT, '.build', 'nodes', version);
  const node = path.join(folder, 'node_modules', 'node', 'bin', 'node');
  if (!existsSync(node)) {
    console.log(`Installing Node.js ${version} for the tests…`);
    mkdirSync(folder, { recursive: true });
    const manifest = {
      ...{ name: 'another-node', version: '0.0.0', private: true },
      dependencies: { node: version },
      // The package fetches its executable while it is installed.
      allowScripts: { node: true },
    };
    writeFileSync(path.join(folder, 'package.json'), JSON.stringify(manifest));
    const options = ['--no-audit', '--no-fund', '--loglevel=error'];
    await runOrThrow('npm', ['install', ...options], { cwd: folder });
  }
  await runOrThrow(node, ['--version']);
  return node;
}

function runtimeIn(name: string, node: string, home: string): Runtime {
  const folder = path.join(home, 'node_modules', 'node-red');
  return { name, node, folder, script: path.join(folder, 'red.js') };
}

/** Whether npm finished an installation after the lock was last written. */
function isInstalled(folder: string): boolean {
  const installed = path.join(folder, 'node_modules', '.package-lock.json');
  if (!existsSync(installed)) return false;
  return statSync(installed).mtimeMs >= statSync(path.join(folder, 'package-lock.json')).mtimeMs;
}
