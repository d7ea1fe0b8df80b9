import assert from 'node:assert/strict';
import { SageCrmError, type ErrorCode } from '../../../src/errors/sagecrm-error';
import type { ResourcePoller } from '../../../src/poll/resource-poller';
import { Slot } from '../../../src/poll/slot';
import { NOTHING } from './support/fake-resource';

const INTERVAL = 60_000;

function slot(intervalMs = INTERVAL): Slot {
  const fake = { resource: { key: 'accounts' } };
  return new Slot(fake as unknown as ResourcePoller, intervalMs);
}

function failure(code: ErrorCode): SageCrmError {
  return new SageCrmError(code, 'it failed', 'wait');
}

describe('a resource in the schedule', () => {
  it('is due an interval after its cycle began', () => {
    const accounts = slot();
    assert.equal(accounts.dueAt, undefined);
    accounts.succeeded(NOTHING, 5000, 1234.5);
    assert.equal(accounts.dueAt, 65_000);
  });

  it('is never due by itself with the interval at 0', () => {
    const accounts = slot(0);
    accounts.succeeded(NOTHING, 5000, 1);
    assert.equal(accounts.dueAt, undefined);
    accounts.failed(failure('TIMEOUT'), 5000, 1, () => 0);
    assert.equal(accounts.dueAt, undefined);
    assert.equal(accounts.status(0).nextPollInMs, null);
  });

  it('is due sooner after a passing failure, counted from its end', () => {
    const accounts = slot();
    accounts.failed(failure('TIMEOUT'), 10_000, 1, () => 0);
    assert.equal(accounts.dueAt, 12_500);
    accounts.failed(failure('TIMEOUT'), 20_000, 1, () => 0);
    assert.equal(accounts.dueAt, 25_000);
    assert.equal(accounts.status(20_000).failures, 2);
  });

  it('forgets its failures when it succeeds', () => {
    const accounts = slot();
    accounts.failed(failure('TIMEOUT'), 0, 1, () => 0);
    accounts.succeeded(NOTHING, 1000, 1);
    assert.equal(accounts.lastError, undefined);
    assert.equal(accounts.status(1000).failures, 0);
    accounts.failed(failure('TIMEOUT'), 2000, 1, () => 0);
    assert.equal(accounts.dueAt, 4500);
  });

  for (const [code, blocks] of [
    ['LOGON_REFUSED', true],
    ['STATE_CORRUPT', true],
    ['STATE_IO', false],
    ['NOT_FOUND', false],
    ['INTERNAL', false],
  ] as const) {
    it(`${blocks ? 'waits for the user' : 'goes on by itself'} after ${code}`, () => {
      const accounts = slot();
      const error = failure(code);
      accounts.failed(error, 0, 1, () => 0);
      assert.equal(accounts.blocked, blocks ? error : undefined);
      assert.equal(accounts.status(0).nextPollInMs, blocks ? null : INTERVAL);
      accounts.unblock();
      assert.equal(accounts.blocked, undefined);
      assert.equal(accounts.lastError, undefined);
    });
  }

  it('reports a poll with its cursor in UTC and its duration in whole milliseconds', () => {
    const cursor = Date.parse('2026-01-31T10:00:00Z');
    const report = slot().succeeded(
      { ...NOTHING, created: 1, updated: 2, pages: 3, cursor },
      0,
      12.6,
    );
    assert.deepEqual(report, {
      resource: 'accounts',
      created: 1,
      updated: 2,
      pages: 3,
      durationMs: 13,
      cursor: '2026-01-31T10:00:00Z',
    });
  });

  it('reports a failure with the cursor of the last poll', () => {
    const accounts = slot();
    accounts.succeeded({ ...NOTHING, cursor: 0 }, 0, 1);
    const report = accounts.failed(failure('TIMEOUT'), 0, 1, () => 0);
    assert.deepEqual(report.error, { code: 'TIMEOUT', message: 'it failed: wait' });
    assert.equal(report.cursor, '1970-01-01T00:00:00Z');
  });

  it('never tells a next poll in the past', () => {
    const accounts = slot();
    accounts.succeeded(NOTHING, 0, 1);
    assert.equal(accounts.status(INTERVAL + 5).nextPollInMs, 0);
  });
});
