import { writeSync } from 'node:fs';
import files from 'node:fs/promises';
import path from 'node:path';
import { ClassicLevel } from 'classic-level';
import { endpoints } from '../../../src/delivery/endpoint';
import { Outbox } from '../../../src/delivery/outbox';
import { httpTransport } from '../../../src/delivery/transport';
import type { Random } from '../../../src/effects/random';
import { SageCrmError } from '../../../src/errors/sagecrm-error';
import { createEnvelope } from '../../../src/event/envelopes/create-envelope';
import type { EventMessage } from '../../../src/event/event';
import type { Commit } from '../../../src/poll/commit/commit';
import { EarlyAcknowledgements } from '../../../src/poll/commit/early-acknowledgements';
import { CommitOnAcknowledgement } from '../../../src/poll/commit/on-acknowledgement';
import { CommitOnEmission } from '../../../src/poll/commit/on-emission';
import { Poller } from '../../../src/poll/poller';
import { LevelOutboxStore } from '../../../src/store/level-outbox-store';
import { LevelPollStore } from '../../../src/store/level-poll-store';
import { Crash, watched, watchMethods } from './crash';
import { FastClock, NEVER_MS } from './fast-clock';
import { lifeOptionsSchema, TELLING, type LifeOptions, type Sighting, type Told } from './messages';
import { createPollers, labelOf } from './pollers';
import { seededRandom } from '../../support/random';

const SECOND = 1000;
const INTERVAL_MS = 10 * SECOND;
/** In real time, which nothing on one machine ever takes. */
const CONNECT_MS = 60 * SECOND;
const RETRY_MS = 2 * SECOND;
const TRIES = 6;

const SIGNATURE_KEY = 'whsec_a2lsbCBrZXkga2lsbCBrZXkga2lsbCBrZXk=';

/** A poll node and a callback node without Node-RED, put together as the nodes do it. */
class Program {
  private readonly crash: Crash;
  private readonly clock: FastClock;
  private readonly random: Random;
  private readonly poller: Poller;
  private outbox: Promise<Outbox> | undefined;
  private outboxStore: LevelOutboxStore | undefined;
  private pollStore: LevelPollStore | undefined;
  private commit: Commit | undefined;
  /** The outbox is open, and what was given up is in it again if it is to be. */
  private isComplete = false;

  constructor(private readonly options: LifeOptions) {
    this.random = seededRandom(options.seed);
    this.crash = new Crash(options.crashAt, this.random);
    this.clock = new FastClock(options.timeBegan);
    watchMethods(ClassicLevel.prototype, 'level.open', ['_open'], this.crash);
    watchMethods(ClassicLevel.prototype, 'level.write', ['_put', '_batch', '_del'], this.crash);
    watchMethods(files, 'file', ['open', 'rename'], this.crash);
    this.poller = new Poller({
      open: () => this.openPollers(),
      intervalMs: INTERVAL_MS,
      clock: this.clock,
      random: this.random,
      onStatus: () => undefined,
      onReport: ({ resource, created, updated, pages, error }) => {
        tell({
          kind: 'polled',
          resource,
          pages,
          failed: error !== undefined,
          found: created + updated,
          unacknowledged: this.commit?.unacknowledged ?? 0,
          depth: this.depth(),
        });
      },
      onError: complain,
    });
  }

  async start(): Promise<void> {
    if (this.options.commit === 'acknowledged') this.outbox = this.openOutbox();
    this.poller.start();
    const outbox = await this.outbox;
    if (this.options.recover) {
      await outbox?.enable();
      await outbox?.replayDead();
    }
    this.isComplete = true;
  }

  /** Unknown before all is in the outbox that belongs there: none of it may be taken for rest. */
  private depth(): number | null {
    if (this.options.commit === 'emitted') return 0;
    return this.isComplete ? (this.outboxStore?.depth ?? null) : null;
  }

  async stop(): Promise<void> {
    await this.poller.stop();
    await this.commit?.close();
    await this.pollStore?.close();
    await (await this.outbox)?.close(SECOND);
  }

