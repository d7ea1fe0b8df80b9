import assert from 'node:assert/strict';
import { EarlyAcknowledgements } from '../../../src/poll/commit/early-acknowledgements';

describe('early acknowledgements', () => {
  const taken = (early: EarlyAcknowledgements, ids: string[]): string[] =>
    ids.filter((id) => early.take(id));

  it('count once each, whatever was acknowledged twice', () => {
    const early = new EarlyAcknowledgements(10);
    early.note(['one', 'two', 'one']);
    assert.deepEqual(taken(early, ['one', 'one', 'three', 'two']), ['one', 'two']);
  });

  it('are no more than the flow may hold; those that came first go first', () => {
    const early = new EarlyAcknowledgements(2);
    early.note(['one', 'two']);
    early.note(['three']);
    assert.deepEqual(taken(early, ['one', 'two', 'three']), ['two', 'three']);
  });

  it('end for good, as events may have begun anew under the same ids', () => {
    const early = new EarlyAcknowledgements(2);
    early.note(['one']);
    early.end();
    early.note(['two']);
    assert.deepEqual(taken(early, ['one', 'two']), []);
  });
});
