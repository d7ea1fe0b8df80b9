import type { CrmRecord } from '../../src/event/event';
import type { Simulator } from '../simulator/simulator';

/** How a poller did in a scenario. */
export interface Tally {
  /** Changes that a poll could see and that were never emitted. */
  lost: number;
  /** Emissions of a change after its first, or of one that was there before the start. */
  repeated: number;
}

/** The column in which a stage writes what tells one change of a record from the next. */
export const CHANGE_MARK = 'Comp_Name';

/** Holds what was emitted against what the simulated Sage CRM has committed. */
export class Ledger {
  private known = new Set<string>();
  private readonly due = new Set<string>();

  constructor(private readonly simulator: Simulator) {}

  /** What the server shows by now was there before the start: nobody is to emit it. */
  noteStart(): void {
    this.known = new Set(this.shown());
  }

  /** What the server shows by now, a poll can see; a version overwritten before that it cannot. */
  noteShown(): void {
    for (const change of this.shown()) {
      if (!this.known.has(change)) this.due.add(change);
    }
  }

  /** Throws when something was emitted that was never committed. */
  tally(received: readonly CrmRecord[]): Tally {
    const committed = this.committed();
    const emitted = new Set<string>();
    let repeated = 0;
    for (const record of received) {
      const change = changeOf(String(record.key), record);
      if (!committed.has(change)) throw new Error(`emitted, but never committed: ${change}`);
      if (emitted.has(change) || this.known.has(change)) repeated += 1;
      emitted.add(change);
    }
    return { lost: [...this.due].filter((change) => !emitted.has(change)).length, repeated };
  }

  private shown(): string[] {
    return this.simulator.crm.rows('company').map(({ id, fields }) => changeOf(id, fields));
  }

  private committed(): Set<string> {
    const changes = this.simulator.crm.visibleChanges();
    return new Set(changes.map(({ id, row }) => changeOf(id, row)));
  }
}

function changeOf(id: string, record: CrmRecord): string {
  return `${id}: ${String(record[CHANGE_MARK])}`;
}