  private async openPollers(): Promise<ReturnType<typeof createPollers>> {
    const { crash, options, clock } = this;
    const level = await LevelPollStore.open(path.join(options.folder, 'poll'));
    this.pollStore = level;
    const watchedStore = watched(level, 'poll', crash);
    const store = new Proxy(watchedStore, {
      get: (target, key): unknown => (key === 'append' ? append : Reflect.get(target, key)),
    });
    const append: LevelPollStore['append'] = async (...given) => {
      const isLast = given[2].phase === 'emitting';
      await crash.around(isLast ? 'write2' : 'write1', () => level.append(...given));
      tell({ kind: 'journaled', sightings: given[1].map(({ message }) => sightingOf(message)) });
    };
    this.commit = this.createCommit(store);
    tell({ kind: 'opened' });
    return createPollers({ options, clock, store, crash, commit: this.commit });
  }

  private createCommit(store: LevelPollStore): Commit {
    const { crash, clock, options } = this;
    if (options.commit === 'emitted') {
      const emit = (message: EventMessage): void => {
        crash.around('emit', () => {
          tell({ kind: 'emitted', sighting: sightingOf(message) });
        });
      };
      const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
      return new CommitOnEmission(store, emit, nextTurn);
    }
    const commit = new CommitOnAcknowledgement({
      store,
      emit: (message) => {
        crash.around('emit', () => {
          tell({ kind: 'emitted', sighting: sightingOf(message) });
          this.takeOver(message, commit).catch(complain);
        });
      },
      clock,
      early: new EarlyAcknowledgements(options.maxInFlight),
      maxInFlight: options.maxInFlight,
      redeliverAfterMs: 0,
      onRoom: () => void this.poller.flowHasRoom(),
    });
    return commit;
  }

  /** What the callback node does with a message. */
  private async takeOver(message: EventMessage, commit: CommitOnAcknowledgement): Promise<void> {
    const outbox = await this.outbox;
    await this.crash.around('take', async () => {
      await outbox?.take({ message, target: '', instanceId: 'poll' });
    });
    await this.crash.around('acknowledge', () => commit.acknowledge([message.event.eventId]));
  }

  private async openOutbox(): Promise<Outbox> {
    const { crash, clock, options } = this;
    const level = await LevelOutboxStore.open(path.join(options.folder, 'outbox'));
    this.outboxStore = level;
    const transport = httpTransport({
      env: {},
      allowPrivate: true,
      connectTimeoutMs: CONNECT_MS,
      clock,
    });
    const outbox = new Outbox({
      store: watched(level, 'outbox', crash, 'letters'),
      transport: watched(transport, 'transport', crash),
      envelope: createEnvelope('cloudevents', SIGNATURE_KEY, {
        cloudEventsMode: options.batchSize > 1 ? 'batch' : 'structured',
      }),
      endpointFor: endpoints(
        { url: options.receiver, headers: {}, timeout: NEVER_MS / SECOND },
        { username: '', password: '' },
      ),
      clock,
      random: this.random,
      schedule: [0, ...Array.from({ length: TRIES - 1 }, () => RETRY_MS)],
      batchSize: options.batchSize,
      onError: complain,
    });
    await outbox.start();
    return outbox;
  }
}

function sightingOf({ payload, event }: EventMessage): Sighting {
  const { eventId, objectType, objectId } = event;
  return { eventId, objectType, objectId, label: labelOf(payload) };
}

/** Handed to the system before anything else happens, so that it outlives this process. */
function tell(told: Told): void {
  writeSync(TELLING, `${JSON.stringify(told)}\n`);
}

function complain(error: unknown): void {
  const code = error instanceof SageCrmError ? error.code : 'UNKNOWN';
  tell({ kind: 'problem', code, message: error instanceof Error ? error.message : String(error) });
}

function main(): void {
  const program = new Program(lifeOptionsSchema.parse(JSON.parse(process.argv[2] ?? '')));
  process.once('SIGTERM', () => {
    program.stop().catch(complain);
  });
  program.start().catch(complain);
}

main();
