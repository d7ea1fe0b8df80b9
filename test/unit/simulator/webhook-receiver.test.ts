import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { loopbackTls } from '../../simulator/tls/loopback-tls';
import {
  startReceiver,
  type Delivery,
  type ReceiverOptions,
  type WebhookReceiver,
} from '../../simulator/webhook-receiver';

async function withReceiver(
  options: ReceiverOptions,
  body: (receiver: WebhookReceiver) => Promise<void>,
): Promise<void> {
  const receiver = await startReceiver(options);
  try {
    await body(receiver);
  } finally {
    await receiver.close();
  }
}

function post(receiver: WebhookReceiver, body: string, path = '/'): Promise<Response> {
  return fetch(receiver.url + path, { method: 'POST', body, headers: { 'x-test': 'yes' } });
}

describe('the webhook receiver', () => {
  it('keeps what it is sent and says 200', async () => {
    await withReceiver({}, async (receiver) => {
      const before = Date.now();
      assert.equal((await post(receiver, '{"id": 1}', '/hook?a=b')).status, 200);
      await post(receiver, 'no json');
      const [first, second] = receiver.deliveries;
      assert.equal(first?.method, 'POST');
      assert.equal(first.path, '/hook?a=b');
      assert.equal(first.headers['x-test'], 'yes');
      assert.equal(first.body, '{"id": 1}');
      assert.deepEqual(first.json, { id: 1 });
      assert.ok(first.at >= before && first.at <= Date.now());
      assert.equal(second?.json, undefined);
    });
  });

  it('answers from a queue, then 200 again', async () => {
    await withReceiver({ respond: [{ status: 500 }] }, async (receiver) => {
      const statuses = [];
      for (let n = 0; n < 2; n += 1) statuses.push((await post(receiver, '')).status);
      receiver.respond = [{ status: 429, headers: { 'retry-after': '3' }, body: 'later' }];
      const busy = await post(receiver, '');
      assert.deepEqual([...statuses, busy.status], [500, 200, 429]);
      assert.equal(busy.headers.get('retry-after'), '3');
      assert.equal(await busy.text(), 'later');
    });
  });

  it('answers as a function says', async () => {
    await withReceiver({}, async (receiver) => {
      receiver.respond = ({ body }) => ({ status: body === 'good' ? 202 : 410, delayMs: 1 });
      assert.equal((await post(receiver, 'good')).status, 202);
      assert.equal((await post(receiver, 'bad')).status, 410);
    });
  });

  it('resets the connection', async () => {
    await withReceiver({ respond: [{ reset: true }] }, async (receiver) => {
      await assert.rejects(post(receiver, ''));
      assert.equal(receiver.deliveries.length, 1);
    });
  });

  it('hangs or delays until it is closed', async () => {
    const receiver = await startReceiver({ respond: [{ hang: true }, { delayMs: 3_600_000 }] });
    const hanging = assert.rejects(post(receiver, '1'));
    const delayed = assert.rejects(post(receiver, '2'));
    await receiver.waitFor(2);
    await receiver.close();
    await Promise.all([hanging, delayed]);
  });

  it('tells of each delivery and waits for a number of them', async () => {
    await withReceiver({}, async (receiver) => {
      const heard: Delivery[] = [];
      const stop = receiver.onDelivery((delivery) => heard.push(delivery));
      const two = receiver.waitFor(2);
      await post(receiver, '1');
      stop();
      await post(receiver, '2');
      assert.deepEqual(
        (await two).map((delivery) => delivery.body),
        ['1', '2'],
      );
      assert.deepEqual(
        heard.map((delivery) => delivery.body),
        ['1'],
      );
      assert.equal((await receiver.waitFor(1)).length, 2);
    });
  });

  it('does not leave anybody waiting when it is closed', async () => {
    const receiver = await startReceiver();
    const waiting = assert.rejects(receiver.waitFor(1), /closed after 0 of 1 deliveries/);
    await receiver.close();
    await waiting;
  });

  it('speaks https with a certificate', async () => {
    await withReceiver({ tls: loopbackTls() }, async (receiver) => {
      assert.match(receiver.url, /^https:/);
      await assert.rejects(post(receiver, ''), 'nobody trusts it unasked');
    });
  });
});
