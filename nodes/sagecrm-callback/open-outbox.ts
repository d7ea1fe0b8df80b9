import type { Node, NodeAPI } from 'node-red';
import type { CallbackCredentials, CallbackProperties } from '../../src/config/callback-properties';
import { endpoints } from '../../src/delivery/endpoint';
import type { CallbackOutbox, OutboxListeners } from '../../src/delivery/callback-outbox';
import { abortedFault } from '../../src/delivery/fault';
import { Outbox } from '../../src/delivery/outbox';
import type { Clock } from '../../src/effects/clock';
import { createEnvelope } from '../../src/event/envelopes/create-envelope';
import type { Envelope } from '../../src/event/envelopes/envelope';
import type { EventMessage } from '../../src/event/event';
import { LevelOutboxStore } from '../../src/store/level-outbox-store';
import type { StoreKind } from '../../src/store/migration/movable';
import type { MovedOutbox } from '../../src/store/migration/outbox-state';
import { stateFolder } from '../runtime/state-folder';
import { prepareTransport } from './connection';
import { bringOutbox } from './origin';
import { createSharedOutbox, redisOf } from './shared-outbox';

const DAY_MS = 86_400_000;
const SECOND_MS = 1000;

/** How long requests may still take when the node closes; Node-RED gives it 15 s in all. */
const GRACE_MS = 3000;

export interface OutboxSetup extends OutboxListeners {
  RED: NodeAPI;
  node: Node;
  properties: CallbackProperties;
  credentials: CallbackCredentials;
  clock: Clock;
}

/** The outbox of a callback node, opened when it is first needed, and once more after a failure. */
export class OpenOutbox {
  /** The outbox, while it is open. */
  opened: CallbackOutbox | undefined;
  private opening: Promise<CallbackOutbox> | undefined;
  private readonly closing = new AbortController();
  private readonly create: () => Promise<CallbackOutbox>;

  /** @throws SageCrmError for settings that cannot work, such as a bad key or TLS node */
  constructor(private readonly setup: OutboxSetup) {
    this.create = prepare(setup);
  }

  /**
   * @throws SageCrmError `STATE_LOCKED`, `STATE_CORRUPT` or `STATE_IO`; with the state on Redis,
   *   `REDIS_MISSING` or `REDIS_UNAVAILABLE`; `STATE_MOVED` or `STATE_ELSEWHERE` when the outbox is in
   *   the other store
   */
  get(): Promise<CallbackOutbox> {
    this.opening ??= this.open();
    return this.opening;
  }

  /**
   * Moves the outbox from another store into the one in use; whoever asks for it meanwhile waits.
   *
   * @throws SageCrmError `INPUT_INVALID` when it is there already, or there is none, and what the move
   *   throws; the outbox is opened again all the same
   */
  adopt(from: StoreKind): Promise<MovedOutbox> {
    const { signal } = this.closing;
    const moved = this.shut().then(() => bringOutbox(this.setup, from, signal));
    this.opening = moved
      .catch(() => undefined)
      .then(() => {
        signal.throwIfAborted();
        return this.open();
      });
    // Whoever asks for the outbox next is told.
    this.opening.catch(() => undefined);
    return moved;
  }

  /** A copy under way ends before its end. */
  async close(): Promise<void> {
    this.closing.abort(abortedFault());
    await this.shut();
  }

  private open(): Promise<CallbackOutbox> {
    return this.create().then(
      (outbox) => (this.opened = outbox),
      (error: unknown) => {
        this.opening = undefined;
        throw error;
      },
    );
  }

  private async shut(): Promise<void> {
    const outbox = await this.opening?.catch(() => undefined);
    this.opened = undefined;
    await outbox?.close(GRACE_MS);
  }
}

/** Checks the settings at once; the store and the connections come with the first opening. */
function prepare(setup: OutboxSetup): () => Promise<CallbackOutbox> {
  const { RED, node, properties, credentials, clock, ...listeners } = setup;
  const { format, cloudEventsMode } = properties;
  const envelope = createEnvelope(format, credentials.signatureKey, { cloudEventsMode });
  const endpointFor = endpoints(properties, credentials);
  const newTransport = prepareTransport(RED, properties, clock);
  return async () => {
    const redis = redisOf(RED, properties);
    const folder = stateFolder(RED, node);
    const options = {
      ...listeners,
      ...{ endpointFor, clock, random: Math.random },
      envelope: withInstanceName(RED, properties.server, envelope),
      schedule: properties.retries,
      concurrency: properties.concurrency,
      rateLimit: properties.rateLimit,
      batchSize: properties.batchSize,
      flushMs: properties.flushAfter * SECOND_MS,
      mostLetters: properties.deadLetterLimit,
      letterAgeMs: properties.deadLetterDays * DAY_MS,
    };
    const outbox =
      redis === undefined
        ? new Outbox({
            ...options,
            store: await LevelOutboxStore.open(folder),
            transport: newTransport(),
          })
        : await createSharedOutbox({
            ...{ ...options, RED, redis, folder, node: node.id },
            transport: newTransport(),
          });
    try {
      await outbox.start();
    } catch (error) {
      await outbox.close();
      throw error;
    }
    return outbox;
  };
}

/** Events of a configuration node without a name take the name of the one chosen in the callback. */
function withInstanceName(RED: NodeAPI, server: string, envelope: Envelope): Envelope {
  if (server === '') return envelope;
  const named = (message: EventMessage): EventMessage => {
    if (message.event.instanceName !== '') return message;
    const configuration = RED.nodes.getNode(server) as Node | null;
    const instanceName = configuration?.name ?? '';
    return { ...message, event: { ...message.event, instanceName } };
  };
  return {
    ...envelope,
    render: ([first, ...others], context) =>
      envelope.render([named(first), ...others.map(named)], context),
  };
}
