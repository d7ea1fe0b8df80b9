import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  advanced,
  initialState,
  lookBackMs,
  stateFromNow,
  windowStart,
} from '../../../src/poll/window';
import { STATE_SCHEMA, type ResourceState } from '../../../src/store/poll-store';
import { at } from './support/candidates';

const READING: ResourceState = {
  schema: STATE_SCHEMA,
  cursor: null,
  floor: null,
  seenFrom: null,
  auditedAt: null,
  phase: 'reading',
};

describe('the window of a poll', () => {
  describe('looks back', () => {
    it('by the overlap and the delay', () => {
      assert.equal(lookBackMs(120, 0), 120_000);
      assert.equal(lookBackMs(120, 30), 150_000);
    });

    it('by at least a second, which a documented > leaves out', () => {
      assert.equal(lookBackMs(0, 0), 1000);
      assert.equal(lookBackMs(0.5, 0), 1000);
      assert.equal(lookBackMs(0, 30), 31_000);
    });
  });

  describe('begins', () => {
    it('without a bound for all', () => {
      const state = initialState({ from: 'all' });
      assert.deepEqual(state, READING);
      assert.equal(windowStart(state, 120_000), null);
    });

    it('at a date, with nothing older than it wanted', () => {
      const state = initialState({ from: 'date', at: at('10:00:00') });
      assert.deepEqual(state, { ...READING, cursor: at('10:00:00'), floor: at('10:00:00') });
      assert.equal(windowStart(state, 120_000), at('09:58:00'));
    });

    it("now, in the server's time, when the node started and not when it was answered", () => {
      const state = stateFromNow(at('10:00:30'), 20_000);
      assert.deepEqual(state, { ...READING, cursor: at('10:00:10'), floor: at('10:00:10') });
    });

    it('now at a whole second, the one begun', () => {
      assert.equal(stateFromNow(at('10:00:30') + 999, 1).cursor, at('10:00:30'));
      assert.equal(stateFromNow(at('10:00:30'), 1).cursor, at('10:00:29'));
    });
  });

  describe('moves on', () => {
    const state = { ...READING, cursor: at('10:00:00'), floor: at('09:00:00') };

    it('to the greatest date that was read', () => {
      assert.deepEqual(advanced(state, at('10:05:00'), 60_000), {
        ...state,
        cursor: at('10:05:00'),
        seenFrom: at('10:04:00'),
        phase: 'emitting',
      });
    });

    it('never backwards, and not at all without a date', () => {
      assert.equal(advanced(state, at('09:30:00'), 60_000).cursor, at('10:00:00'));
      assert.equal(advanced(state, null, 60_000).cursor, at('10:00:00'));
      assert.equal(advanced(READING, null, 60_000).cursor, null);
      assert.equal(advanced(READING, at('10:00:00'), 60_000).cursor, at('10:00:00'));
    });

    it('with a widened overlap, without reading what the seen set no longer knows', () => {
      const narrow = advanced(state, at('10:05:00'), 60_000);
      assert.equal(windowStart(narrow, 3_600_000), at('10:04:00'));
      const next = advanced(narrow, at('12:00:00'), 3_600_000);
      assert.equal(windowStart(next, 3_600_000), at('11:00:00'));
    });

    it('so that neither the cursor nor the start of the window ever steps back', () => {
      const date = fc.option(fc.integer({ min: 0, max: 1e7 }));
      const lookBack = fc.integer({ min: 1000, max: 1e6 });
      fc.assert(
        fc.property(fc.array(fc.tuple(date, lookBack)), (passes) => {
          let now = READING;
          for (const [greatest, back] of passes) {
            const next = advanced(now, greatest, back);
            assert.ok((next.cursor ?? -Infinity) >= (now.cursor ?? -Infinity));
            assert.ok((next.seenFrom ?? -Infinity) >= (now.seenFrom ?? -Infinity));
            assert.ok((windowStart(next, back) ?? 0) <= (next.cursor ?? 0));
            now = next;
          }
        }),
      );
    });
  });
});
