import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { CrmRecord, RecordEvent } from '../../../src/event/event';
import { blockText, haveOneContext, readBlockText } from '../../../src/store/block-text';
import type { JournalEntry } from '../../../src/store/poll-store';
import { changeOf } from './support/entries';

function entry(payload: CrmRecord, event: Partial<RecordEvent> = {}): JournalEntry {
  const { key, message } = changeOf({ id: '43', date: 0 });
  return { key, message: { ...message, payload, event: { ...message.event, ...event } } };
}

/** Through the text and back, order of the columns included. */
function assertKept(entries: readonly [JournalEntry, ...JournalEntry[]]): void {
  const read = readBlockText(blockText(entries));
  assert.deepEqual(read, entries);
  assert.equal(JSON.stringify(read), JSON.stringify(entries));
}

describe('the text of a block', () => {
  it('keeps records of any columns, alike or not', () => {
    const column = fc.constantFrom('Comp_Name', '$key', '7', '10', '__proto__', 'constructor');
    const payload = fc
      .array(fc.tuple(column, fc.jsonValue({ maxDepth: 2 })))
      .map((fields) => Object.fromEntries(fields));
    fc.assert(
      fc.property(fc.array(payload, { minLength: 1, maxLength: 5 }), (payloads) => {
        const entries = payloads.map((each) =>
          entry(JSON.parse(JSON.stringify(each)) as CrmRecord),
        );
        const [first, ...more] = entries;
        if (first !== undefined) assertKept([first, ...more]);
      }),
    );
  });

  it('keeps what an update changed', () => {
    const changes = { Comp_Name: { from: 'x', to: null } };
    assertKept([entry({ Comp_Name: null }), entry({ Comp_Name: null }, { changes })]);
  });

  it('has the names of the columns, and what events have in common, once', () => {
    const one = entry({ Comp_Name: 'x' });
    const text = blockText([one, one, entry({ Comp_Name: 'y' })]);
    assert.equal(text.split('Comp_Name').length - 1, 1);
    assert.equal(text.split('"instanceName"').length - 1, 1);
  });

  it('gives each event tags of its own', () => {
    const one = entry({});
    const [first, second] = readBlockText(blockText([one, one])) ?? [];
    first?.message.event.tags.push('more');
    assert.deepEqual(second?.message.event.tags, ['t']);
  });

  it('is not read when it is damaged', () => {
    const whole = blockText([entry({ a: 1 }), entry({ a: 2 })]);
    const damaged = [
      whole.slice(0, -1),
      '[]',
      '{}',
      whole.replace('"rows":[', '"rows":[7,'),
      whole.replace(/"rows":.*/, '"rows":[]}'),
      whole.replace('"CREATED"', '7'),
      whole.replace('"columns":["a"]', '"columns":"a"'),
      whole.replace('"pollDate"', '"date"'),
    ];
    for (const text of damaged) {
      assert.notEqual(text, whole);
      assert.equal(readBlockText(text), undefined, text);
    }
  });
});

describe('haveOneContext', () => {
  const { message } = entry({ a: 1 });

  it('is true for events of one resource and poll', () => {
    const other = entry({ b: 2 }, { eventId: 'e', eventType: 'UPDATED', objectId: '1', date: 'd' });
    assert.equal(haveOneContext(message, other.message), true);
  });

  it('is false where a block could not tell them apart', () => {
    for (const event of [
      { objectType: 'contacts' },
      { pollDate: 'later' },
      { instanceName: 'other' },
      { tags: [] },
      { tags: ['u'] },
    ]) {
      assert.equal(haveOneContext(message, entry({}, event).message), false, JSON.stringify(event));
    }
    assert.equal(haveOneContext(message, { ...message, topic: 'contacts' }), false);
  });
});
