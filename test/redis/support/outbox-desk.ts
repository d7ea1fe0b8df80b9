import { EventEmitter, once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { CallbackOutbox, OutboxListeners } from '../../../src/delivery/callback-outbox';
import { endpoints } from '../../../src/delivery/endpoint';
import type { Outcome, Retry } from '../../../src/delivery/outcome';
import { Outbox } from '../../../src/delivery/outbox';
import type { Transport, WebhookAnswer, WebhookRequest } from '../../../src/delivery/transport';
import { systemClock } from '../../../src/effects/clock';
import type { SageCrmError } from '../../../src/errors/sagecrm-error';
import { webhookId, type Envelope } from '../../../src/event/envelopes/envelope';
import { LevelOutboxStore } from '../../../src/store/level-outbox-store';
import { sampleMessage } from '../../unit/delivery/support/sample';
import { sharedOutbox } from './shared-outbox';

export type Reply = number | { status: number; retryAfter: string } | 'hang';

export interface DeskOptions {
  schedule?: readonly number[];
  concurrency?: number;
  mostLetters?: number;
  letterAgeMs?: number;
  batchSize?: number;
  flushMs?: number;
  rateLimit?: number;
  /** How many events the envelope carries. */
  maxEvents?: number;
}

type Opened = Required<OutboxListeners> &
  DeskOptions & {
    transport: Transport;
    envelope: Envelope;
    endpointFor: ReturnType<typeof endpoints>;
  };

/** Opens an outbox on what an earlier one has left. */
export type OpenOutbox = (options: Opened) => Promise<CallbackOutbox>;

const OWN_URL = 'https://receiver.example/hook';

/** The events' ids and nothing else, so that they can be read from the request. */
function envelopeOf(maxEvents: number): Envelope {
  return {
    format: 'open-connectors',
    maxEvents,
    render: (messages, { now }) => ({
      id: webhookId(messages),
      contentType: 'application/json',
      body: JSON.stringify({ events: messages.map(({ event }) => event.eventId), now }),
      headersFor: () => ({}),
    }),
  };
}

export interface Taken {
  id: string;
  record?: string;
  type?: string;
  target?: string;
  instanceId?: string;
}

/** An outbox of either kind with a scripted receiver, in real time. */
export class OutboxDesk {
  /** Each webhook by the ids of its events, such as `a+b`. */
  readonly posted: { id: string; url: string; body: string; at: number }[] = [];
  readonly outcomes: Outcome[] = [];
  readonly retries: Retry[] = [];
  readonly warnings: SageCrmError[] = [];
  readonly errors: unknown[] = [];
  reply: (id: string, url: string) => Reply = () => 200;
  underWay = 0;
  private readonly hanging = new Set<() => void>();
  private readonly changed = new EventEmitter().setMaxListeners(0);
  declare outbox: CallbackOutbox;

  constructor(private readonly open: OpenOutbox) {}

  async start({ maxEvents = 1, ...options }: DeskOptions = {}): Promise<void> {
    const told = <Item>(list: Item[]): ((item: Item) => void) => {
      return (item) => {
        list.push(item);
        this.changed.emit('change');
      };
    };
    this.outbox = await this.open({
      ...options,
      transport: { post: (request) => this.post(request), close: () => undefined },
      envelope: envelopeOf(maxEvents),
      endpointFor: endpoints(
        { url: OWN_URL, headers: {}, timeout: 15 },
        { username: '', password: '' },
      ),
      onOutcome: told(this.outcomes),
      onRetry: told(this.retries),
      onWarning: told(this.warnings),
      onError: told(this.errors),
      onStatus: () => undefined,
    });
    await this.outbox.start();
  }

  async take(...events: (Taken | string)[]): Promise<void> {
    for (const event of events) {
      const taken: Taken = typeof event === 'string' ? { id: event } : event;
      const { id, record = id, type = 'accounts', target = '', instanceId = 'poll-1' } = taken;
      const message = sampleMessage({ eventId: id, objectId: record, objectType: type });
      await this.outbox.take({ message, target, instanceId });
    }
  }

  /** Resolves once it holds; what the test waits for changes with requests and outcomes. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await once(this.changed, 'change');
  }

  outcomesAre(count: number): Promise<void> {
    return this.until(() => this.outcomes.length >= count);
  }

  get ids(): string[] {
    return this.posted.map(({ id }) => id);
  }

  /** What hangs is delivered. */
  stopHanging(): void {
    for (const answer of this.hanging) answer();
  }

  private hang(signal: AbortSignal): Promise<WebhookAnswer> {
    return new Promise((resolve, reject) => {
      const answer = (): void => {
        resolve({ statusCode: 200, hint: {} });
      };
      const stop = (): void => {
        this.hanging.delete(answer);
        reject(new Error('aborted'));
      };
      this.hanging.add(answer);
      if (signal.aborted) stop();
      else signal.addEventListener('abort', stop, { once: true });
    });
  }

  private async post({ url, body, signal }: WebhookRequest): Promise<WebhookAnswer> {
    const id = (JSON.parse(body) as { events: string[] }).events.join('+');
    this.posted.push({ id, url: url.href, body, at: performance.now() });
    this.underWay += 1;
    this.changed.emit('change');
    const reply = this.reply(id, url.href);
    try {
      if (reply === 'hang') return await this.hang(signal);
      return typeof reply === 'number'
        ? { statusCode: reply, hint: {} }
        : { statusCode: reply.status, hint: { retryAfter: reply.retryAfter } };
    } finally {
      this.underWay -= 1;
      this.changed.emit('change');
    }
  }
}

/** Opens shared outboxes under one prefix. */
export function opensShared(redisUrl: string, prefix: string): OpenOutbox {
  return (options) =>
    Promise.resolve(sharedOutbox({ ...options, redisUrl, url: OWN_URL, prefix, lockMs: 2_000 }));
}

/** Opens embedded outboxes in a folder. */
export function opensIn(folder: string): OpenOutbox {
  return async (options) =>
    new Outbox({
      ...options,
      store: await LevelOutboxStore.open(folder),
      clock: systemClock(),
      random: () => 0.5,
    });
}

/** Opens embedded outboxes in one folder of their own. */
export async function opensEmbedded(): Promise<{ open: OpenOutbox; remove: () => Promise<void> }> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'sagecrm-desk-'));
  return { open: opensIn(folder), remove: () => rm(folder, { recursive: true }) };
}
