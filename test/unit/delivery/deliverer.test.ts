import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { Deliverer, type DelivererOptions, type Retry } from '../../../src/delivery/deliverer';
import type { Transport, WebhookAnswer, WebhookRequest } from '../../../src/delivery/transport';
import { SageCrmError } from '../../../src/errors/sagecrm-error';
import type { RenderedEnvelope } from '../../../src/event/envelopes/envelope';
import { ManualClock } from '../../support/manual-clock';

function webhook(id: string): RenderedEnvelope {
  return {
    id,
    contentType: 'application/json',
    body: `{"id":"${id}"}`,
    headersFor: (attemptAt) => ({ 'webhook-id': id, 'webhook-timestamp': String(attemptAt) }),
  };
}

function answer(statusCode: number, hint: WebhookAnswer['hint'] = {}): WebhookAnswer {
  return { statusCode, hint };
}

function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** A transport whose answers the test gives, request by request. */
class ScriptedTransport implements Transport {
  readonly requests: WebhookRequest[] = [];
  closed = false;
  private readonly open = new Map<string, (given: WebhookAnswer | Error) => void>();

  constructor(private readonly script?: (request: WebhookRequest, n: number) => WebhookAnswer) {}

  async post(request: WebhookRequest): Promise<WebhookAnswer> {
    this.requests.push(request);
    if (this.script !== undefined) return this.script(request, this.requests.length);
    return new Promise((resolve, reject) => {
      request.signal.addEventListener('abort', () => {
        reject(new Error('aborted'));
      });
      this.open.set(request.body, (given) => {
        if (given instanceof Error) reject(given);
        else resolve(given);
      });
    });
  }

  give(id: string, given: WebhookAnswer | Error): void {
    this.open.get(`{"id":"${id}"}`)?.(given);
  }

  /** The ids of the requests made so far, in order. */
  get ids(): string[] {
    return this.requests.map(({ body }) => (JSON.parse(body) as { id: string }).id);
  }

  close(): void {
    this.closed = true;
  }
}

