import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import type { Node, NodeAPI, NodeMessage, NodeStatus } from 'node-red';
import helper from 'node-red-node-test-helper';

/** Sets up the types of a module, as the module exports it. */
export type NodeInitializer = (RED: NodeAPI) => unknown;

/** A node or configuration node as a flow file holds it. */
export type FlowNode = { id: string; type: string } & Readonly<Record<string, unknown>>;

export type Credentials = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** A flow that runs in the test's own process. Ask for what is awaited before it can happen. */
export interface RunningFlow {
  node(id: string): Node;
  /** Hands a message to a node, as a wire would. */
  send(id: string, message: NodeMessage): void;
  /** The next message that a node takes in. */
  message(id: string): Promise<NodeMessage>;
  /** The next `count` messages that a node takes in, in order. */
  messages(id: string, count: number): Promise<NodeMessage[]>;
  /** The first status that a node shows from now on and that `wanted` accepts. */
  status(id: string, wanted: (status: NodeStatus) => boolean): Promise<NodeStatus>;
  /** Every status that a node has shown since the flow was loaded, in order. */
  statuses(id: string): NodeStatus[];
  /** The next thing that a node reports through `node.error`. */
  error(id: string): Promise<unknown>;
  /** What a node has logged at a level since the flow was loaded, in order. */
  logged(id: string, level: 'error' | 'warn'): unknown[];
  /** Starts another flow in place of this one, as a deploy does. */
  deploy(flow: readonly FlowNode[], type?: 'full' | 'flows' | 'nodes'): Promise<void>;
  /** Stops the flow; resolves when every node has closed. */
  stop(): Promise<void>;
}

/** The main module of the runtime under test: `TEST_NODE_RED`, or else the installed one. */
const RUNTIME = process.env.TEST_NODE_RED ?? require.resolve('node-red');

/** For `before`. */
export async function startNodeRed(settings: object = {}): Promise<void> {
  helper.init(RUNTIME);
  await helper.startServer();
  helper.settings(settings);
}

/** For `after`. */
export async function stopNodeRed(): Promise<void> {
  await helper.stopServer();
}

/** A user directory that goes with the Node-RED that has it. */
export interface OwnNodeRed {
  userDir: string;
  /** Ends the flow and Node-RED. */
  end: () => Promise<void>;
}

export async function startOwnNodeRed(): Promise<OwnNodeRed> {
  const userDir = await mkdtemp(path.join(os.tmpdir(), 'sagecrm-node-'));
  await startNodeRed({ userDir });
  return {
    userDir,
    end: async () => {
      await unloadFlow();
      await stopNodeRed();
      await rm(userDir, { recursive: true });
    },
  };
}

/**
 * One of the runtime's own node types, to load beside ours.
 *
 * @param file such as `network/05-tls.js`
 */
export function coreNode(file: string): NodeInitializer {
  return createRequire(RUNTIME)(`@node-red/nodes/core/${file}`) as NodeInitializer;
}

/** What the runtime and all nodes tell each other, as `RED.events`. */
export function runtimeEvents(): NodeAPI['events'] {
  return helper._events;
}

/** Ends the flow that a test has loaded. For `afterEach`. */
export async function unloadFlow(): Promise<void> {
  await helper.unload();
  // Node-RED loads a module once per process; the rig loads it anew for every flow.
  helper._events.removeAllListeners('flows:starting');
  helper._events.removeAllListeners('flows:started');
}

/**
 * Registers node types and starts a flow of them. Nodes of type `helper` take messages in for the
 * test; `catch`, `status` and `complete` are Node-RED's own and need no registering.
 */
export async function loadFlow(
  types: readonly NodeInitializer[],
  flow: readonly FlowNode[],
  credentials: Credentials = {},
): Promise<RunningFlow> {
  // The runtime takes the credentials of nodes that are deleted out of what it was given.
  await helper.load([...types], flow.map(placed), structuredClone(credentials));
  return {
    node: nodeOf,
    send: (id, message) => {
      nodeOf(id).receive(message);
    },
    message: async (id) => {
      const [message = {}] = await messagesAt(id, 1);
      return message;
    },
    messages: messagesAt,
    status: (id, wanted) =>
      nextCall(id, 'status', (argument) => wanted(argument as NodeStatus)) as Promise<NodeStatus>,
    statuses: statusesOf,
    error: (id) => nextCall(id, 'error', () => true),
    logged,
    deploy,
    stop: () => helper.clearFlows(),
  };
}

/** Resolves once the flows have started, however long that takes; the helper's own way waits 300 ms. */
async function deploy(
  flow: readonly FlowNode[],
  type: 'full' | 'flows' | 'nodes' = 'full',
): Promise<void> {
  const started = once(helper._events, 'flows:started');
  await helper._redNodes.setFlows(flow.map(placed), {}, type);
  await started;
}

/** The runtime takes a node without a place in the workspace for a configuration node. */
function placed(node: FlowNode): FlowNode {
  return 'wires' in node ? { x: 0, y: 0, ...node } : node;
}

function nodeOf(id: string): Node {
  const node = helper.getNode(id);
  if (node === null) throw new Error(`there is no node ${id}`);
  return node;
}

function messagesAt(id: string, count: number): Promise<NodeMessage[]> {
  const node = nodeOf(id);
  const received: NodeMessage[] = [];
  return new Promise((resolve) => {
    const onInput = (message: NodeMessage): void => {
      received.push(message);
      if (received.length < count) return;
      node.removeListener('input', onInput);
      resolve(received);
    };
    node.on('input', onInput);
  });
}

/** The first argument of the node's next call of `method` that `wanted` accepts. */
function nextCall(
  id: string,
  method: 'status' | 'error',
  wanted: (argument: unknown) => boolean,
): Promise<unknown> {
  const node = nodeOf(id);
  const event = `call:${method}`;
  return new Promise((resolve) => {
    const onCall = (call: { args: readonly unknown[] }): void => {
      const [argument] = call.args;
      if (!wanted(argument)) return;
      node.removeListener(event, onCall);
      resolve(argument);
    };
    node.addListener(event, onCall);
  });
}

function statusesOf(id: string): NodeStatus[] {
  const node = nodeOf(id);
  // The helper has put a sinon spy, shared by all nodes, in the place of the method.
  const spy = Reflect.get(node, 'status') as unknown as {
    getCalls(): { thisValue: unknown; args: readonly unknown[] }[];
  };
  return spy
    .getCalls()
    .filter(({ thisValue }) => thisValue === node)
    .map(({ args }) => args[0] as NodeStatus);
}

function logged(id: string, level: 'error' | 'warn'): unknown[] {
  const log = helper.log();
  const wanted = level === 'error' ? log.ERROR : log.WARN;
  return log
    .getCalls()
    .map(({ args: [entry] }) => entry)
    .filter((entry) => entry.level === wanted && entry.id === id)
    .map((entry) => entry.msg);
}
