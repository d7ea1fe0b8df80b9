import assert from 'node:assert/strict';
import { callbackState } from '../../../nodes/editor/sidebar/callback-state';
import type { OutboxStatus } from '../../../src/delivery/outbox-status';

const IDLE: OutboxStatus = { depth: 0, inFlight: 0, dead: 0, breaker: 'closed', gone: [] };

function keyOf(outbox?: Partial<OutboxStatus>, enabled = true): string {
  const node = { id: 'callback', name: '', flow: 'tab', enabled };
  return callbackState(outbox === undefined ? node : { ...node, outbox: { ...IDLE, ...outbox } })
    .key;
}

describe('the state of a callback node', () => {
  it('is the worst that can be said of it', () => {
    assert.equal(keyOf({}), 'idle');
    assert.equal(keyOf({ depth: 1 }), 'delivering');
    assert.equal(keyOf({ depth: 1, breaker: 'half-open' }), 'halfOpen');
    assert.equal(keyOf({ depth: 1, breaker: 'open' }), 'open');
    assert.equal(keyOf({ depth: 1, breaker: 'open', gone: [''] }), 'gone');
  });

  it('is off when switched off, and stopped without an outbox', () => {
    assert.equal(keyOf(undefined, false), 'off');
    assert.equal(keyOf(undefined), 'stopped');
  });
});
