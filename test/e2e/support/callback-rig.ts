import type { DeadLetterView } from '../../../nodes/sagecrm-callback/dead-letter-view';
import type { DeliveryReport } from '../../../nodes/sagecrm-callback/delivery-report';
import type { EventMessage } from '../../../src/event/event';
import { startReceiver, type WebhookReceiver } from '../../simulator/webhook-receiver';
import type { FlowNode, NodeRedProcess } from './node-red-process';

export const CALLBACK = 'callback';
/**
 * Few tries soon after one another, less than what opens the circuit breaker; the last is for a
 * machine that was too busy for what a test does between them.
 */
export const RETRIES = '0s 0.2s 1s 15s';

const TAB = 'tab';
const GIVE = 'give';

/** A message as it left the callback node, or came to the Catch node. */
export interface Outcome extends Partial<EventMessage> {
  delivery?: DeliveryReport;
  error?: { message: string; code?: string };
}

/** What a test may add to an event's message. */
export interface Extra {
  url?: string;
}

/** A callback node, a receiver for it, and a way to hand it messages and see what becomes of them. */
export class CallbackRig {
  private firstLine: number;

  private constructor(
    readonly nodeRed: NodeRedProcess,
    readonly receiver: WebhookReceiver,
  ) {
    this.firstLine = nodeRed.log.length;
  }

  static async on(nodeRed: NodeRedProcess): Promise<CallbackRig> {
    return new CallbackRig(nodeRed, await startReceiver({ canGoDown: true }));
  }

  /** Deploys the node with these properties beside those that suit a test. */
  async deploy(
    properties: Record<string, unknown> = {},
    credentials: Record<string, string> = {},
  ): Promise<void> {
    await this.nodeRed.deploy(flowOf({ url: this.receiver.url, ...properties }, credentials));
  }

  /** Takes the node away, and its state with it. */
  async close(): Promise<void> {
    await this.nodeRed.deploy([]);
    await this.receiver.close();
  }

  /** Hands the node a change of each of these records. */
  async give(records: readonly string[], extra: Extra = {}): Promise<void> {
    for (const record of records) await this.inject({ ...changeOf(record), ...extra });
  }

  /** Resolves to what became of so many messages, since the last call of `forget`. */
  outcomes(count: number): Promise<Outcome[]> {
    return this.logged<Outcome>('outcome', count);
  }

  /** Resolves once a status of the node matches. */
  async untilStatus(pattern: RegExp): Promise<void> {
    const line = new RegExp(`\\[debug:Status\\].*${pattern.source}`);
    await this.nodeRed.waitForLog(line, { after: this.firstLine });
  }

  /** What has been in the log so far counts no more. */
  forget(): void {
    this.firstLine = this.nodeRed.log.length;
  }

  /** Sends the node a message that steers it; resolves to the payload of its answer. */
  async ask<T>(topic: string, payload: unknown = ''): Promise<T> {
    const after = this.nodeRed.log.length;
    await this.inject({ topic, payload });
    const [answer] = await this.logged<{ payload: T }>('answer', 1, after);
    if (answer === undefined) throw new Error(`no answer to ${topic}`);
    return answer.payload;
  }

  /** Asks the admin API about the node. */
  async admin<T>(
    name: string,
    body: object = {},
    headers: Record<string, string> = {},
  ): Promise<T> {
    const path = `/sagecrm-callback/${name}`;
    const response = await this.nodeRed.request('POST', path, { id: CALLBACK, ...body }, headers);
    return (await response.json()) as T;
  }

  /** The dead letters, oldest first. */
  letters(): Promise<DeadLetterView[]> {
    return this.admin<DeadLetterView[]>('dead-letters', { order: 'oldest' });
  }

  /** The records that the receiver has been told of, in the order of arrival. */
  received(): string[] {
    return this.receiver.deliveries.map(recordIn);
  }

  private async inject(message: object): Promise<void> {
    const props = Object.entries(message).map(([p, v]) =>
      typeof v === 'string' ? { p, v, vt: 'str' } : { p, v: JSON.stringify(v), vt: 'json' },
    );
    const response = await this.nodeRed.request('POST', `/inject/${GIVE}`, {
      __user_inject_props__: props,
    });
    await response.body?.cancel();
  }

  private async logged<T>(word: string, count: number, after = this.firstLine): Promise<T[]> {
    const pattern = new RegExp(`\\[debug:\\w+\\] ${word} (.*)`);
    const lines = await this.nodeRed.waitForLog(pattern, { after, count });
    return lines.map((line) => JSON.parse(pattern.exec(line)?.[1] ?? '') as T);
  }
}

/** The message of a poll node for a record; a name such as `7.2` is the second change of record 7. */
export function changeOf(record: string): EventMessage {
  const [objectId = record, version = '1'] = record.split('.');
  const date = `2026-01-31T10:15:0${version}Z`;
  return {
    topic: 'accounts',
    payload: { key: objectId, Comp_Name: 'Müller & Söhne', record },
    event: {
      ...{ eventId: `event-${record}`, eventType: 'UPDATED', date, pollDate: date },
      ...{ objectType: 'accounts', objectId, elementKey: 'sagecrm', hubKey: 'crm' },
      ...{ instanceName: 'Head office', tags: [] },
    },
  };
}

/** The record as `give` was told it, whatever the format. */
function recordIn({ body }: { body: string }): string {
  return /"record":"([^"]*)"/.exec(body)?.[1] ?? '';
}

function flowOf(
  properties: Record<string, unknown>,
  credentials: Record<string, string>,
): FlowNode[] {
  const shown = { type: 'debug', z: TAB, x: 500, active: true, tosidebar: false, console: true };
  return [
    { id: TAB, type: 'tab', label: 'Callback', disabled: false },
    {
      ...{ id: GIVE, type: 'inject', z: TAB, x: 100, y: 100, wires: [[CALLBACK]] },
      ...{ props: [], repeat: '', once: false },
    },
    {
      ...{ id: CALLBACK, type: 'sagecrm-callback', z: TAB, x: 300, y: 100, wires: [['out']] },
      ...{ allowPrivate: true, retries: RETRIES, timeout: 15, ...properties, credentials },
    },
    { id: 'catch', type: 'catch', z: TAB, x: 100, y: 200, scope: null, wires: [['out']] },
    { id: 'status', type: 'status', z: TAB, x: 100, y: 300, scope: null, wires: [['statuses']] },
    {
      ...{ ...shown, id: 'out', name: 'Out', y: 100, wires: [], targetType: 'jsonata' },
      complete: '($exists(event) ? "outcome " : "answer ") & $string($)',
    },
    {
      ...{ ...shown, id: 'statuses', name: 'Status', y: 300, wires: [], targetType: 'jsonata' },
      complete: 'status.text',
    },
  ];
}
