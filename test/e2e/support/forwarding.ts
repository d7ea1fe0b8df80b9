import { exampleFlow, nodeOfType } from './example-flow';
import type { FlowNode, NodeRedProcess } from './node-red-process';

export interface ForwardingOptions {
  /** The simulated server's address, such as `http://127.0.0.1:8080`. */
  crm: string;
  username: string;
  password: string;
  /** Where the webhooks go. */
  callback: string;
  signatureKey: string;
  /** Minutes; 0 polls only on the inject node. */
  interval: number;
  /** More properties of the server node. */
  server?: Record<string, unknown>;
  /** More properties of the poll node. */
  poll?: Record<string, unknown>;
  /** More properties of the callback node. */
  send?: Record<string, unknown>;
}

const RESOURCES = 5;
const INJECT = 'poll-now';
const REPORT = 'reports';

/** The example that forwards webhooks, as a user fills it in for these servers. */
export function forwardingFlow(options: ForwardingOptions): FlowNode[] {
  const { username, password, signatureKey } = options;
  return exampleFlow('4 Forward to a webhook', {
    'sagecrm-config': {
      subdomain: options.crm,
      ...options.server,
      credentials: { username, password },
    },
    'sagecrm-poll': { start: 'all', interval: options.interval, ...options.poll },
    'sagecrm-callback': {
      url: options.callback,
      allowPrivate: true,
      ...options.send,
      credentials: { signatureKey, username: '', password: '' },
    },
  });
}

/** The same flow with a button that polls, and a line in the log for each finished poll. */
export function drivenFlow(options: Omit<ForwardingOptions, 'interval'>): FlowNode[] {
  const flow = forwardingFlow({ ...options, interval: 0 });
  const poll = nodeOfType(flow, 'sagecrm-poll');
  const send = nodeOfType(flow, 'sagecrm-callback');
  const tab = nodeOfType(flow, 'tab');
  const reporting = { ...poll, report: true, outputs: 2, wires: [[send.id], [REPORT]] };
  return [
    ...flow.map((node) => (node === poll ? reporting : node)),
    {
      ...{ id: INJECT, type: 'inject', z: tab.id, name: 'Poll now', x: 140, y: 300 },
      ...{ props: [{ p: 'topic', vt: 'str' }], topic: 'poll', repeat: '', once: false },
      wires: [[poll.id]],
    },
    {
      ...{ id: REPORT, type: 'debug', z: tab.id, name: 'Reports', x: 380, y: 300, wires: [] },
      ...{ active: true, tosidebar: false, console: true, targetType: 'jsonata' },
      complete:
        '"finished " & payload.resource & " " & payload.created & "+" & payload.updated & " " & payload.error',
    },
  ];
}

/** Presses the button and resolves, once every resource has been polled, to how many events came. */
export async function pollOnce(nodeRed: NodeRedProcess): Promise<number> {
  const after = nodeRed.log.length;
  await nodeRed.inject(INJECT);
  const lines = await nodeRed.waitForLog(/finished \w+ \d/, { after, count: RESOURCES });
  return lines
    .flatMap((line) => /(\d+)\+(\d+)/.exec(line)?.slice(1) ?? [])
    .reduce((sum, figure) => sum + Number(figure), 0);
}
