import type { Setup } from '../contestant';
import type { Stage } from '../stage';

export const A_MINUTE_MS = 60_000;

/** Begins with the poller just switched on, from now. */
export interface Scenario {
  /** The number of the scenario, as in the names of the tests; a baseline has none. */
  number: string;
  title: string;
  setup?: Partial<Setup>;
  play(stage: Stage): Promise<void>;
}

/** A record, and a poll half a minute later, so often. */
export async function createAndPoll(stage: Stage, times: number): Promise<void> {
  for (let count = 0; count < times; count += 1) {
    await stage.advance(29.6);
    stage.create();
    await stage.advance(30.4);
    await stage.poll();
  }
}
