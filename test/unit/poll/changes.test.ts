import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  entryKey,
  eventTypeOf,
  isSeen,
  isWanted,
  toChange,
  type Bounds,
  type EventContext,
  pollDateAt,
} from '../../../src/poll/changes';
import { accounts, at, candidate, record, stamp } from './support/candidates';

describe('isWanted', () => {
  const bounds: Bounds = {
    from: at('10:00:00'),
    floor: at('09:00:00'),
    pollBegan: at('11:00:00'),
  };

  function wanted(updated: unknown, raw = {}, more: Partial<Bounds> = {}): boolean {
    const resource = accounts(raw);
    return isWanted(candidate(record('1', updated), resource), resource, { ...bounds, ...more });
  }

  it('takes a record from the start of the window on, and none before', () => {
    assert.equal(wanted(stamp('10:00:00')), true);
    assert.equal(wanted(stamp('10:30:00')), true);
    assert.equal(wanted(stamp('09:59:59')), false);
  });

  it('takes older ones too when filterByUpdatedDate is off, but none before the start', () => {
    const off = { filterByUpdatedDate: false };
    assert.equal(wanted(stamp('09:00:00'), off), true);
    assert.equal(wanted(stamp('08:59:59'), off), false);
    assert.equal(wanted(stamp('08:59:59'), off, { floor: null }), true);
  });

  it('takes everything while the window has no start', () => {
    assert.equal(wanted(stamp('09:00:00'), {}, { from: null }), true);
    assert.equal(wanted('1999-01-01T00:00:00Z', {}, { from: null, floor: null }), true);
  });

  it('leaves what was updated after the poll began to the next one, when told so', () => {
    assert.equal(wanted(stamp('11:00:01')), true);
    assert.equal(wanted(stamp('11:00:01'), { filterByCurrentDate: true }), false);
    assert.equal(wanted(stamp('11:00:00'), { filterByCurrentDate: true }), true);
  });

  it('never drops a record whose date is missing or cannot be read', () => {
    for (const updated of [null, undefined, '', 'yesterday', true]) {
      assert.equal(wanted(updated, { filterByCurrentDate: true }), true);
    }
  });

  it('counts the later reading of a repeated hour, so that doubt never drops a record', () => {
    const resource = accounts({
      datesConfiguration: {
        updatedDateField: 'Comp_UpdatedDate',
        updatedDateFormat: "yyyy-MM-dd'T'HH:mm:ss",
        updatedDateTimezone: 'Europe/Berlin',
      },
    });
    // 02:30 comes twice that night: at 00:30 and at 01:30 in UTC.
    const row = candidate(record('1', '2026-10-25T02:30:00'), resource);
    const from = (time: string) => Date.parse(`2026-10-25T${time}Z`);
    const none = { floor: null, pollBegan: from('03:00:00') };
    assert.equal(isWanted(row, resource, { ...none, from: from('01:00:00') }), true);
    assert.equal(isWanted(row, resource, { ...none, from: from('01:30:00') }), true);
    assert.equal(isWanted(row, resource, { ...none, from: from('01:30:01') }), false);
  });
});

describe('eventTypeOf', () => {
  function type(updated: unknown, created: unknown, isKnown = false, raw = {}): string {
    const resource = accounts(raw);
    return eventTypeOf(candidate(record('1', updated, created), resource), resource, isKnown);
  }

  it('is CREATED while the dates are equal within the tolerance of 10 seconds', () => {
    assert.equal(type(stamp('10:00:00'), stamp('10:00:00')), 'CREATED');
    assert.equal(type(stamp('10:00:10'), stamp('10:00:00')), 'CREATED');
    assert.equal(type(stamp('10:00:11'), stamp('10:00:00')), 'UPDATED');
  });

  it('is told by the tolerance of the resource', () => {
    const strict = { createdCheckTolerance: 0 };
    assert.equal(type(stamp('10:00:00'), stamp('10:00:00'), false, strict), 'CREATED');
    assert.equal(type(stamp('10:00:01'), stamp('10:00:00'), false, strict), 'UPDATED');
  });

  it('is UPDATED for a record of which an earlier version was emitted', () => {
    assert.equal(type(stamp('10:00:00'), stamp('10:00:00'), true), 'UPDATED');
  });

  it('is UPDATED where a date is missing or cannot be read', () => {
    assert.equal(type(stamp('10:00:00'), null), 'UPDATED');
    assert.equal(type(null, stamp('10:00:00')), 'UPDATED');
    assert.equal(type('yesterday', 'yesterday'), 'UPDATED');
  });
});

