import { createServer } from 'node:net';
import { parseArgs } from 'node:util';
import { forwardingFlow } from '../test/e2e/support/forwarding';
import { NodeRedProcess } from '../test/e2e/support/node-red-process';
import { newUserDir } from '../test/e2e/support/package';
import { eventOf } from '../test/e2e/support/webhooks';
import { startDemoChanges } from '../test/simulator/demo-changes';
import { startSimulator, type Simulator } from '../test/simulator/simulator';
import {
  startReceiver,
  type Delivery,
  type WebhookReceiver,
} from '../test/simulator/webhook-receiver';
import { ensureNodeRed5, nodeRed4, type Runtime } from './runtimes';

const USER = { username: 'crm-user', password: 'crm-pass' };
const SIGNATURE_KEY = 'demo';
const POLL_MINUTES = 0.1;
const CHANGE_EVERY_MS = 3000;
const EDITOR_PORT = 1880;
const AN_HOUR_MS = 3_600_000;

interface Options {
  runtime: Runtime;
  /** Of the editor; default: the first from 1880 on that is free. 0 takes any. */
  port: number | undefined;
  /** Ends by itself so long after the first webhook; without it only on Ctrl-C. */
  seconds: number | undefined;
}

/** What has to be undone at the end, last first. */
type Undo = () => void | Promise<void>;

async function main(): Promise<void> {
  const undo: Undo[] = [];
  const ended = untilSignal();
  try {
    const options = await readOptions();
    const shown = await Promise.race([start(options, undo), ended.then(() => undefined)]);
    if (shown === undefined) return;
    const over = options.seconds === undefined ? [] : [after(options.seconds, undo)];
    await Promise.race([ended, ...over]);
  } finally {
    console.log('Stopping…');
    for (const step of undo.reverse()) await step();
  }
}

async function readOptions(): Promise<Options> {
  const { values } = parseArgs({
    options: {
      'node-red': { type: 'string', default: '4' },
      port: { type: 'string' },
      seconds: { type: 'string' },
    },
  });
  const [port, seconds] = [numberIn('port', values.port), numberIn('seconds', values.seconds)];
  return { runtime: await runtimeFor(values['node-red']), port, seconds };
}

function numberIn(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d+(\.\d+)?$/.test(text)) throw new Error(`--${name}: expected a number, got ${text}`);
  return Number(text);
}

async function runtimeFor(release: string): Promise<Runtime> {
  if (release === '4') return nodeRed4();
  if (release === '5') return ensureNodeRed5();
  throw new Error(`--node-red: expected 4 or 5, got ${release}`);
}

/** Resolves once the first webhook has been shown. */
async function start({ runtime, port }: Options, undo: Undo[]): Promise<true> {
  console.log('Packing the nodes and installing them as a user would…');
  const userDir = await newUserDir();
  const simulator = await startSimulator(USER);
  undo.push(() => simulator.close());
  const receiver = await startReceiver();
  undo.push(() => receiver.close());
  keepChanging(simulator, undo);
  undo.push(receiver.onDelivery(printDelivery));
  console.log(`Starting ${runtime.name}…`);
  const nodeRed = await NodeRedProcess.start({
    ...{ runtime, userDir, port: port ?? (await freePort(EDITOR_PORT)) },
  });
  undo.push(() => nodeRed.stop());
  printAddresses(nodeRed, simulator, receiver, userDir);
  await nodeRed.deploy(
    forwardingFlow({
      crm: simulator.url,
      ...USER,
      callback: receiver.url,
      signatureKey: SIGNATURE_KEY,
      interval: POLL_MINUTES,
    }),
  );
  await receiver.waitFor(1);
  return true;
}

/** The first of `wanted` and the ports after it that is free on loopback. */
async function freePort(wanted: number): Promise<number> {
  for (let port = wanted; ; port++) {
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(false);
      else reject(error);
    });
    server.listen(port, '127.0.0.1', () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}

function keepChanging({ crm }: Simulator, undo: Undo[]): void {
  const each = { companies: 2, people: 1, leads: 1, opportunities: 1, users: 1 };
  crm.seed(each, { stamp: Date.now() - AN_HOUR_MS });
  undo.push(startDemoChanges(crm, { everyMs: CHANGE_EVERY_MS, random: Math.random }));
}

function printAddresses(
  nodeRed: NodeRedProcess,
  simulator: Simulator,
  receiver: WebhookReceiver,
  userDir: string,
): void {
  console.log(`
  Node-RED editor      ${nodeRed.url}
  simulated Sage CRM   ${simulator.url}  (user ${USER.username}, password ${USER.password})
  webhook receiver     ${receiver.url}
  user directory       ${userDir}

A record changes every ${CHANGE_EVERY_MS / 1000} s; the flow polls every ${POLL_MINUTES * 60} s. Ctrl-C ends everything.
`);
}

function printDelivery(delivery: Delivery): void {
  const { eventType, objectType, objectId, date } = eventOf(delivery);
  console.log(`${eventType} ${objectType} ${objectId}  ${date}`);
}

function untilSignal(): Promise<void> {
  return new Promise((resolve) => {
    // Kept until the end: a terminal and npm may both send the signal.
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        resolve();
      });
    }
  });
}

function after(seconds: number, undo: Undo[]): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, seconds * 1000);
    undo.push(() => {
      clearTimeout(timer);
    });
  });
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
