import { cp, mkdtemp, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { defaultResources } from '../../src/config/defaults';
import { installInto, packInto } from '../../scripts/package';
import { ROOT, runOrThrow } from '../../scripts/process';
import { nodeRed4 } from '../../scripts/runtimes';
import { answerPage } from '../backlog/hub';
import { BacklogRows } from '../backlog/rows';
import { NodeRedProcess, type FlowNode } from '../e2e/support/node-red-process';
import { feedOf } from './feed';

/** Also the most that the server puts into one page, which is all that a hand-made flow asks for. */
const RECORDS = 5000;
const PEERS = path.join(ROOT, 'test', 'bench', 'peers');
const COUNTER = 'counter';

interface PeerFlow {
  /** Completes “this package to …”. */
  name: string;
  /** Its last node sends to `counter`. */
  nodes: (crm: string) => FlowNode[];
}

/** The same records, as messages of one record each. */
export const PEER_FLOWS: readonly PeerFlow[] = [
  { name: 'This package', nodes: ourFlow },
  { name: 'node-red-node-feedparser, on an equal feed, in memory only', nodes: feedFlow },
  { name: 'an http request and a function with context, in memory only', nodes: handMadeFlow },
];

export interface Stage {
  nodeRed: NodeRedProcess;
  crm: string;
  close(): Promise<void>;
}

/** A Node-RED with this package and the peers, and a server with as many records and articles. */
export async function startStage(): Promise<Stage> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'sagecrm-peers-'));
  const userDir = path.join(folder, 'user');
  await installInto(userDir, await packInto(path.join(folder, 'pack')));
  await addPeers(path.join(userDir, 'node_modules'));
  const server = await listening();
  const { port } = server.address() as AddressInfo;
  const nodeRed = await NodeRedProcess.start({ runtime: nodeRed4(), userDir });
  return {
    nodeRed,
    crm: `http://127.0.0.1:${port}`,
    close: async () => {
      await nodeRed.stop();
      server.closeAllConnections();
      server.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** @returns milliseconds from the deploy to the last message */
export async function flowRun({ nodeRed, crm }: Stage, { nodes }: PeerFlow): Promise<number> {
  const after = nodeRed.log.length;
  const began = performance.now();
  await nodeRed.requestDeploy([{ id: 'flow', type: 'tab' }, ...nodes(crm), counter()]);
  await nodeRed.waitForLog(/all have come/, { after, timeoutMs: 120_000 });
  const ms = performance.now() - began;
  await nodeRed.deploy([]);
  return ms;
}

async function addPeers(modules: string): Promise<void> {
  if (!existsSync(path.join(PEERS, 'node_modules'))) {
    await runOrThrow('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: PEERS });
  }
  await cp(path.join(PEERS, 'node_modules'), modules, { recursive: true, force: false });
}

async function listening(): Promise<Server> {
  const rows = new BacklogRows(RECORDS, 'ascending');
  const feed = feedOf(rows);
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    if (url.pathname === '/feed')
      response.setHeader('content-type', 'application/rss+xml').end(feed);
    else answerPage(rows, url.searchParams, response);
  });
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return server;
}

function counter(): FlowNode {
  const func = `const count = (context.get('count') || 0) + 1;
context.set('count', count);
if (count === ${RECORDS}) node.warn('all have come');`;
  return { id: COUNTER, type: 'function', z: 'flow', func, outputs: 0, wires: [] };
}

/** A new node each time: what it had seen before is not there. */
function ourFlow(crm: string): FlowNode[] {
  const server = {
    id: 'server',
    type: 'sagecrm-config',
    subdomain: crm,
    api: 'hub',
    rateLimit: 1000,
  };
  const { accounts } = defaultResources();
  const resources = { accounts: { ...accounts, pageSize: RECORDS } };
  return [
    { ...server, credentials: { username: 'crm-user', password: 'crm-pass' } },
    {
      ...{ id: 'ours', type: 'sagecrm-poll', z: 'flow', server: 'server', wires: [[COUNTER]] },
      ...{ resources, start: 'all', interval: 60 },
    },
  ];
}

function feedFlow(crm: string): FlowNode[] {
  return [
    {
      ...{ id: 'feed', type: 'feedparse', z: 'flow', wires: [[COUNTER]] },
      ...{ url: `${crm}/feed`, interval: 60 },
    },
  ];
}

/** As the cookbooks show it: what was seen is kept in context, and compared by id and date. */
function handMadeFlow(crm: string): FlowNode[] {
  const func = `const seen = flow.get('seen') || {};
const fresh = msg.payload.filter((row) => seen[row.key] !== row.Comp_UpdatedDate);
for (const row of fresh) seen[row.key] = row.Comp_UpdatedDate;
flow.set('seen', seen);
return [fresh.map((row) => ({ topic: 'accounts', payload: row }))];`;
  const url = `${crm}/hubs/crm/accounts?pageSize=${RECORDS}`;
  return [
    {
      ...{ id: 'go', type: 'inject', z: 'flow', once: true, onceDelay: 0, wires: [['ask']] },
      ...{ props: [{ p: 'payload' }], repeat: '', crontab: '' },
    },
    {
      ...{ id: 'ask', type: 'http request', z: 'flow', method: 'GET', ret: 'obj', url },
      ...{ wires: [['compare']] },
    },
    { id: 'compare', type: 'function', z: 'flow', func, outputs: 1, wires: [[COUNTER]] },
  ];
}
