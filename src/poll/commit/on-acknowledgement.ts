import type { Clock } from '../../effects/clock';
import { GroupCommit } from '../../effects/group-commit';
import type { EventMessage } from '../../event/event';
import type { JournalEntry, PollStore } from '../../store/poll-store';
import type { Commit, Emit, OnEmitted } from './commit';
import type { EarlyAcknowledgements } from './early-acknowledgements';

export interface AcknowledgementOptions {
  store: PollStore;
  emit: Emit;
  clock: Clock;
  /** What the flow has acknowledged of the events from before the start. */
  early: EarlyAcknowledgements;
  /** Messages that the flow may hold unacknowledged, over all resources of the node. */
  maxInFlight: number;
  /** After this long an unacknowledged message is emitted again; 0: only after a restart. */
  redeliverAfterMs: number;
  /** Told when a full flow has room again, once per time it was full. */
  onRoom: () => void;
}

interface InFlight {
  resource: string;
  key: string;
  message: EventMessage;
  /** On the monotonic clock. */
  redeliverAt: number;
}

/**
 * Keeps events in the journal until the flow has acknowledged them, and lets the flow hold only so
 * many at a time. What is never acknowledged comes again, with the same event id.
 */
export class CommitOnAcknowledgement implements Commit {
  /** By event id, the one that is to be redelivered first in front. */
  private readonly inFlight = new Map<string, InFlight>();
  private readonly strikes: GroupCommit<InFlight>;
  private timer: AbortController | undefined;
  private wasFull = false;
  private isClosed = false;

  constructor(private readonly options: AcknowledgementOptions) {
    this.strikes = new GroupCommit((entries) => this.strikeOff(entries));
  }

  get room(): number {
    return Math.max(0, this.options.maxInFlight - this.inFlight.size);
  }

  get unacknowledged(): number {
    return this.inFlight.size;
  }

  keysInFlight(resource: string): ReadonlySet<string> {
    const keys = new Set<string>();
    for (const entry of this.inFlight.values()) {
      if (entry.resource === resource) keys.add(entry.key);
    }
    return keys;
  }

  /** Emits what the flow has not acknowledged ahead, and strikes off what it has. */
  async hand(
    resource: string,
    entries: readonly JournalEntry[],
    _signal: AbortSignal,
    onEmitted: OnEmitted,
  ): Promise<boolean> {
    const done: InFlight[] = [];
    try {
      for (const { key, message } of entries) {
        if (this.room === 0) {
          this.wasFull = true;
          return false;
        }
        const { eventId, eventType } = message.event;
        const entry = { resource, key, message, redeliverAt: 0 };
        if (this.options.early.take(eventId)) {
          this.hold(entry);
          done.push(entry);
        } else {
          this.handOne(entry);
          onEmitted(eventType);
        }
      }
      return true;
    } finally {
      if (done.length > 0) await this.strikes.add(done);
    }
  }

  /**
   * Strikes off the events with these ids. What is not in flight may be from before the start; beyond
   * that it is ignored, since a message may well be acknowledged twice.
   *
   * @throws SageCrmError `STATE_IO`; the events then stay in flight
   */
  async acknowledge(eventIds: readonly string[]): Promise<void> {
    const known: InFlight[] = [];
    const unknown: string[] = [];
    for (const id of eventIds) {
      const entry = this.inFlight.get(id);
      if (entry === undefined) unknown.push(id);
      else known.push(entry);
    }
    this.options.early.note(unknown);
    if (known.length > 0) await this.strikes.add(known);
  }

  forget(resource: string): void {
    this.options.early.end();
    for (const [id, entry] of this.inFlight) {
      if (entry.resource === resource) this.inFlight.delete(id);
    }
    this.noteRoom();
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.timer?.abort();
    await this.strikes.settled();
  }

  private async strikeOff(entries: readonly InFlight[]): Promise<void> {
    const resources = new Set(entries.map(({ resource }) => resource));
    for (const resource of resources) {
      const struck = entries.filter((entry) => entry.resource === resource);
      await this.options.store.strikeOff(
        resource,
        struck.map(({ key }) => key),
      );
    }
    // Only now: as long as the journal holds an event, it must count as being with the flow.
    for (const entry of entries) {
      const { eventId } = entry.message.event;
      if (this.inFlight.get(eventId) === entry) this.inFlight.delete(eventId);
    }
    this.noteRoom();
  }

  /** Half of the room at once, so that a slow flow does not wake the poller for each message. */
  private noteRoom(): void {
    if (!this.wasFull || this.isClosed) return;
    if (this.inFlight.size > this.options.maxInFlight / 2) return;
    this.wasFull = false;
    this.options.onRoom();
  }

  /** A message that the flow refused is not with the flow: it is handed over again. */
  private handOne(entry: InFlight): void {
    try {
      this.send(entry);
    } catch (error) {
      this.inFlight.delete(entry.message.event.eventId);
      throw error;
    }
  }

  private send(entry: InFlight): void {
    this.hold(entry);
    this.options.emit(entry.message);
  }

  private hold(entry: InFlight): void {
    const { clock, redeliverAfterMs } = this.options;
    const { eventId } = entry.message.event;
    entry.redeliverAt = clock.monotonic() + redeliverAfterMs;
    // To the end of the map: all wait equally long, so its order is the order of their times.
    this.inFlight.delete(eventId);
    this.inFlight.set(eventId, entry);
    if (redeliverAfterMs > 0) this.watch();
  }

  private watch(): void {
    const [first] = this.inFlight.values();
    if (this.timer !== undefined || first === undefined || this.isClosed) return;
    const { clock } = this.options;
    const timer = new AbortController();
    this.timer = timer;
    const again = (): void => {
      this.timer = undefined;
      this.redeliver();
      this.watch();
    };
    const wait = Math.max(0, first.redeliverAt - clock.monotonic());
    clock.sleep(wait, timer.signal).then(again, () => undefined);
  }

  private redeliver(): void {
    const now = this.options.clock.monotonic();
    const due = [...this.inFlight.values()].filter(({ redeliverAt }) => redeliverAt <= now);
    for (const entry of due) {
      try {
        this.send(entry);
      } catch {
        // It stays in flight, and its time comes again.
      }
    }
  }
}
