import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { inspect } from 'node:util';
import sagecrmCallback from '../../nodes/sagecrm-callback/sagecrm-callback';
import {
  coreNode,
  loadFlow,
  startNodeRed,
  stopNodeRed,
  unloadFlow,
  type Credentials,
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
}

/** What a Catch node adds to a message. */
interface CaughtError {
  message: string;
  code?: string;
}

const SECRET = 'planted-secret-7f3a';

describe('sagecrm-callback', () => {
  const receivers: Receiver[] = [];

  before(() => startNodeRed());
  after(() => stopNodeRed());

  afterEach(async () => {
    await unloadFlow();
    await Promise.all(receivers.splice(0).map((receiver) => receiver.stop()));
  });

  async function receiver(reply?: () => Reply): Promise<Receiver> {
    const started = await Receiver.start(reply);
    receivers.push(started);
    return started;
  }

  function load(
    properties: Record<string, unknown>,
    credentials: Credentials = {},
    others: { id: string; type: string }[] = [],
  ): Promise<RunningFlow> {
    return loadFlow(
      [sagecrmCallback, coreNode('network/05-tls.js'), coreNode('network/06-httpproxy.js')],
      [
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
      ],
      credentials,
    );
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
      const hook = await receiver(() => ({ status: 410 }));
      const flow = await load({ url: hook.url() });
      let sent = 0;
      flow.node('out').on('input', () => (sent += 1));
      const caught = flow.message('caught');
      const shown = flow.status('callback', ({ fill }) => fill === 'red');
      flow.send('callback', { ...sampleMessage() });
      const message = await caught;
      const error = message.error as CaughtError;
      assert.equal(error.code, 'DELIVERY_REFUSED');
      assert.match(error.message, /status 410/);
      assert.deepEqual(message.delivery, {
        status: 'failed',
        statusCode: 410,
        attempts: 1,
        id: 'evt-1',
      } satisfies DeliveryReport);
      assert.deepEqual(message.payload, sampleMessage().payload);
      assert.equal((await shown).text, 'sagecrm-callback.status.failed');
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
      assert.match(String(error), /signature key is not a Standard Webhooks secret/);
      assert.doesNotMatch(inspect(error), new RegExp(SECRET));
    });
  });

  describe('stopping the flow', () => {
    it('ends a wait for the next try and says how many were left', async () => {
      const hook = await receiver(() => ({ status: 503, headers: { 'Retry-After': '60' } }));
      const flow = await load({ url: hook.url() });
      const waiting = flow.status('callback', ({ fill }) => fill === 'yellow');
      flow.send('callback', { ...sampleMessage() });
      flow.send('callback', { ...sampleMessage({ eventId: 'evt-2' }) });
      assert.equal((await waiting).text, 'sagecrm-callback.status.retry');
      await flow.stop();
      assert.deepEqual(flow.logged('callback', 'warn'), ['sagecrm-callback.error.undelivered']);
      assert.equal(hook.requests.length, 1);
    });

    it('aborts a request that is under way', async () => {
      const hook = await receiver(() => 'hang');
      const flow = await load({ url: hook.url() });
      flow.send('callback', { ...sampleMessage() });
      await hook.until(1);
      await flow.stop();
      assert.deepEqual(flow.logged('callback', 'warn'), ['sagecrm-callback.error.undelivered']);
      assert.deepEqual(flow.logged('callback', 'error'), []);
    });

    it('is silent when everything was delivered', async () => {
      const hook = await receiver();
      const flow = await load({ url: hook.url() });
      const arrived = flow.message('out');
      flow.send('callback', { ...sampleMessage() });
      await arrived;
      await flow.stop();
      assert.deepEqual(flow.logged('callback', 'warn'), []);
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
