import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { inspect } from 'node:util';
import type { NodeAPI, NodeMessage } from 'node-red';
import { onAcknowledged } from '../../nodes/runtime/acknowledgements';
import sagecrmCallback from '../../nodes/sagecrm-callback/sagecrm-callback';
import {
  coreNode,
  loadFlow,
  runtimeEvents,
  startNodeRed,
  stopNodeRed,
  unloadFlow,
  type Credentials,
  type FlowNode,
  type RunningFlow,
} from '../support/node-red';
import { loopbackTls } from '../simulator/tls/loopback-tls';
import { Receiver, type Reply } from '../unit/delivery/support/receiver';
import { sampleMessage } from '../unit/delivery/support/sample';

interface DeliveryReport {
  status: string;
  statusCode?: number;
  attempts: number;
  id: string;
  letter?: number;
}

/** What a Catch node adds to a message. */
interface CaughtError {
  message: string;
  code?: string;
}

const SECRET = 'planted-secret-7f3a';

describe('sagecrm-callback', () => {
  const receivers: Receiver[] = [];

  let userDir: string;

  beforeEach(async () => {
    userDir = await mkdtemp(path.join(os.tmpdir(), 'sagecrm-callback-'));
    await startNodeRed({ userDir });
  });

  afterEach(async () => {
    await unloadFlow();
    await stopNodeRed();
    await Promise.all(receivers.splice(0).map((receiver) => receiver.stop()));
    await rm(userDir, { recursive: true });
  });

  async function receiver(reply?: () => Reply): Promise<Receiver> {
    const started = await Receiver.start(reply);
    receivers.push(started);
    return started;
  }

  function flowOf(properties: Record<string, unknown>, others: FlowNode[] = []): FlowNode[] {
    return [
      { id: 'tab', type: 'tab', label: 'flow' },
      {
        id: 'callback',
        z: 'tab',
        type: 'sagecrm-callback',
        allowPrivate: true,
        wires: [['out']],
        ...properties,
      },
      { id: 'catch', z: 'tab', type: 'catch', scope: null, wires: [['caught']] },
      { id: 'out', z: 'tab', type: 'helper', wires: [] },
      { id: 'caught', z: 'tab', type: 'helper', wires: [] },
      ...others,
    ];
  }

  function load(
    properties: Record<string, unknown>,
    credentials: Credentials = {},
    others: FlowNode[] = [],
  ): Promise<RunningFlow> {
    return loadFlow(
      [sagecrmCallback, coreNode('network/05-tls.js'), coreNode('network/06-httpproxy.js')],
      flowOf(properties, others),
      credentials,
    );
  }

  /** The answer to a message that steers the node; it comes out where deliveries do. */
  async function ask(flow: RunningFlow, topic: string, payload?: unknown): Promise<unknown> {
    const answer = flow.message('out');
    flow.send('callback', { topic, payload });
    return (await answer).payload;
  }

  describe('a delivery that arrives', () => {
    it('posts the callback and sends the same message on with the outcome', async () => {
      const hook = await receiver(() => ({ status: 202 }));
      const flow = await load({ url: hook.url('/hook') });
      const arrived = flow.message('out');
      flow.send('callback', { ...sampleMessage(), mine: 'kept' });
      const message = await arrived;
      assert.deepEqual(message.delivery, {
        status: 'delivered',
        statusCode: 202,
        attempts: 1,
        id: 'evt-1',
      } satisfies DeliveryReport);
      assert.equal(message.mine, 'kept');
      const [request] = await hook.until(1);
      assert.equal(request?.method, 'POST');
      assert.equal(request.path, '/hook');
      assert.match(request.headers['content-type'] ?? '', /^application\/json/);
      const body = JSON.parse(request.body) as { topic: string; message: { raw: object } };
      assert.equal(body.topic, 'instance-callback-sagecrm-events');
      assert.deepEqual(body.message.raw, {
        accounts: [sampleMessage().payload],
        pollDate: Date.parse('2026-01-31T10:15:30Z'),
        objectType: 'accounts',
      });
    });

    it('uses the instance id that the message carries', async () => {
      const hook = await receiver();
      const flow = await load({ url: hook.url() });
      flow.send('callback', { ...sampleMessage(), instanceId: 'poll-1' });
      const [request] = await hook.until(1);
      assert.match(request?.body ?? '', /"topic":"instance-poll-1-sagecrm-events"/);
    });

    it('sends extra headers, the log-on and the signature of the raw body', async () => {
      const hook = await receiver();
      const flow = await load(
        { url: hook.url(), headers: '{"X-Team":"crm"}', timeout: '5', enabled: 'true' },
        { callback: { signatureKey: 'key', username: 'user', password: 'pass' } },
      );
      flow.send('callback', { ...sampleMessage() });
      const [request] = await hook.until(1);
      assert.equal(request?.headers['x-team'], 'crm');
      assert.equal(
        request.headers.authorization,
        `Basic ${Buffer.from('user:pass').toString('base64')}`,
      );
      const expected = createHmac('sha256', 'key').update(request.body).digest('base64');
      assert.equal(request.headers['elements-webhook-signature'], `sha256=${expected}`);
      assert.equal(request.headers['elements-webhook-id'], 'evt-1');
    });

    it('names the instance after the chosen server when the event has no name', async () => {
      const hook = await receiver();
      const flow = await load({ url: hook.url(), server: 'named' }, {}, [
        { id: 'named', type: 'helper', ...{ name: 'Branch', z: 'tab', wires: [] } },
      ]);
      flow.send('callback', { ...sampleMessage({ instanceName: '' }) });
      const [request] = await hook.until(1);
      assert.match(request?.body ?? '', /"instanceName":"Branch"/);
    });

    it('shows how many were delivered once none is under way', async () => {
      const hook = await receiver();
      const flow = await load({ url: hook.url() });
      const shown = flow.status('callback', ({ fill }) => fill === 'green');
      flow.send('callback', { ...sampleMessage() });
      assert.equal((await shown).text, 'sagecrm-callback.status.delivered');
    });
  });

  describe('many deliveries', () => {
    it('go through in order within a record, and do not flood the editor', async () => {
      const hook = await receiver();
      const flow = await load({ url: hook.url() });
      const arrived = flow.messages('out', 200);
      for (let n = 0; n < 200; n += 1) {
        const changes = { eventId: `evt-${n}`, objectId: String(n % 20) };
        flow.send('callback', { ...sampleMessage(changes), n });
      }
      const messages = await arrived;
      for (let record = 0; record < 20; record += 1) {
        const own = messages.map(({ n }) => Number(n)).filter((n) => n % 20 === record);
        assert.deepEqual(
          own,
          [...own].sort((a, b) => a - b),
        );
      }
      assert.ok(flow.statuses('callback').length < 20);
    });
  });

  describe('a delivery that fails for good', () => {
    it('reaches a Catch node once, with the message, and not the output', async () => {
      const hook = await receiver(() => ({ status: 422 }));
      const flow = await load({ url: hook.url() });
      let sent = 0;
      flow.node('out').on('input', () => (sent += 1));
      const caught = flow.message('caught');
      flow.send('callback', { ...sampleMessage() });
      const message = await caught;
      const error = message.error as CaughtError;
      assert.equal(error.code, 'DELIVERY_REFUSED');
      assert.match(error.message, /status 422/);
      assert.deepEqual(message.delivery, {
        status: 'failed',
        statusCode: 422,
        attempts: 1,
        id: 'evt-1',
        letter: 1,
      } satisfies DeliveryReport);
      assert.deepEqual(message.payload, sampleMessage().payload);
      assert.equal(sent, 0);
      assert.equal(hook.requests.length, 1);
    });

    it('refuses a private address unless it is allowed', async () => {
      const hook = await receiver();
      const flow = await load({ url: hook.url(), allowPrivate: false });
      const caught = flow.message('caught');
      flow.send('callback', { ...sampleMessage() });
      assert.equal(((await caught).error as CaughtError).code, 'ADDRESS_REFUSED');
      assert.equal(hook.requests.length, 0);
    });

    it('tells no secret in its errors', async () => {
      const hook = await receiver(() => ({ status: 400, body: SECRET }));
      const flow = await load(
        {
          url: `http://127.0.0.1:${hook.port}/${SECRET}?token=${SECRET}`,
          headers: { 'X-Api-Key': SECRET },
        },
        { callback: { signatureKey: SECRET, username: SECRET, password: SECRET } },
      );
      const caught = flow.message('caught');
      flow.send('callback', { ...sampleMessage() });
      assert.doesNotMatch(inspect(await caught, { depth: 10 }), new RegExp(SECRET));
      assert.doesNotMatch(
        inspect(flow.logged('callback', 'error'), { depth: 10 }),
        new RegExp(SECRET),
      );
    });
  });

  describe('an input that is no event', () => {
    it('goes to a Catch node and says what to wire', async () => {
      const hook = await receiver();
      const flow = await load({ url: hook.url() });
      const caught = flow.message('caught');
      flow.send('callback', { payload: 'hello' });
      const error = (await caught).error as CaughtError;
      assert.equal(error.code, 'INPUT_INVALID');
      assert.match(error.message, /wire the first output of a sagecrm-poll node/);
      assert.equal(hook.requests.length, 0);
    });
  });

  describe('a callback that is not enabled', () => {
    it('passes messages on and delivers nothing', async () => {
      const flow = await load({ enabled: 'false', url: '' });
      const arrived = flow.message('out');
      flow.send('callback', { ...sampleMessage() });
      assert.deepEqual((await arrived).delivery, { status: 'disabled', attempts: 0, id: 'evt-1' });
      assert.deepEqual(flow.statuses('callback').at(-1)?.fill, 'grey');
    });
  });

  describe('a property that is not valid', () => {
    const cases: { name: string; properties: Record<string, unknown>; field: RegExp }[] = [
      { name: 'URL', properties: { url: 'example.com/hook' }, field: /^url is not valid/ },
      {
        name: 'header',
        properties: { url: 'https://example.com', headers: { Host: 'x' } },
        field: /^headers\.Host is not valid/,
      },
      {
        name: 'time-out',
        properties: { url: 'https://example.com', timeout: 'soon' },
        field: /^timeout is not valid/,
      },
      {
        name: 'TLS configuration',
        properties: { url: 'https://example.com', tls: 'gone' },
        field: /^The TLS configuration is missing/,
      },
      {
        name: 'proxy',
        properties: { url: 'https://example.com', proxy: 'gone' },
        field: /^The proxy configuration is missing/,
      },
    ];
    for (const { name, properties, field } of cases) {
      it(`is told of at start and for each message: ${name}`, async () => {
        const flow = await load(properties);
        assert.equal(flow.statuses('callback').at(-1)?.fill, 'red');
        assert.match(
          String(flow.logged('callback', 'error')[0]).replace(/^SageCrmError: /, ''),
          field,
        );
        for (let round = 0; round < 2; round += 1) {
          const caught = flow.message('caught');
          flow.send('callback', { ...sampleMessage() });
          const error = (await caught).error as CaughtError;
          assert.equal(error.code, 'CONFIG_INVALID');
          assert.match(error.message.replace(/^SageCrmError: /, ''), field);
        }
      });
    }

    it('includes a signature key that does not suit the format', async () => {
      const flow = await load(
        { url: 'https://example.com', format: 'standard-webhooks' },
        { callback: { signatureKey: `not base64 ${SECRET}` } },
      );
      const [error] = flow.logged('callback', 'error');
      assert.match(String(error), /signature key/);
      assert.doesNotMatch(inspect(error), new RegExp(SECRET));
    });
  });

  describe('an event that waits', () => {
    it('survives a deploy, and is delivered once by the node that comes after', async () => {
      let status = 503;
      const hook = await receiver(() => ({ status, headers: { 'Retry-After': '1' } }));
      const retries = '0s 0.2s';
      const flow = await load({ url: hook.url(), retries });
      const waiting = flow.status('callback', ({ fill }) => fill === 'yellow');
      flow.send('callback', { ...sampleMessage(), mine: 'kept' });
      assert.equal((await waiting).text, 'sagecrm-callback.status.retry');

      status = 204;
      await flow.deploy(flowOf({ url: hook.url(), retries, name: 'deployed anew' }), 'nodes');
      const message = await flow.message('out');
      assert.equal(message.mine, 'kept');
      assert.equal((message.delivery as DeliveryReport).attempts, 2);
      assert.equal(hook.requests.length, 2);
      assert.deepEqual(flow.logged('callback', 'error'), []);
    });

    it('survives a stop in the middle of a request, which is aborted', async () => {
      let reply: Reply = 'hang';
      const hook = await receiver(() => reply);
      const flow = await load({ url: hook.url() });
      flow.send('callback', { ...sampleMessage() });
      await hook.until(1);
      reply = { status: 200 };
      await flow.deploy(flowOf({ url: hook.url() }), 'full');
      await hook.until(2);
      const ids = hook.requests.map(({ body }) => (JSON.parse(body) as { id: string }).id);
      assert.deepEqual(ids, ['evt-1', 'evt-1']);
    });

    it('is acknowledged to its poll node once it is on disk, before it is delivered', async () => {
      const hook = await receiver(() => 'hang');
      const flow = await load({ url: hook.url() });
      const acknowledged = new Promise((resolve) => {
        const RED = { events: runtimeEvents() } as NodeAPI;
        const poll = Object.assign(
          Object.create(flow.node('out')) as object as ReturnType<RunningFlow['node']>,
          { id: 'poll-1' },
        );
        onAcknowledged(RED, poll, resolve);
      });
      flow.send('callback', { ...sampleMessage(), instanceId: 'poll-1' });
      assert.equal(await acknowledged, 'evt-1');
      assert.equal(((await ask(flow, 'status')) as { depth: number }).depth, 1);
    });
  });

  describe('a receiver that wants no more (410)', () => {
    it('gets nothing until it is enabled again, and then what has gathered', async () => {
      let status = 410;
      const hook = await receiver(() => ({ status }));
      const flow = await load({ url: hook.url() });
      const caught = flow.message('caught');
      flow.send('callback', { ...sampleMessage() });
      assert.match(((await caught).error as CaughtError).message, /410/);
      flow.send('callback', { ...sampleMessage({ eventId: 'evt-2', objectId: '2' }) });
      const before = (await ask(flow, 'status')) as { gone: string[] };
      assert.deepEqual([before.gone, hook.requests.length], [[''], 1]);

      status = 200;
      const delivered = flow.messages('out', 3);
      flow.send('callback', { topic: 'enable' });
      assert.deepEqual(deliveredOf(await delivered).sort(), ['evt-1', 'evt-2']);
    });

    it('is asked again when the node gets another URL', async () => {
      const hook = await receiver(() => ({ status: 410 }));
      const flow = await load({ url: hook.url('/old') });
      const caught = flow.message('caught');
      flow.send('callback', { ...sampleMessage() });
      await caught;
      const other = await receiver();
      await flow.deploy(flowOf({ url: other.url('/new') }), 'nodes');
      await other.until(1);
    });
  });

  describe('dead letters', () => {
    async function withTwo(): Promise<{ flow: RunningFlow; hook: Receiver; accept: () => void }> {
      let status = 400;
      const hook = await receiver(() => ({ status }));
      const flow = await load({ url: hook.url() });
      const caught = flow.messages('caught', 2);
      flow.send('callback', { ...sampleMessage() });
      flow.send('callback', { ...sampleMessage({ eventId: 'evt-2', objectId: '2' }) });
      await caught;
      return { flow, hook, accept: () => (status = 200) };
    }

    interface Letter {
      letter: number;
      reason: { code: string; statusCode: number };
      attempts: number;
      message: { event: { eventId: string } };
    }

    it('are listed with their reason and their tries', async () => {
      const { flow } = await withTwo();
      const letters = (await ask(flow, 'dead-letters', { order: 'oldest' })) as Letter[];
      assert.deepEqual(
        letters.map(({ reason, attempts, message }) => ({
          reason: [reason.code, reason.statusCode],
          attempts,
          id: message.event.eventId,
        })),
        ['evt-1', 'evt-2'].map((id) => ({ reason: ['DELIVERY_REFUSED', 400], attempts: 1, id })),
      );
    });

    it('are delivered once more, one or all', async () => {
      const { flow, accept } = await withTwo();
      accept();
      const [first] = (await ask(flow, 'dead-letters', { order: 'oldest' })) as Letter[];
      const one = flow.messages('out', 2);
      flow.send('callback', { topic: 'replay', payload: { letters: [first?.letter] } });
      assert.deepEqual(deliveredOf(await one), ['evt-1']);
      const other = flow.messages('out', 2);
      flow.send('callback', { topic: 'replay', payload: { all: true } });
      assert.deepEqual(deliveredOf(await other), ['evt-2']);
      assert.deepEqual(await ask(flow, 'dead-letters'), []);
    });

    it('are dropped only when it is said which', async () => {
      const { flow } = await withTwo();
      const caught = flow.message('caught');
      flow.send('callback', { topic: 'drop' });
      assert.equal(((await caught).error as CaughtError).code, 'INPUT_INVALID');
      assert.deepEqual(await ask(flow, 'drop', { all: true }), { dropped: 2 });
      assert.deepEqual(await ask(flow, 'dead-letters'), []);
    });
  });

  describe('a message that chooses its own address', () => {
    it('is followed only where that is allowed, and without the secrets of another host', async () => {
      const [own, other] = [await receiver(), await receiver()];
      const headers = { 'X-Api-Key': SECRET };
      const credentials = { callback: { username: 'user', password: SECRET } };
      const flow = await load({ url: own.url(), headers }, credentials);
      flow.send('callback', { ...sampleMessage(), url: other.url() });
      await own.until(1);
      assert.equal(other.requests.length, 0);

      await flow.deploy(flowOf({ url: own.url(), headers, allowUrlOverride: true }), 'nodes');
      flow.send('callback', { ...sampleMessage({ eventId: 'evt-2' }), url: other.url('/theirs') });
      const [request] = await other.until(1);
      assert.equal(request?.path, '/theirs');
      assert.doesNotMatch(inspect(request.headers), new RegExp(SECRET));
      assert.equal(request.headers.authorization, undefined);
    });
  });

  describe('several events in one webhook', () => {
    it('go together as far as the setting lets them, and come out one by one', async () => {
      const hook = await receiver();
      const flow = await load({ url: hook.url(), batchSize: '3', flushAfter: '0.1' });
      const arrived = flow.messages('out', 4);
      for (const n of [1, 2, 3, 4]) {
        const event = { eventId: `evt-${n}`, objectId: String(n) };
        flow.send('callback', { ...sampleMessage(event) });
      }
      assert.equal((await arrived).length, 4);
      const sizes = hook.requests.map(
        ({ body }) =>
          (JSON.parse(body) as { message: { events: unknown[] } }).message.events.length,
      );
      assert.equal(
        sizes.reduce((sum, size) => sum + size, 0),
        4,
      );
      assert.ok(sizes.some((size) => size > 1) && Math.max(...sizes) <= 3, String(sizes));
    });
  });

  describe('the network nodes of Node-RED', () => {
    const emptyTls = { name: '', cert: '', key: '', ca: '', verifyservercert: true };

    it('trusts the authority of the TLS configuration that was chosen', async () => {
      const hook = await Receiver.start(() => ({ status: 200 }), loopbackTls());
      receivers.push(hook);
      const flow = await load(
        { url: hook.url(), tls: 'tls' },
        { tls: { cadata: loopbackTls().cert } },
        [{ id: 'tls', type: 'tls-config', ...emptyTls }],
      );
      const arrived = flow.message('out');
      flow.send('callback', { ...sampleMessage() });
      assert.equal(((await arrived).delivery as DeliveryReport).status, 'delivered');
    });

    it('does not start with a TLS configuration that is not valid', async () => {
      const flow = await load(
        { url: 'https://example.com', tls: 'tls' },
        { tls: { certdata: loopbackTls().cert } },
        [{ id: 'tls', type: 'tls-config', ...emptyTls }],
      );
      assert.match(String(flow.logged('callback', 'error')), /The TLS configuration is missing/);
    });

    it('sends through the proxy that was chosen, with its log-on', async () => {
      const proxy = await receiver();
      const connects: string[] = [];
      proxy.onConnect((request, socket) => {
        connects.push(`${request.url ?? ''} ${request.headers['proxy-authorization'] ?? ''}`);
        // The client hangs up as soon as it has read the status.
        socket.on('error', () => undefined);
        socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
      });
      const flow = await load(
        { url: 'http://receiver.example/hook', proxy: 'proxy' },
        { proxy: { username: 'pro', password: 'x%y' } },
        [
          {
            id: 'proxy',
            type: 'http proxy',
            ...{ name: '', url: `http://127.0.0.1:${proxy.port}`, noproxy: [] },
          },
        ],
      );
      const shown = flow.status('callback', ({ fill }) => fill === 'yellow');
      flow.send('callback', { ...sampleMessage() });
      await shown;
      const logOn = Buffer.from('pro:x%y').toString('base64');
      assert.equal(connects[0], `receiver.example:80 Basic ${logOn}`);
    });
  });
});

/** The ids of what was delivered; answers to a command are left out. */
function deliveredOf(messages: readonly NodeMessage[]): string[] {
  return messages.flatMap((message) =>
    'delivery' in message ? [(message.delivery as DeliveryReport).id] : [],
  );
}
