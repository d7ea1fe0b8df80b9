import { defaultResources } from '../../../src/config/defaults';
import type { FlowNode } from './node-red-process';

export const TAB = 'tab';
export const SERVER = 'server';
export const POLL = 'poll';
export const LOG_ON = { username: 'crm-user', password: 'crm-pass' };

/** Node-RED fills in the message; the path alone says all, so no other node delays the event. */
const EVENT_PATH =
  '/{{instanceId}}/{{event.objectType}}/{{event.objectId}}/{{event.date}}/{{event.eventId}}/{{event.instanceName}}';

/** An event as the receiver gets it. */
export interface SentEvent {
  /** The id of its poll node. */
  from: string;
  objectType: string;
  objectId: string;
  date: string;
  eventId: string;
  instanceName: string;
}

/** Reads the path of a request to the receiver. */
export function sentEvent(path: string): SentEvent {
  const parts = path.split('/').slice(1).map(decodeURIComponent);
  const [from = '', objectType = '', objectId = '', date = '', eventId = '', instanceName = ''] =
    parts;
  return { from, objectType, objectId, date, eventId, instanceName };
}

/** Where the messages of a poll node come from and go to. */
export interface Addresses {
  /** The simulated server. */
  crm: string;
  /** Gets the event of each message, on a path that is the id of its poll node. */
  receiver: string;
}

export interface PollerOptions {
  /** Minutes; default 0: polls only when asked to. */
  interval?: number;
  /** Records of a page; tells the requests of one poll node from those of another. Default: 20. */
  pageSize?: number;
  tab?: string;
}

/** A tab and a server for poll nodes to stand on. */
export function basis(crm: string): FlowNode[] {
  return [
    { id: TAB, type: 'tab', label: 'Polling', disabled: false },
    {
      id: SERVER,
      type: 'sagecrm-config',
      name: 'Head office',
      subdomain: crm,
      timezone: 'UTC',
      rateLimit: 0,
    },
  ];
}

/** The poll node alone; its second output reports every finished poll. */
export function pollNode(
  id: string,
  { interval = 0, pageSize = 20, tab = TAB }: PollerOptions = {},
): FlowNode {
  const { accounts } = defaultResources();
  return {
    ...{ id, type: 'sagecrm-poll', z: tab, name: '', server: SERVER, x: 200, y: 100 },
    ...{ start: 'all', interval, resources: { accounts: { ...accounts, pageSize } } },
    ...{ report: true, outputs: 2, wires: [[senderOf(id)], [reporterOf(id)]] },
  };
}

/**
 * What is around a poll node, or around the instance of a subflow that holds one: a button that
 * polls, a request that tells the receiver of each event, and a line in the log for each report.
 */
export function surroundings(id: string, receiver: string, tab = TAB): FlowNode[] {
  return [
    {
      ...{ id: buttonOf(id), type: 'inject', z: tab, x: 100, y: 100, wires: [[id]] },
      ...{ props: [{ p: 'topic', vt: 'str' }], topic: 'poll', repeat: '', once: false },
    },
    {
      ...{ id: senderOf(id), type: 'http request', z: tab, x: 400, y: 100, wires: [[]] },
      ...{ method: 'POST', ret: 'txt', paytoqs: 'ignore', url: receiver + EVENT_PATH },
      ...{ tls: '', persist: false, proxy: '', insecureHTTPParser: false, authType: '' },
      ...{ senderr: false, headers: [] },
    },
    {
      ...{ id: reporterOf(id), type: 'debug', z: tab, x: 400, y: 200, wires: [] },
      ...{ active: true, tosidebar: false, console: true, targetType: 'jsonata' },
      complete: `"finished ${id} " & payload.created & "+" & payload.updated`,
    },
  ];
}

/** One poll node with all that it needs. */
export function pollFlow({ crm, receiver }: Addresses, options: PollerOptions = {}): FlowNode[] {
  return [...basis(crm), pollNode(POLL, options), ...surroundings(POLL, receiver)];
}

/** The same flow with other properties in one of its nodes. */
export function edited(
  flow: readonly FlowNode[],
  id: string,
  changes: Record<string, unknown>,
): FlowNode[] {
  if (!flow.some((node) => node.id === id)) throw new Error(`the flow has no node ${id}`);
  return flow.map((node) => (node.id === id ? { ...node, ...changes } : node));
}

/** The same flow with everything that was on one tab on another. */
export function movedTo(flow: readonly FlowNode[], tab: string): FlowNode[] {
  return flow.map((node) => (node.z === TAB ? { ...node, z: tab } : node));
}

export function without(flow: readonly FlowNode[], ...ids: string[]): FlowNode[] {
  return flow.filter(({ id }) => !ids.includes(id));
}

/** The flow as the editor sends it once the user has typed the log-on. */
export function withLogOn(flow: readonly FlowNode[], credentials = LOG_ON): FlowNode[] {
  return edited(flow, SERVER, { credentials });
}

export function buttonOf(id: string): string {
  return `${id}Button`;
}

function senderOf(id: string): string {
  return `${id}Sender`;
}

function reporterOf(id: string): string {
  return `${id}Reporter`;
}
