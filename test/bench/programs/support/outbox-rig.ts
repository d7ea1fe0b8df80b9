import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { endpoints } from '../../../../src/delivery/endpoint';
import { Outbox } from '../../../../src/delivery/outbox';
import { httpTransport } from '../../../../src/delivery/transport';
import { systemClock } from '../../../../src/effects/clock';
import type { EventMessage } from '../../../../src/event/event';
import { LevelOutboxStore } from '../../../../src/store/level-outbox-store';
import { seededRandom } from '../../../support/random';
import { ENVELOPE, INSTANCE_ID } from './events';
import { IN_FLIGHT } from './loop';

export interface RigOptions {
  /** The folder in which the outbox gets one of its own. */
  folder: string;
  url: string;
  batchSize?: number;
}

/** An outbox put together as the callback node does it, on a new and empty folder. */
export class OutboxRig {
  private delivered = 0;
  private readonly webhooks = new Set<string>();
  private awaited:
    { count: number; resolve: () => void; reject: (error: unknown) => void } | undefined;
  private readonly outbox: Outbox;

  private constructor(
    private readonly folder: string,
    store: LevelOutboxStore,
    { url, batchSize = 1 }: RigOptions,
  ) {
    const clock = systemClock();
    const properties = { url, headers: {}, timeout: 15 };
    this.outbox = new Outbox({
      store,
      transport: httpTransport({ env: {}, allowPrivate: true, connectTimeoutMs: 15_000, clock }),
      envelope: ENVELOPE,
      endpointFor: endpoints(properties, { username: '', password: '' }),
      clock,
      random: seededRandom(1),
      concurrency: IN_FLIGHT,
      batchSize,
      onOutcome: ({ status, id }) => {
        if (status !== 'delivered') this.awaited?.reject(new Error(`${id} was given up`));
        this.webhooks.add(id);
        this.delivered += 1;
        if (this.delivered === this.awaited?.count) this.awaited.resolve();
      },
      onRetry: ({ error }) => this.awaited?.reject(error),
      onStatus: () => undefined,
      onError: (error) => this.awaited?.reject(error),
    });
  }

  static async open(options: RigOptions): Promise<OutboxRig> {
    const folder = await mkdtemp(path.join(options.folder, 'outbox-'));
    return new OutboxRig(folder, await LevelOutboxStore.open(folder), options);
  }

  /** How many webhooks carried what has been delivered. */
  get webhookCount(): number {
    return this.webhooks.size;
  }

  start(): Promise<void> {
    return this.outbox.start();
  }

  take(message: EventMessage): Promise<void> {
    return this.outbox.take({ message, target: '', instanceId: INSTANCE_ID });
  }

  /** Resolves once so many events have been delivered; rejects when a try fails. */
  untilDelivered(count: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.awaited = { count, resolve, reject };
    });
  }

  /** Ends the outbox and removes what it stored. */
  async close(): Promise<void> {
    await this.outbox.close();
    await rm(this.folder, { recursive: true });
  }
}