describe('isSeen', () => {
  it('is true for exactly a version that was emitted', () => {
    const row = candidate(record('1', stamp('10:00:00')));
    assert.equal(isSeen(row, [['other', 1]]), false);
    assert.equal(
      isSeen(row, [
        ['other', 1],
        [row.hash, null],
      ]),
      true,
    );
    assert.equal(isSeen(row, []), false);
  });
});

describe('toChange', () => {
  const context: EventContext = {
    resource: accounts(),
    instanceName: 'main',
    tags: ['a', 'b'],
    pollDate: pollDateAt(at('10:05:00')),
  };

  it('describes the change and carries the record as it came', () => {
    const row = record('43', stamp('10:00:00'), stamp('09:00:00'), { Comp_Name: 'Cedar Works' });
    const { message, objectId, seenUntil } = toChange(candidate(row), 'UPDATED', [], context);
    const { eventId, ...event } = message.event;
    assert.equal(message.topic, 'accounts');
    assert.equal(message.payload, row);
    assert.match(eventId, /^[\w-]{24}$/);
    assert.deepEqual(event, {
      eventType: 'UPDATED',
      objectType: 'accounts',
      objectId: '43',
      date: stamp('10:00:00'),
      pollDate: stamp('10:05:00'),
      elementKey: 'sagecrm',
      hubKey: 'crm',
      instanceName: 'main',
      tags: ['a', 'b'],
    });
    assert.equal(objectId, '43');
    assert.equal(seenUntil, at('10:00:00'));
  });

  it('has the same key and event id whenever the poll is', () => {
    const row = candidate(record('43', stamp('10:00:00')));
    const one = toChange(row, 'CREATED', [], context);
    const later = toChange(row, 'UPDATED', [], {
      ...context,
      pollDate: pollDateAt(at('11:00:00')),
      tags: [],
    });
    assert.equal(later.key, one.key);
    assert.equal(later.message.event.eventId, one.message.event.eventId);
    const undated = candidate(record('43', null));
    assert.equal(
      toChange(undated, 'UPDATED', [], { ...context, pollDate: pollDateAt(at('11:00:00')) }).key,
      toChange(undated, 'UPDATED', [], context).key,
    );
  });

  it('falls back to the created date, then to the date of the poll', () => {
    const created = candidate(record('1', null, stamp('09:00:00')));
    assert.equal(toChange(created, 'UPDATED', [], context).message.event.date, stamp('09:00:00'));
    const neither = candidate(record('1', null));
    assert.equal(toChange(neither, 'UPDATED', [], context).message.event.date, stamp('10:05:00'));
  });

  it('is remembered for good where the server may always show it again', () => {
    assert.equal(toChange(candidate(record('1', null)), 'UPDATED', [], context).seenUntil, null);
    const resource = accounts({ filterByUpdatedDate: false });
    const row = candidate(record('1', stamp('10:00:00')), resource);
    assert.equal(toChange(row, 'UPDATED', [], { ...context, resource }).seenUntil, null);
  });
});

describe('entryKey', () => {
  const date = fc.integer({ min: -8.64e15, max: 8.64e15 });
  const number = fc.bigInt({ min: 0n, max: 10n ** 30n });

  it('sorts by date first, then by the numbers that ids are', () => {
    fc.assert(
      fc.property(date, date, number, number, (one, other, idA, idB) => {
        const a = entryKey(one, String(idA), 'h');
        const b = entryKey(other, String(idB), 'h');
        const expected = one === other ? Math.sign(Number(idA - idB)) : Math.sign(one - other);
        assert.equal(a < b ? -1 : a > b ? 1 : 0, expected);
      }),
      { examples: [[8639999999999987, 8639999999999988, 0n, 0n]] },
    );
    fc.assert(
      fc.property(number, number, (idA, idB) => {
        const smaller = entryKey(0, String(idA), 'h') < entryKey(0, String(idB), 'h');
        assert.equal(smaller, idA < idB);
      }),
    );
  });

  it('puts ids that are text behind numbers', () => {
    const keys = ['9', '10', '1a', 'b'].map((id) => entryKey(0, id, 'h'));
    assert.deepEqual(keys.toSorted(), keys);
  });

  it('tells versions of one record at one time apart', () => {
    assert.notEqual(entryKey(0, '1', 'h'), entryKey(0, '1', 'i'));
  });
});
