import { A_MINUTE_MS, createAndPoll, type Scenario } from './scenario';

/** When the server's answers are odd. */
export const ODD_ANSWERS: readonly Scenario[] = [
  {
    number: 'S18',
    title: 'a date years in the future',
    async play(stage) {
      await stage.advance(60);
      stage.updateWithDate(stage.create(), '2031-01-01T00:00:00Z');
      await createAndPoll(stage, 3);
    },
  },
  {
    number: 'S18',
    title: 'no date, and a date that is none, on a server that ignores the clause',
    setup: { simulator: { hub: { honoursWhere: false } } },
    async play(stage) {
      await stage.advance(60);
      stage.updateWithDate(stage.create(), null);
      stage.updateWithDate(stage.create(), 'yesterday');
      await createAndPoll(stage, 3);
    },
  },
  {
    number: 'S19',
    title: 'pages cut below the request, wrong totals, and a next page that repeats for one poll',
    setup: { pageSize: 5, simulator: { hub: { maxPageSize: 2, totalCountWrong: 1 } } },
    async play(stage) {
      await stage.advance(60);
      stage.createTied(7);
      await stage.advance(10);
      await stage.poll();
      await stage.advance(60);
      stage.createTied(7);
      await stage.advance(10);
      stage.setHub({ repeatToken: true });
      await stage.tryPoll();
      stage.setHub({ repeatToken: false });
    },
  },
  {
    number: 'S21',
    title: 'an update that moves the updated date back by a minute',
    async play(stage) {
      await stage.advance(120);
      const id = stage.create();
      const aMinuteBefore = new Date(stage.now() - A_MINUTE_MS).toISOString();
      await stage.advance(30.4);
      await stage.poll();
      await stage.advance(10);
      stage.updateWithDate(id, aMinuteBefore.replace('.000Z', 'Z'));
    },
  },
];
