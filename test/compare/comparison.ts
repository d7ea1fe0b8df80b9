import { START_OF_TIME } from '../support/poll-rig';
import type { Contestant } from './contestant';
import type { Tally } from './ledger';
import { clientClock } from './pollers/client-clock';
import { greatestDate } from './pollers/greatest-date';
import { lastId } from './pollers/last-id';
import { openConnectorsQuery } from './pollers/open-connectors-query';
import { thisPackage } from './pollers/this-package';
import type { Scenario } from './scenarios/scenario';
import { Stage } from './stage';

/** The others, in the order of their columns. */
export const TRANSCRIPTIONS: readonly Contestant[] = [
  openConnectorsQuery,
  clientClock,
  lastId,
  greatestDate,
];

/** All columns of the table; this package is the last. */
export const CONTESTANTS: readonly Contestant[] = [...TRANSCRIPTIONS, thisPackage];

/** How every contestant did in one scenario, in the order of `CONTESTANTS`. */
export interface Row {
  scenario: Scenario;
  tallies: readonly Tally[];
}

/** Plays the scenarios one after the other, each with every contestant on a server of its own. */
export async function compare(scenarios: readonly Scenario[]): Promise<Row[]> {
  const rows: Row[] = [];
  for (const scenario of scenarios) {
    const tallies: Tally[] = [];
    for (const contestant of CONTESTANTS) tallies.push(await play(scenario, contestant));
    rows.push({ scenario, tallies });
  }
  return rows;
}

/** The result of one contestant. */
export function tallyOf({ tallies }: Row, contestant: Contestant): Tally {
  const tally = tallies[CONTESTANTS.indexOf(contestant)];
  if (tally === undefined) throw new Error(`${contestant.name} did not take part`);
  return tally;
}

export function isClean({ lost, repeated }: Tally): boolean {
  return lost === 0 && repeated === 0;
}

/** Throws with the scenario and the contestant when a poll does what the script rules out. */
async function play(scenario: Scenario, contestant: Contestant): Promise<Tally> {
  const running = await contestant.start({
    pageSize: 2,
    beginsAt: START_OF_TIME,
    ...scenario.setup,
  });
  try {
    const stage = new Stage(running);
    await stage.start();
    await scenario.play(stage);
    return await stage.finish();
  } catch (error) {
    throw new Error(`${scenario.number} ${scenario.title}: ${contestant.name} failed`, {
      cause: error,
    });
  } finally {
    await running.close();
  }
}
