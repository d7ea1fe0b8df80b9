import { A_MINUTE_MS, createAndPoll, type Scenario } from './scenario';

/** Everything as it should be: a record a minute, a poll half a minute later. */
export const BASELINE: Scenario = {
  number: '–',
  title: 'records are created, nothing is odd',
  play: (stage) => createAndPoll(stage, 5),
};

/** When records change: within a second, late, or while they are read. */
export const CHANGES: readonly Scenario[] = [
  {
    number: '–',
    title: 'records are updated, nothing is odd',
    async play(stage) {
      await stage.advance(60);
      const id = stage.create();
      for (let count = 0; count < 3; count += 1) {
        await stage.advance(30.4);
        await stage.poll();
        await stage.advance(29.6);
        stage.update(id);
      }
    },
  },
  {
    number: 'S1',
    title: 'a record written in the second that was just read',
    async play(stage) {
      await stage.advance(60.2);
      stage.create();
      await stage.advance(0.2);
      await stage.poll();
      await stage.advance(0.2);
      stage.create();
      await stage.advance(30);
      await stage.poll();
    },
  },
  {
    number: 'S2',
    title: 'more records of one second than a page holds, with a failure among them',
    async play(stage) {
      await stage.advance(60);
      stage.createTied(7);
      await stage.advance(10);
      await stage.failOnPage2({ kind: 'status', status: 500 });
      await stage.poll();
    },
  },
  {
    number: 'S3',
    title: 'a record committed a minute after its date',
    async play(stage) {
      await stage.advance(60);
      stage.create({ commitAt: stage.now() + A_MINUTE_MS });
      await stage.advance(30);
      stage.create();
      await stage.advance(10);
      await stage.poll();
      await stage.advance(30);
      await stage.poll();
    },
  },
  {
    number: 'S4',
    title: 'a lower id committed later in the same second',
    async play(stage) {
      await stage.advance(60);
      stage.create({ commitAt: stage.now() + 600 });
      stage.create();
      await stage.advance(0.4);
      await stage.poll();
    },
  },
  {
    number: 'S5',
    title: 'a record edited twice within one second, with a poll after each',
    async play(stage) {
      await stage.advance(60);
      const id = stage.create();
      for (let count = 0; count < 2; count += 1) {
        await stage.advance(0.2);
        await stage.poll();
        await stage.advance(0.2);
        stage.update(id);
      }
    },
  },
  {
    number: 'S6',
    title: 'a record updated while its page lies behind the reader, so that rows shift',
    setup: { simulator: { hub: { rowOrder: 'date' } } },
    async play(stage) {
      const ids: string[] = [];
      for (let count = 0; count < 6; count += 1) {
        await stage.advance(10);
        ids.push(stage.create());
      }
      await stage.advance(10);
      stage.beforePageAt(2, () => {
        stage.update(ids[0] ?? '');
      });
      await stage.poll();
    },
  },
];
