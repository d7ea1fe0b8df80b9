import type { Stage } from '../stage';
import { A_MINUTE_MS, createAndPoll, type Scenario } from './scenario';

const BEFORE_THE_AUTUMN_CHANGE = '2026-10-24T23:30:00Z';
const BEFORE_THE_SPRING_CHANGE = '2026-03-28T23:30:00Z';

/** When clocks are wrong or local. */
export const CLOCKS: readonly Scenario[] = [
  {
    number: 'S7',
    title: "the poller's clock 10 min fast",
    setup: { clockSkewMs: 10 * A_MINUTE_MS },
    play: (stage) => createAndPoll(stage, 4),
  },
  {
    number: 'S7',
    title: "the poller's clock 10 min slow",
    setup: { clockSkewMs: -10 * A_MINUTE_MS },
    play: (stage) => createAndPoll(stage, 4),
  },
  {
    number: 'S7',
    title: "the poller's clock set back by 10 min",
    async play(stage) {
      await createAndPoll(stage, 2);
      stage.stepClock(-10 * A_MINUTE_MS);
      await createAndPoll(stage, 2);
    },
  },
  {
    number: 'S7',
    title: "the server's `Date` header a day ahead for one poll",
    async play(stage) {
      await createAndPoll(stage, 2);
      stage.setDateHeaderSkew(24 * 60 * A_MINUTE_MS);
      await createAndPoll(stage, 1);
      stage.setDateHeaderSkew(0);
      await createAndPoll(stage, 2);
    },
  },
  {
    number: 'S8',
    title: 'local dates through the repeated hour of autumn',
    setup: { zone: 'Europe/Berlin', beginsAt: BEFORE_THE_AUTUMN_CHANGE },
    play: createEveryQuarter,
  },
  {
    number: 'S8',
    title: 'local dates through the missing hour of spring',
    setup: { zone: 'Europe/Berlin', beginsAt: BEFORE_THE_SPRING_CHANGE },
    play: createEveryQuarter,
  },
];

async function createEveryQuarter(stage: Stage): Promise<void> {
  for (let quarter = 0; quarter < 14; quarter += 1) {
    await stage.advance(600);
    stage.create();
    await stage.advance(300);
    await stage.poll();
  }
}
