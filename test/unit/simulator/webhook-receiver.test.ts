import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, request, type IncomingMessage } from 'node:http';
import { describe, it } from 'mocha';
import { loopbackTls } from '../../simulator/tls/loopback-tls';
import {
  startReceiver,
  type Delivery,
  type ReceiverAnswer,
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

function hasCause(code: string): (error: Error) => boolean {
  return ({ cause }) => cause instanceof Error && 'code' in cause && cause.code === code;
}

describe('the webhook receiver', () => {
  it('keeps what it is sent and says 200', async () => {
    await withReceiver({ now: () => 1_769_860_800_000 }, async (receiver) => {
      assert.equal((await post(receiver, '{"id": 1}', '/hook?a=b')).status, 200);
      await post(receiver, 'no json');
      const [first, second] = receiver.deliveries;
      assert.equal(first?.method, 'POST');
      assert.equal(first.path, '/hook?a=b');
      assert.equal(first.headers['x-test'], 'yes');
      assert.equal(first.body, '{"id": 1}');
      assert.deepEqual(first.json, { id: 1 });
      assert.equal(first.at, 1_769_860_800_000);
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

  it('resets the connection in the middle of the answer', async () => {
    const respond: ReceiverAnswer[] = [{ reset: 'in headers' }, { reset: 'in body' }];
    await withReceiver({ respond }, async (receiver) => {
      await assert.rejects(post(receiver, ''));
      const answer = await post(receiver, '');
      assert.equal(answer.status, 200);
      await assert.rejects(answer.text());
    });
  });

  it('lets the body of an answer trickle', async () => {
    const respond = [{ status: 202, body: 'in drops', byteDelayMs: 1 }];
    await withReceiver({ respond }, async (receiver) => {
      const answer = await post(receiver, '');
      assert.equal(answer.status, 202);
      let pieces = 0;
      for await (const piece of answer.body ?? []) pieces += piece.length > 0 ? 1 : 0;
      assert.ok(pieces > 1, `${pieces}`);
    });
  });

  it('answers with no more of a huge body than is read', async () => {
    await withReceiver({ respond: [{ hugeBytes: 1e9 }] }, async (receiver) => {
      const answer = await post(receiver, '');
      await answer.body?.cancel();
      const [delivery] = receiver.deliveries;
      assert.ok(((await delivery?.answered) ?? 1e9) < 1e8);
    });
  });

  it('ends the connection with the answer, without saying so', async () => {
    const agent = new Agent({ keepAlive: true });
    await withReceiver({ respond: [{ hangUp: true }] }, async (receiver) => {
      const asked = request(receiver.url, { method: 'POST', agent }).end();
      const [answer] = (await once(asked, 'response')) as [IncomingMessage];
      assert.equal(answer.headers.connection, 'keep-alive');
      answer.resume();
      await once(answer.socket, 'end');
    });
    agent.destroy();
  });

  it('goes down and comes up again at the same address', async () => {
    await withReceiver({ canGoDown: true }, async (receiver) => {
      await receiver.goDown();
      await assert.rejects(post(receiver, ''), hasCause('ECONNREFUSED'));
      await receiver.comeUp();
      assert.equal((await post(receiver, '')).status, 200);
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
