import { seededRandom } from '../../support/random';
import { writeSync } from 'node:fs';
import { systemClock } from '../../../src/effects/clock';
import { SageCrmError } from '../../../src/errors/sagecrm-error';
import type { EventMessage } from '../../../src/event/event';
import type { Commit } from '../../../src/poll/commit/commit';
import { EarlyAcknowledgements } from '../../../src/poll/commit/early-acknowledgements';
import { CommitOnAcknowledgement } from '../../../src/poll/commit/on-acknowledgement';
import { CommitOnEmission } from '../../../src/poll/commit/on-emission';
import { Poller } from '../../../src/poll/poller';
import type { PollStore } from '../../../src/store/poll-store';
import { Crash } from '../../kill/support/crash';
import { createPollers, labelOf } from '../../kill/support/pollers';
import { Instance } from './instance';
import { TELLING, workerOptionsSchema, type WorkerOptions, type WorkerTold } from './messages';

const RESOURCES = ['accounts', 'contacts'];

/** A poll node without Node-RED, which shares its state with others of its kind. */
class Program {
  private readonly clock = systemClock();
  private readonly poller: Poller;
  private readonly instance: Instance;
  private commit: Commit | undefined;

  constructor(private readonly options: WorkerOptions) {
    const { redis: url, owner, leaseMs, intervalMs } = options;
    this.instance = new Instance({
      ...{ url, owner, leaseMs, prefix: 'test', resources: RESOURCES },
      isInFlight: (resource) => (this.commit?.keysInFlight(resource).size ?? 0) > 0,
    });
    this.poller = new Poller({
      open: () => this.open(),
      intervalMs,
      clock: this.clock,
      random: seededRandom(process.pid),
      onStatus: () => undefined,
      onReport: ({ resource, error }) => {
        tell({ kind: 'polled', resource, failed: error !== undefined });
      },
      onError: complain,
    });
  }

  start(): void {
    this.poller.start();
  }

  async stop(): Promise<void> {
    await this.poller.stop();
    await this.commit?.close();
    await this.instance.close();
  }

  private async open(): Promise<ReturnType<typeof createPollers>> {
    const { instance, clock, options } = this;
    await instance.leases.open();
    const store = telling(instance.store);
    const commit = this.createCommit(store);
    this.commit = commit;
    return createPollers({
      ...{ options, clock, store, commit, crash: new Crash(undefined) },
      leaseOf: (resource) => instance.leases.of(resource),
    });
  }

  private createCommit(store: PollStore): Commit {
    if (this.options.commit === 'emitted') {
      const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
      return new CommitOnEmission(store, emit, nextTurn);
    }
    const commit = new CommitOnAcknowledgement({
      store,
      clock: this.clock,
      early: new EarlyAcknowledgements(50),
      maxInFlight: 50,
      redeliverAfterMs: 0,
      emit: (message) => {
        emit(message);
        const { eventId, objectType } = message.event;
        // What cannot be written is dealt with as the node does it.
        setImmediate(() => {
          commit.acknowledge([eventId]).catch((error: unknown) => {
            commit.forget(objectType);
            if (!(error instanceof SageCrmError && error.code === 'LEASE_LOST')) complain(error);
          });
        });
      },
      onRoom: () => void this.poller.flowHasRoom(),
    });
    return commit;
  }
}

function telling(store: PollStore): PollStore {
  const append: PollStore['append'] = async (...given) => {
    await store.append(...given);
    tell({ kind: 'journaled', sightings: given[1].map(({ message }) => sightingOf(message)) });
  };
  return new Proxy(store, {
    get: (target, key): unknown => {
      if (key === 'append') return append;
      const value: unknown = Reflect.get(target, key);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

function emit(message: EventMessage): void {
  tell({ kind: 'emitted', sighting: sightingOf(message) });
}

function sightingOf({ payload, event }: EventMessage) {
  const { eventId, objectType, objectId } = event;
  return { eventId, objectType, objectId, label: labelOf(payload) };
}

/** Handed to the system before anything else happens, so that it outlives this process. */
function tell(told: WorkerTold): void {
  writeSync(TELLING, `${JSON.stringify(told)}\n`);
}

function complain(error: unknown): void {
  const code = error instanceof SageCrmError ? error.code : 'UNKNOWN';
  tell({ kind: 'problem', code, message: error instanceof Error ? error.message : String(error) });
}

function main(): void {
  const program = new Program(workerOptionsSchema.parse(JSON.parse(process.argv[2] ?? '')));
  process.once('SIGTERM', () => {
    program.stop().catch(complain);
  });
  program.start();
}

main();
