import { systemClock } from '../../src/effects/clock';
import type { EventMessage } from '../../src/event/event';
import type { Commit } from '../../src/poll/commit/commit';
import { EarlyAcknowledgements } from '../../src/poll/commit/early-acknowledgements';
import { CommitOnAcknowledgement } from '../../src/poll/commit/on-acknowledgement';
import { CommitOnEmission } from '../../src/poll/commit/on-emission';
import type { LevelPollStore } from '../../src/store/level-poll-store';
import type { Ledger } from './ledger';
import type { PollerOptions } from './messages';

const PROGRESS_EVERY = 500;

/** Node-RED hands messages on with `setImmediate`; this lets it do so. */
const arrived = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** The flow behind the poll node: notes each message and, where it has to, acknowledges it late. */
export class Flow {
  readonly commit: Commit;
  emitted = 0;
  mostUnacknowledged = 0;
  private unanswered: string[] = [];
  private hasRoom: () => void = () => undefined;
  private isSettled: () => void = () => undefined;
  private room = Promise.resolve();

  constructor(
    store: LevelPollStore,
    private readonly ledger: Ledger,
    private readonly options: PollerOptions,
    private readonly onProgress: (emitted: number) => void,
  ) {
    const emit = (message: EventMessage): void => {
      this.take(message);
    };
    const clock = systemClock();
    const onRoom = (): void => {
      this.hasRoom();
    };
    this.commit =
      options.commit === 'emitted'
        ? new CommitOnEmission(store, emit, arrived)
        : new CommitOnAcknowledgement({
            ...{ store, emit, clock, onRoom, maxInFlight: options.maxInFlight },
            early: new EarlyAcknowledgements(options.maxInFlight),
            redeliverAfterMs: 0,
          });
  }

  /** To be called before a poll; resolves once the flow, full after it, has room again. */
  nextRoom(): Promise<void> {
    this.room = new Promise((resolve) => {
      this.hasRoom = resolve;
    });
    return this.room;
  }

  /** Resolves when every message has been acknowledged. */
  settled(): Promise<void> {
    if (this.commit.unacknowledged === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.isSettled = resolve;
    });
  }

  private take({ event }: EventMessage): void {
    this.ledger.note(event);
    this.emitted += 1;
    if (this.emitted % PROGRESS_EVERY === 0) this.onProgress(this.emitted);
    if (!(this.commit instanceof CommitOnAcknowledgement)) return;
    this.mostUnacknowledged = Math.max(this.mostUnacknowledged, this.commit.unacknowledged);
    this.unanswered.push(event.eventId);
    if (this.unanswered.length === 1) this.answerLater(this.commit);
  }

  private answerLater(commit: CommitOnAcknowledgement): void {
    setTimeout(() => {
      void this.answer(commit);
    }, this.options.acknowledgeAfterMs);
  }

  private async answer(commit: CommitOnAcknowledgement): Promise<void> {
    await commit.acknowledge(this.unanswered.splice(0));
    if (commit.unacknowledged === 0) this.isSettled();
  }
}
