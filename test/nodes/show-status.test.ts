import assert from 'node:assert/strict';
import type { Node, NodeAPI } from 'node-red';
import { StatusLine } from '../../nodes/runtime/status-line';
import { DeliveryStatus } from '../../nodes/sagecrm-callback/show-status';
import type { OutboxStatus } from '../../src/delivery/outbox-status';
import { ManualClock } from '../support/manual-clock';

const WAITING: OutboxStatus = {
  ...{ depth: 1, inFlight: 0, oldestAt: 0, dead: 0 },
  ...{ breaker: 'closed', gone: [] },
};

describe('the status of a callback node', () => {
  let clock: ManualClock;
  let shown: unknown[];
  let status: DeliveryStatus;

  beforeEach(() => {
    clock = new ManualClock(0);
    shown = [];
    const RED = {
      _: (key: string, values: object) => `${key} ${JSON.stringify(values)}`,
    } as unknown as NodeAPI;
    const node = { type: 'sagecrm-callback', status: (value: unknown) => shown.push(value) };
    const line = new StatusLine(RED, node as unknown as Node, clock);
    status = new DeliveryStatus(RED, line, clock);
  });

  it('tells anew for how long something waits', async () => {
    status.show(WAITING);
    await clock.advance(30_000);
    const texts = shown.map((value) => JSON.stringify(value));
    assert.equal(texts.length, 2);
    assert.match(texts[1] ?? '', /30/);
  });

  it('ends with the node, whatever the outbox tells after that', () => {
    status.show(WAITING);
    status.close();
    status.show(WAITING);
    assert.deepEqual(clock.pending(), []);
  });
});
