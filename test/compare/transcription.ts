import type { CrmRecord } from '../../src/event/event';
import { SimulatedClock } from '../simulator/clock';
import { startSimulator, type Simulator } from '../simulator/simulator';
import type { RowOrder } from '../simulator/row-query';
import { ManualClock } from '../support/manual-clock';
import type { Contestant, Running, Setup } from './contestant';
import { HubReader } from './hub-reader';
import { RecordDates } from './record-dates';

/** What a transcription may use. */
export interface Tools<State> {
  hub: HubReader;
  dates: RecordDates;
  memory: Memory<State>;
  /** This machine's clock, epoch milliseconds. */
  now: () => number;
  /** Hands a record on; throws when the flow behind it breaks. */
  emit: (record: CrmRecord) => void;
}

export interface TranscribedPoller {
  activate(): Promise<void>;
  poll(): Promise<void>;
}

interface Transcription<State> {
  name: string;
  create(tools: Tools<State>): TranscribedPoller;
  /** The order its request asks for; the simulated hub has no parameter for one. */
  asksFor?: RowOrder;
}

/** What a poller keeps over restarts. */
export class Memory<State> {
  private state: State | undefined;

  load(): State {
    if (this.state === undefined) throw new Error('the poller has not been activated');
    return structuredClone(this.state);
  }

  save(state: State): void {
    this.state = structuredClone(state);
  }
}

/** A contestant made of a transcribed poller. */
export function transcribed<State>(transcription: Transcription<State>): Contestant {
  return {
    name: transcription.name,
    async start(setup) {
      const { asksFor } = transcription;
      const simulator = await startSimulator({
        ...setup.simulator,
        ...(asksFor === undefined ? {} : { hub: { ...setup.simulator?.hub, rowOrder: asksFor } }),
        ...(setup.zone === undefined ? {} : { zone: setup.zone, dateStyle: 'none' }),
        clock: SimulatedClock.at(setup.beginsAt),
      });
      return new RunningTranscription(transcription, simulator, setup);
    },
  };
}

class RunningTranscription<State> implements Running {
  readonly received: CrmRecord[] = [];
  onRecord: (record: CrmRecord) => void = () => undefined;
  private readonly clock: ManualClock;
  private readonly memory = new Memory<State>();
  private poller: TranscribedPoller;

  constructor(
    private readonly transcription: Transcription<State>,
    readonly simulator: Simulator,
    private readonly setup: Setup,
  ) {
    this.clock = new ManualClock(simulator.clock.now() + (setup.clockSkewMs ?? 0));
    this.poller = this.createPoller();
  }

  activate(): Promise<void> {
    return this.poller.activate();
  }

  poll(): Promise<void> {
    return this.poller.poll();
  }

  restart(): Promise<void> {
    this.poller = this.createPoller();
    return Promise.resolve();
  }

  async advance(seconds: number): Promise<void> {
    this.simulator.clock.advance(seconds * 1000);
    await this.clock.advance(seconds * 1000);
  }

  stepClock(ms: number): void {
    this.clock.step(ms);
  }

  close(): Promise<void> {
    return this.simulator.close();
  }

  private createPoller(): TranscribedPoller {
    return this.transcription.create({
      hub: new HubReader(this.simulator.url, this.setup.pageSize),
      dates: new RecordDates(this.setup.zone),
      memory: this.memory,
      now: () => this.clock.now(),
      emit: (record) => {
        this.onRecord(record);
        this.received.push(record);
      },
    });
  }
}
