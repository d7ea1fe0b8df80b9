import type { CrmRecord } from '../../src/event/event';
import type { Simulator, SimulatorOptions } from '../simulator/simulator';

/** What a scenario fixes before a poller starts. The same for every contestant. */
export interface Setup {
  /** The most rows asked for in one page. */
  pageSize: number;
  /** Quirks of the server; its zone and its style of dates follow from `zone`. */
  simulator?: Omit<SimulatorOptions, 'clock' | 'zone' | 'dateStyle'>;
  /** A server that writes local dates without saying so, in this IANA zone. Default: UTC with Z. */
  zone?: string;
  /** Simulated time at the start, ISO 8601. */
  beginsAt: string;
  /** How far the poller's own clock is ahead of the server's. Default 0. */
  clockSkewMs?: number;
}

/** A poller at work on the companies of a simulated Sage CRM of its own. */
export interface Running {
  readonly simulator: Simulator;
  /** Every record emitted so far, in order, as the server sent it. */
  readonly received: readonly CrmRecord[];
  /** Called with each record before it counts as received; may throw, as a flow might. */
  onRecord: (record: CrmRecord) => void;
  /** Switches the trigger on: from here on changes are its business. */
  activate(): Promise<void>;
  /** One poll over all pages; rejects when it fails. */
  poll(): Promise<void>;
  /** Starts the poller anew on the state it has kept. */
  restart(): Promise<void>;
  /** Moves the server's time and the poller's own. */
  advance(seconds: number): Promise<void>;
  /** Sets the poller's own clock forward, or back with a negative figure. */
  stepClock(ms: number): void;
  close(): Promise<void>;
}

export interface Contestant {
  /** The head of its column. */
  readonly name: string;
  start(setup: Setup): Promise<Running>;
}

/** The columns that all contestants read. */
export const UPDATED = 'Comp_UpdatedDate';
export const CREATED = 'Comp_CreatedDate';
