import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isoDate } from '../../../src/event/iso-date';

describe('isoDate', () => {
  it('writes whole seconds without a fraction', () => {
    assert.equal(isoDate(Date.parse('2026-01-31T10:15:00Z')), '2026-01-31T10:15:00Z');
    assert.equal(isoDate(0), '1970-01-01T00:00:00Z');
  });

  it('writes milliseconds where there are some', () => {
    assert.equal(isoDate(Date.parse('2026-01-31T10:15:00.007Z')), '2026-01-31T10:15:00.007Z');
  });

  it('names the same instant for any date', () => {
    const instants = fc.date({ noInvalidDate: true }).map((date) => date.getTime());
    fc.assert(
      fc.property(instants, (instant) => {
        assert.equal(Date.parse(isoDate(instant)), instant);
      }),
    );
  });
});
