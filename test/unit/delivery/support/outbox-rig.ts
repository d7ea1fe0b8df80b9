import { cpSync, rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { endpoints } from '../../../../src/delivery/endpoint';
import type { Outcome, Retry } from '../../../../src/delivery/outcome';
import { Outbox } from '../../../../src/delivery/outbox';
import type { OutboxOptions } from '../../../../src/delivery/outbox-options';
import type { OutboxStatus } from '../../../../src/delivery/outbox-status';
import type { Transport, WebhookAnswer, WebhookRequest } from '../../../../src/delivery/transport';
import { SageCrmError } from '../../../../src/errors/sagecrm-error';
import { webhookId, type Envelope } from '../../../../src/event/envelopes/envelope';
import { LevelOutboxStore } from '../../../../src/store/level-outbox-store';
import type { OutboxStore } from '../../../../src/store/outbox-store';
import { ManualClock } from '../../../support/manual-clock';
import { sampleMessage } from './sample';

export const OWN_URL = 'https://receiver.example/hook';

/** What a webhook of the rig's envelope looks like to its receiver. */
export interface Posted {
  id: string;
  events: string[];
  /** When it was taken or put together. */
  now: number;
  instanceId: string;
  url: string;
  /** When it was tried, wall clock. */
  at: number;
  body: string;
  headers: Readonly<Record<string, string>>;
}

export type Answer = number | { status: number; retryAfter: string } | 'hang' | 'reset';

/** Answers each request as `respond` says; no answer comes to a request that hangs. */
export class ScriptedTransport implements Transport {
  readonly posted: Posted[] = [];
  respond: (posted: Posted) => Answer = () => 200;
  /** A killed process sends nothing any more. */
  isDead = false;
  isClosed = false;
  underWay = 0;
  mostUnderWay = 0;

  constructor(private readonly clock: ManualClock) {}

  async post(request: WebhookRequest): Promise<WebhookAnswer> {
    if (this.isDead) return hang(request.signal);
    const body = JSON.parse(request.body) as Pick<Posted, 'id' | 'events' | 'now' | 'instanceId'>;
    const posted: Posted = {
      ...body,
      url: request.url.href,
      at: this.clock.now(),
      body: request.body,
      headers: request.headers,
    };
    this.posted.push(posted);
    this.underWay += 1;
    this.mostUnderWay = Math.max(this.mostUnderWay, this.underWay);
    try {
      return await this.answer(this.respond(posted), request.signal);
    } finally {
      this.underWay -= 1;
    }
  }

  close(): void {
    this.isClosed = true;
  }

  private answer(answer: Answer, signal: AbortSignal): Promise<WebhookAnswer> {
    if (answer === 'hang') return hang(signal);
    if (answer === 'reset') {
      return Promise.reject(new SageCrmError('UNREACHABLE', 'reset', 'look at the receiver'));
    }
    return Promise.resolve(
      typeof answer === 'number'
        ? { statusCode: answer, hint: {} }
        : { statusCode: answer.status, hint: { retryAfter: answer.retryAfter } },
    );
  }
}

function hang(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const stop = (): void => {
      reject(new Error('aborted'));
    };
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}

export interface Taken {
  /** The event's id. */
  id: string;
  record?: string;
  type?: string;
  target?: string;
  instanceId?: string;
}

export type RigOptions = Partial<Omit<OutboxOptions, 'clock' | 'transport'>> & {
  /** How many events the envelope carries. */
  maxEvents?: number;
};

/** An outbox on a real store in a temporary folder, with a scripted transport and a manual clock. */
export class OutboxRig {
  readonly outcomes: Outcome[] = [];
  readonly retries: Retry[] = [];
  readonly warnings: SageCrmError[] = [];
  readonly errors: unknown[] = [];
  readonly statuses: OutboxStatus[] = [];
  respond: (posted: Posted) => Answer = () => 200;
  /** Called with an open store before its outbox starts. */
  beforeStart: (store: OutboxStore) => Promise<void> = () => Promise.resolve();
  private runs = 0;

  private constructor(
    readonly clock: ManualClock,
    private readonly root: string,
    private options: RigOptions,
    private run: Run,
  ) {}

  static async start(options: RigOptions = {}): Promise<OutboxRig> {
    const clock = new ManualClock();
    const root = await mkdtemp(path.join(os.tmpdir(), 'sagecrm-outbox-'));
    const run = await Run.open(path.join(root, '0'));
    const rig = new OutboxRig(clock, root, options, run);
    await rig.begin();
    return rig;
  }

  get outbox(): Outbox {
    return this.run.outbox;
  }

  get transport(): ScriptedTransport {
    return this.run.transport;
  }

  get store(): OutboxStore {
    return this.run.store;
  }

  /** Every webhook that was posted, over all runs. */
  readonly posted: Posted[] = [];

  /** The ids of the events posted since the last call, webhook by webhook. */
  takePosted(): string[] {
    return this.posted.splice(0).map(({ events }) => events.join('+'));
  }

  /** Resolves when the event is taken; what follows may still be under way. */
  take({ id, record = id, type = 'accounts', target = '', instanceId = 'poll-1' }: Taken) {
    return this.outbox.take({
      message: sampleMessage({ eventId: id, objectId: record, objectType: type }),
      target,
      instanceId,
    });
  }

  /** Takes events of records of their own at once, and waits for what follows. */
  async takeAll(...events: (Taken | string)[]): Promise<void> {
    await Promise.all(events.map((e) => this.take(typeof e === 'string' ? { id: e } : e)));
    await this.settle();
  }

  /** Waits until nothing happens any more before the clock moves. */
  async settle(): Promise<void> {
    for (let calm = 0; calm < 4; calm = this.run.pending.size === 0 ? calm + 1 : 0) {
      await Promise.allSettled(this.run.pending);
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }

  async advance(ms: number): Promise<void> {
    await this.clock.advance(ms);
    await this.settle();
  }

  /** Closes the outbox and opens it again, as a redeploy does. */
  async restart(changes: RigOptions = {}): Promise<void> {
    await this.run.outbox.close();
    this.options = { ...this.options, ...changes };
    this.run = await Run.open(this.run.folder);
    await this.begin();
  }

  /** Goes on from what the disk holds at this moment, as after a kill. */
  async crash(): Promise<void> {
    const killed = this.run;
    killed.transport.isDead = true;
    this.runs += 1;
    const folder = path.join(this.root, String(this.runs));
    copyOf(killed.folder, folder);
    await killed.outbox.close();
    this.run = await Run.open(folder);
    await this.begin();
  }

  async close(): Promise<void> {
    await this.run.outbox.close();
    await rm(this.root, { recursive: true });
  }

  private async begin(): Promise<void> {
    const { run, clock, posted } = this;
    const { maxEvents = 1, ...options } = this.options;
    const transport = new ScriptedTransport(clock);
    const whileAlive = <Value>(act: (value: Value) => void): ((value: Value) => void) => {
      return (value) => {
        if (!transport.isDead) act(value);
      };
    };
    transport.respond = (request) => {
      posted.push(request);
      return this.respond(request);
    };
    run.transport = transport;
    run.outbox = new Outbox({
      store: run.counted,
      transport,
      clock,
      random: () => 0.5,
      envelope: envelopeOf(maxEvents),
      endpointFor: endpoints(
        { url: OWN_URL, headers: { 'X-Own': 'own' }, timeout: 15 },
        { username: '', password: '' },
      ),
      onOutcome: whileAlive((outcome) => this.outcomes.push(outcome)),
      onRetry: whileAlive((retry) => this.retries.push(retry)),
      onWarning: whileAlive((warning) => this.warnings.push(warning)),
      onError: whileAlive((error) => this.errors.push(error)),
      onStatus: whileAlive((status) => this.statuses.push(status)),
      ...options,
    });
    await this.beforeStart(run.store);
    await run.outbox.start();
    await this.settle();
  }
}

/** Copies a database in use; one whose files change at that moment is copied anew. */
function copyOf(from: string, to: string): void {
  for (;;) {
    try {
      cpSync(from, to, { recursive: true });
      return;
    } catch {
      rmSync(to, { recursive: true, force: true });
    }
  }
}

/** One life of the outbox. */
class Run {
  declare outbox: Outbox;
  declare transport: ScriptedTransport;
  /** What the outbox waits for from its store. */
  readonly pending = new Set<Promise<unknown>>();
  readonly counted: OutboxStore;

  private constructor(
    readonly folder: string,
    readonly store: OutboxStore,
  ) {
    this.counted = counting(store, this.pending);
  }

  static async open(folder: string): Promise<Run> {
    return new Run(folder, await LevelOutboxStore.open(folder));
  }
}

/** Keeps the promises that the methods of an object, and of objects in it, have given. */
function counting<Target extends object>(target: Target, pending: Set<Promise<unknown>>): Target {
  return new Proxy(target, {
    get(_target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value === 'object' && value !== null) return counting(value, pending);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]): unknown => {
        const result: unknown = Reflect.apply(value, target, args);
        if (!(result instanceof Promise)) return result;
        const watched: Promise<unknown> = result;
        const over = (): void => {
          pending.delete(watched);
        };
        pending.add(watched);
        watched.then(over, over);
        return result as unknown;
      };
    },
  });
}

function envelopeOf(maxEvents: number): Envelope {
  return {
    format: 'open-connectors',
    maxEvents,
    render(messages, { now, instanceId }) {
      const id = webhookId(messages);
      const events = messages.map(({ event }) => event.eventId);
      return {
        id,
        contentType: 'application/json',
        body: JSON.stringify({ id, events, now, instanceId }),
        headersFor: (attemptAt) => ({ 'webhook-timestamp': String(attemptAt / 1000) }),
      };
    },
  };
}
