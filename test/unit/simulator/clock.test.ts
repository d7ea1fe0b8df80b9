import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { SimulatedClock } from '../../simulator/clock';

const NOON = Date.parse('2026-01-31T12:00:00Z');

describe('the simulated clock', () => {
  it('stands still where it is put', () => {
    assert.equal(SimulatedClock.at('2026-01-31T12:00:00Z').now(), NOON);
  });

  it('reads an offset, and UTC without one', () => {
    assert.equal(SimulatedClock.at('2026-01-31T14:00:00+02:00').now(), NOON);
    assert.equal(SimulatedClock.at('2026-01-31T12:00:00').now(), NOON);
  });

  it('advances, steps back and jumps', () => {
    const clock = SimulatedClock.at('2026-01-31T12:00:00Z');
    clock.advance(1500);
    assert.equal(clock.now(), NOON + 1500);
    clock.advance(-2000);
    assert.equal(clock.now(), NOON - 500);
    clock.set('2020-02-29T00:00:00Z');
    assert.equal(clock.now(), Date.parse('2020-02-29T00:00:00Z'));
  });

  it('runs beside real time, also after a jump', () => {
    let machine = NOON + 5000;
    const clock = SimulatedClock.running(() => machine);
    assert.equal(clock.now(), NOON + 5000);
    machine += 70;
    assert.equal(clock.now(), NOON + 5070);
    clock.set('2026-01-31T12:00:00Z');
    assert.equal(clock.now(), NOON);
    machine += 30;
    assert.equal(clock.now(), NOON + 30);
  });

  it('refuses what is no date', () => {
    assert.throws(() => SimulatedClock.at('noon'), /"noon" is not an ISO 8601 date/);
  });
});
