import assert from 'node:assert/strict';
import fc from 'fast-check';
import { SageCrmError } from '../../../src/errors/sagecrm-error';
import type { EventType } from '../../../src/event/event';
import { History, MOST_EVENTS, MOST_PROBLEMS } from '../../../src/monitor/history';
import { readHistoryQuery } from '../../../src/monitor/history-query';
import type { HistoryBar, HistoryQuery, HistoryView } from '../../../src/monitor/overview';
import { ManualClock } from '../../support/manual-clock';
import { eventOf } from './support/events';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const TYPES = ['CREATED', 'UPDATED', 'DELETED'] as const satisfies readonly EventType[];

function setUp(start?: number) {
  const clock = new ManualClock(start);
  const history = new History(clock);
  const view = (query: HistoryQuery = {}): HistoryView => history.view(readHistoryQuery(query));
  return { clock, history, view };
}

function total(bars: readonly HistoryBar[]): number {
  return bars.reduce((sum, { created, updated, deleted }) => sum + created + updated + deleted, 0);
}

describe('the history', () => {
  it('tells each event and each problem, newest first', () => {
    const { clock, history, view } = setUp();
    history.emitted('poll', eventOf({ objectId: '1' }));
    clock.step(1000);
    history.emitted('poll', eventOf({ objectId: '2', eventType: 'UPDATED' }));
    history.wentWrong('poll', 'accounts', new SageCrmError('TIMEOUT', 'it took long', 'wait'));
    const { now, events, problems, more } = view();
    assert.deepEqual(events, [
      {
        at: now,
        node: 'poll',
        resource: 'accounts',
        eventType: 'UPDATED',
        objectId: '2',
        date: '2026-01-31T09:00:00Z',
      },
      {
        at: now - 1000,
        node: 'poll',
        resource: 'accounts',
        eventType: 'CREATED',
        objectId: '1',
        date: '2026-01-31T09:00:00Z',
      },
    ]);
    assert.deepEqual(problems, [
      {
        at: now,
        node: 'poll',
        resource: 'accounts',
        code: 'TIMEOUT',
        message: 'it took long',
        nextStep: 'wait',
      },
    ]);
    assert.equal(more, 0);
  });

  it('says nothing of an unexpected error, which may hold anything', () => {
    const { history, view } = setUp();
    history.wentWrong('poll', '', new Error('password hunter2'));
    assert.doesNotMatch(JSON.stringify(view()), /hunter2/);
  });

  it('remembers the last 10,000 events and 500 problems, and says how many it does not list', () => {
    const { history, view } = setUp();
    for (let id = 0; id < MOST_EVENTS + 50; id += 1) {
      history.emitted('poll', eventOf({ objectId: String(id) }));
      history.wentWrong('poll', '', new SageCrmError('TIMEOUT', String(id), 'wait'));
    }
    const { events, problems, more } = view({ limit: 1000 });
    assert.equal(events[0]?.objectId, String(MOST_EVENTS + 49));
    assert.equal(events.length, 1000);
    assert.equal(more, MOST_EVENTS - 1000);
    assert.equal(problems.length, MOST_PROBLEMS);
  });

  it('counts in the chart what it has no room to list', () => {
    const { history, view } = setUp();
    for (let id = 0; id < 3 * MOST_EVENTS; id += 1) history.emitted('poll', eventOf({}));
    const { bars } = view({ spanMs: 10 * MINUTE, bars: 10 });
    assert.deepEqual(bars.at(-1), {
      from: bars.at(-1)?.from,
      created: 3 * MOST_EVENTS,
      updated: 0,
      deleted: 0,
    });
  });

  it('is narrowed down to a node and a resource', () => {
    const { history, view } = setUp();
    for (const node of ['one', 'two']) {
      for (const objectType of ['accounts', 'contacts']) {
        history.emitted(node, eventOf({ objectType }));
        history.wentWrong(node, objectType, new SageCrmError('TIMEOUT', 'slow', 'wait'));
      }
    }
    for (const [query, count] of [
      [{}, 4],
      [{ node: 'one' }, 2],
      [{ resource: 'accounts' }, 2],
      [{ node: 'one', resource: 'accounts' }, 1],
      [{ node: 'three' }, 0],
    ] as const) {
      const { events, problems, bars } = view(query);
      assert.deepEqual([events.length, problems.length, total(bars)], [count, count, count]);
    }
  });

  it('shows the last hour in sixty minutes unless it is asked for something else', () => {
    const { clock, view } = setUp(Date.parse('2026-01-31T10:00:30Z'));
    const { bars, now } = view();
    assert.equal(now, clock.now());
    assert.equal(bars.length, 60);
    assert.equal(bars[0]?.from, Date.parse('2026-01-31T09:01:00Z'));
    assert.equal(bars.at(-1)?.from, Date.parse('2026-01-31T10:00:00Z'));
  });

  it('has bars that sum up to what was recorded in their span, one after the other', () => {
    const recorded = fc.record({
      back: fc.integer({ min: 0, max: 9 * DAY }),
      eventType: fc.constantFrom(...TYPES),
      node: fc.constantFrom('one', 'two'),
      objectType: fc.constantFrom('accounts', 'contacts'),
    });
    const query = fc.record(
      {
        node: fc.constantFrom('one', 'two'),
        resource: fc.constantFrom('accounts', 'contacts'),
        spanMs: fc.integer({ min: MINUTE, max: 8 * DAY }),
        bars: fc.integer({ min: 1, max: 200 }),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.array(recorded, { maxLength: 80 }), query, (all, asked) => {
        const { clock, history, view } = setUp();
        const now = clock.now();
        for (const { back, node, ...event } of all) {
          clock.step(-back);
          history.emitted(node, eventOf(event));
          clock.step(back);
        }
        const { bars } = view(asked);
        const [first = assert.fail(), second] = bars;
        const width = (second?.from ?? first.from) - first.from;
        for (const [index, { from }] of bars.entries()) {
          assert.equal(from, first.from + index * width);
        }
        const span = asked.spanMs ?? 60 * MINUTE;
        assert.ok(bars.length <= (asked.bars ?? 60));
        assert.ok(first.from <= now - span + MINUTE, 'the span is covered but for a minute');
        const expected = all.filter(
          ({ back, node, objectType }) =>
            now - back >= first.from &&
            (asked.node ?? node) === node &&
            (asked.resource ?? objectType) === objectType,
        );
        for (const [type, column] of [
          ['CREATED', 'created'],
          ['UPDATED', 'updated'],
          ['DELETED', 'deleted'],
        ] as const) {
          assert.equal(
            bars.reduce((sum, bar) => sum + bar[column], 0),
            expected.filter(({ eventType }) => eventType === type).length,
          );
        }
      }),
      { numRuns: 300 },
    );
  });

  it('forgets the nodes that are gone, and those alone', () => {
    const { history, view } = setUp();
    for (const node of ['gone', 'stays']) {
      history.emitted(node, eventOf({}));
      history.wentWrong(node, '', new SageCrmError('TIMEOUT', 'slow', 'wait'));
    }
    assert.equal(
      history.forget((node) => node === 'nobody'),
      false,
    );
    assert.equal(
      history.forget((node) => node === 'gone'),
      true,
    );
    const { events, problems, bars } = view();
    assert.deepEqual(
      [...events, ...problems].map(({ node }) => node),
      ['stays', 'stays'],
    );
    assert.equal(total(bars), 1);
  });

  it('keeps the counts of eight days and no more', async () => {
    const { clock, history } = setUp();
    history.emitted('poll', eventOf({}));
    await clock.advance(9 * DAY);
    history.emitted('poll', eventOf({}));
    const { changed, removed } = history.takeChanges().counts;
    assert.equal(changed.length, 1);
    assert.equal(removed.length, 1);
  });

  for (const [what, query] of [
    ['a span beyond what is counted', { spanMs: 9 * DAY }],
    ['a span below a minute', { spanMs: 1 }],
    ['no bars', { bars: 0 }],
    ['a limit that is no number', { limit: 'all' }],
    ['something that is no query', 'everything'],
  ] as const) {
    it(`refuses ${what}`, () => {
      assert.throws(() => readHistoryQuery(query), { code: 'INPUT_INVALID' });
    });
  }
});
