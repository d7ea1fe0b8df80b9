import { createAndPoll, type Scenario } from './scenario';

/** When the poller starts, stops, fails or finds nothing. */
export const OPERATION: readonly Scenario[] = [
  {
    number: 'S10',
    title: 'records created in the second of the start, and before the first poll',
    async play(stage) {
      await stage.advance(0.4);
      stage.create();
      await stage.advance(3);
      stage.create();
      await stage.advance(3);
      await stage.poll();
    },
  },
  {
    number: 'S11',
    title: 'restarts between polls, with records meanwhile',
    async play(stage) {
      for (let count = 0; count < 3; count += 1) {
        await createAndPoll(stage, 1);
        await stage.advance(10);
        stage.create();
        await stage.restart();
      }
    },
  },
  {
    number: 'S13',
    title: 'error 500, a reset connection and cut JSON, each on page 2',
    async play(stage) {
      const faults = [
        { kind: 'status', status: 500 },
        { kind: 'reset' },
        { kind: 'cutJson', complete: true },
      ] as const;
      for (const fault of faults) {
        await stage.advance(60);
        stage.createTied(5);
        await stage.advance(30);
        await stage.failOnPage2(fault);
        await stage.advance(10);
        await stage.poll();
      }
    },
  },
  {
    number: 'S14',
    title: 'the flow breaks after 2 of 5 records',
    async play(stage) {
      await stage.advance(60);
      stage.createTied(5);
      await stage.advance(30);
      await stage.pollIntoBrokenFlow(2);
    },
  },
  {
    number: 'S15',
    title: 'polls that find nothing',
    async play(stage) {
      await stage.poll();
      await createAndPoll(stage, 1);
      for (let count = 0; count < 3; count += 1) {
        await stage.advance(900);
        await stage.poll();
      }
      await createAndPoll(stage, 1);
    },
  },
];