describe('Deliverer', () => {
  let clock: ManualClock;
  let retries: Retry[];

  beforeEach(() => {
    clock = new ManualClock('2026-01-31T10:00:00Z');
    retries = [];
  });

  function deliverer(transport: Transport, options: Partial<DelivererOptions> = {}): Deliverer {
    return new Deliverer({
      endpoint: {
        url: new URL('https://receiver.example/hook?token=hush'),
        headers: { 'X-A': '1' },
        timeoutMs: 15_000,
      },
      transport,
      clock,
      random: () => 0.5,
      onRetry: (retry) => retries.push(retry),
      ...options,
    });
  }

  it('delivers at the first try', async () => {
    const transport = new ScriptedTransport(() => answer(204));
    const outcome = await deliverer(transport).deliver({ lane: 'a', webhook: webhook('e1') });
    assert.deepEqual(outcome, { status: 'delivered', statusCode: 204, attempts: 1, id: 'e1' });
    const [request] = transport.requests;
    assert.deepEqual(request?.headers, {
      'Content-Type': 'application/json',
      'User-Agent': 'node-red-sagecrm',
      'X-A': '1',
      'webhook-id': 'e1',
      'webhook-timestamp': String(Date.parse('2026-01-31T10:00:00Z')),
    });
    assert.equal(request.timeoutMs, 15_000);
    assert.deepEqual(retries, []);
  });

  it('lets no header of the flow replace one of the envelope', async () => {
    const transport = new ScriptedTransport(() => answer(204));
    const endpoint = {
      url: new URL('https://receiver.example/'),
      headers: { 'Webhook-Id': 'forged', 'content-type': 'text/plain' },
      timeoutMs: 1_000,
    };
    await deliverer(transport, { endpoint }).deliver({ lane: 'a', webhook: webhook('e1') });
    assert.equal(transport.requests[0]?.headers['webhook-id'], 'e1');
    assert.equal(transport.requests[0].headers['Webhook-Id'], undefined);
    assert.equal(transport.requests[0].headers['content-type'], 'text/plain');
  });

  it('tries seven times, with half of each step as the wait when chance says so', async () => {
    const transport = new ScriptedTransport(() => answer(500));
    const delivering = deliverer(transport).deliver({ lane: 'a', webhook: webhook('e1') });
    const waits: number[] = [];
    for (let n = 0; n < 6; n += 1) {
      await clock.untilSleeping();
      const [wait = 0] = clock.pending();
      waits.push(wait);
      await clock.advance(wait);
    }
    const outcome = await delivering;
    assert.deepEqual(waits, [500, 2_500, 15_000, 60_000, 300_000, 900_000]);
    assert.deepEqual(
      retries.map(({ attempt, delayMs, error }) => [attempt, delayMs, error.code]),
      waits.map((wait, n) => [n + 2, wait, 'SERVER_ERROR']),
    );
    assert.ok(outcome.status === 'failed');
    assert.equal(outcome.attempts, 7);
    assert.equal(outcome.statusCode, 500);
    assert.equal(outcome.error.code, 'DELIVERY_FAILED');
    assert.equal(outcome.error.details.statusCode, 500);
    assert.match(outcome.error.message, /in 7 tries; at last: .* answered with status 500/);
    assert.equal(transport.requests.length, 7);
  });

  it('signs every try at its own time, under the same id', async () => {
    const transport = new ScriptedTransport((_request, n) => answer(n < 3 ? 503 : 200));
    const delivering = deliverer(transport).deliver({ lane: 'a', webhook: webhook('e1') });
    for (let n = 0; n < 2; n += 1) {
      await clock.untilSleeping();
      await clock.advance(clock.pending()[0] ?? 0);
    }
    const outcome = await delivering;
    assert.deepEqual(outcome, { status: 'delivered', statusCode: 200, attempts: 3, id: 'e1' });
    const start = Date.parse('2026-01-31T10:00:00Z');
    assert.deepEqual(
      transport.requests.map(({ headers }) => [
        headers['webhook-id'],
        headers['webhook-timestamp'],
      ]),
      [start, start + 500, start + 3_000].map((time) => ['e1', String(time)]),
    );
  });

  it('waits as long as the receiver asks', async () => {
    const transport = new ScriptedTransport((_request, n) =>
      n === 1 ? answer(429, { retryAfter: '90' }) : answer(200),
    );
    const delivering = deliverer(transport).deliver({ lane: 'a', webhook: webhook('e1') });
    await clock.untilSleeping();
    assert.deepEqual(clock.pending(), [90_000]);
    await clock.advance(90_000);
    assert.equal((await delivering).status, 'delivered');
  });

  it('tries again after a network fault', async () => {
    const transport = new ScriptedTransport((_request, n) => {
      if (n === 1) throw Object.assign(new Error('x'), { code: 'ECONNREFUSED' });
      return answer(200);
    });
    const delivering = deliverer(transport).deliver({ lane: 'a', webhook: webhook('e1') });
    await clock.untilSleeping();
    await clock.advance(500);
    assert.deepEqual(await delivering, {
      status: 'delivered',
      statusCode: 200,
      attempts: 2,
      id: 'e1',
    });
    assert.equal(retries[0]?.error.code, 'UNREACHABLE');
  });

  it('gives up at once on a refusal, and tells neither path nor query of the URL', async () => {
    const transport = new ScriptedTransport(() => answer(410));
    const outcome = await deliverer(transport).deliver({ lane: 'a', webhook: webhook('e1') });
    assert.ok(outcome.status === 'failed');
    assert.equal(outcome.attempts, 1);
    assert.equal(outcome.statusCode, 410);
    assert.equal(outcome.error.code, 'DELIVERY_REFUSED');
    assert.doesNotMatch(inspect(outcome, { depth: 10 }), /hush|\/hook/);
  });

  it('gives up at once on an address that is not allowed', async () => {
    const transport = new ScriptedTransport(() => {
      throw new SageCrmError('ADDRESS_REFUSED', 'what', 'next');
    });
    const outcome = await deliverer(transport).deliver({ lane: 'a', webhook: webhook('e1') });
    assert.ok(outcome.status === 'failed');
    assert.equal(outcome.error.code, 'ADDRESS_REFUSED');
    assert.equal(outcome.statusCode, undefined);
    assert.equal('statusCode' in outcome, false);
  });

  it('keeps the order of one lane, also while it waits for a next try', async () => {
    const transport = new ScriptedTransport();
    const sender = deliverer(transport);
    const all = [
      sender.deliver({ lane: 'a', webhook: webhook('a1') }),
      sender.deliver({ lane: 'a', webhook: webhook('a2') }),
      sender.deliver({ lane: 'b', webhook: webhook('b1') }),
    ];
    await settle();
    assert.deepEqual(transport.ids, ['a1', 'b1']);
    transport.give('a1', answer(503));
    transport.give('b1', answer(200));
    await clock.untilSleeping();
    assert.equal((await all[2])?.status, 'delivered');
    assert.deepEqual(transport.ids, ['a1', 'b1']);
    await clock.advance(500);
    assert.deepEqual(transport.ids, ['a1', 'b1', 'a1']);
    transport.give('a1', answer(200));
    await settle();
    assert.deepEqual(transport.ids, ['a1', 'b1', 'a1', 'a2']);
    transport.give('a2', answer(200));
    await Promise.all(all);
    assert.equal(sender.pending, 0);
  });

  it('goes on in a lane after a delivery that failed for good', async () => {
    const transport = new ScriptedTransport((_request, n) => answer(n === 1 ? 400 : 200));
    const sender = deliverer(transport);
    const outcomes = await Promise.all([
      sender.deliver({ lane: 'a', webhook: webhook('a1') }),
      sender.deliver({ lane: 'a', webhook: webhook('a2') }),
    ]);
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ['failed', 'delivered'],
    );
  });

  it('has at most eight requests under way, and waits do not count', async () => {
    const transport = new ScriptedTransport();
    const sender = deliverer(transport);
    const ids = Array.from({ length: 20 }, (_, n) => `e${n}`);
    const all = ids.map((id) => sender.deliver({ lane: id, webhook: webhook(id) }));
    await settle();
    assert.equal(transport.requests.length, 8);
    assert.equal(sender.pending, 20);
    for (const id of ids.slice(0, 8)) transport.give(id, answer(503));
    await settle();
    assert.deepEqual(transport.ids.slice(8), ids.slice(8, 16));
    assert.equal(clock.pending().length, 8);
    const closing = sender.close();
    const settled = await Promise.allSettled(all);
    assert.equal(await closing, 20);
    assert.ok(settled.every(({ status }) => status === 'rejected'));
  });

  describe('when it is closed', () => {
    it('ends requests, waits and what has not begun, and counts them', async () => {
      const transport = new ScriptedTransport();
      const sender = deliverer(transport, { concurrency: 2 });
      const ended = ['a1', 'b1', 'a2', 'c1'].map((id) =>
        assert.rejects(
          sender.deliver({ lane: id.slice(0, 1), webhook: webhook(id) }),
          (error) => error instanceof SageCrmError && error.code === 'ABORTED',
        ),
      );
      await settle();
      transport.give('a1', answer(503));
      await clock.untilSleeping();
      assert.equal(await sender.close(), 4);
      await Promise.all(ended);
      assert.deepEqual(clock.pending(), []);
      assert.equal(transport.closed, true);
      assert.equal(sender.pending, 0);
    });

    it('counts nothing when everything has its outcome', async () => {
      const sender = deliverer(new ScriptedTransport(() => answer(200)));
      await sender.deliver({ lane: 'a', webhook: webhook('e1') });
      assert.equal(await sender.close(), 0);
    });

    it('takes no more deliveries', async () => {
      const transport = new ScriptedTransport(() => answer(200));
      const sender = deliverer(transport);
      await sender.close();
      await assert.rejects(
        sender.deliver({ lane: 'a', webhook: webhook('e1') }),
        (error) => error instanceof SageCrmError && error.code === 'ABORTED',
      );
      assert.equal(transport.requests.length, 0);
    });
  });
});
