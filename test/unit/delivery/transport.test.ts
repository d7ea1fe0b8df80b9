import assert from 'node:assert/strict';
import type { LookupFunction } from 'node:net';
import { inspect } from 'node:util';
import axios from 'axios';
import {
  httpTransport,
  type Transport,
  type WebhookRequest,
} from '../../../src/delivery/transport';
import { SageCrmError, type ErrorCode } from '../../../src/errors/sagecrm-error';
import { ManualClock } from '../../support/manual-clock';
import { loopbackTls } from '../../simulator/tls/loopback-tls';
import { Receiver, type Received, type Reply } from './support/receiver';

const SECRET = 'planted-secret-51c9';

function hasCode(code: ErrorCode) {
  return (error: unknown): boolean => error instanceof SageCrmError && error.code === code;
}

/** A resolver that gives one address for every name. */
function resolver(address: string): LookupFunction & { asked: string[] } {
  const asked: string[] = [];
  const lookup: LookupFunction = (hostname, options, callback) => {
    asked.push(hostname);
    if (options.all === true) callback(null, [{ address, family: 4 }]);
    else callback(null, address, 4);
  };
  return Object.assign(lookup, { asked });
}

describe('httpTransport', () => {
  let clock: ManualClock;
  let stopping: AbortController;
  const receivers: Receiver[] = [];
  const transports: Transport[] = [];

  beforeEach(() => {
    clock = new ManualClock();
    stopping = new AbortController();
  });

  afterEach(async () => {
    for (const transport of transports.splice(0)) transport.close();
    await Promise.all(receivers.splice(0).map((receiver) => receiver.stop()));
  });

  async function receiver(reply?: (request: Received, number: number) => Reply) {
    const started = await Receiver.start(reply);
    receivers.push(started);
    return started;
  }

  function transport(options: Partial<Parameters<typeof httpTransport>[0]> = {}): Transport {
    const created = httpTransport({ env: {}, allowPrivate: true, clock, ...options });
    transports.push(created);
    return created;
  }

  function request(url: string, changes: Partial<WebhookRequest> = {}): WebhookRequest {
    return {
      url: new URL(url),
      headers: { 'Content-Type': 'application/json' },
      body: '{"name":"Müller"}',
      timeoutMs: 15_000,
      signal: stopping.signal,
      ...changes,
    };
  }

  it('posts the body byte for byte, with the headers', async () => {
    const hook = await receiver();
    const body = ' {"name":"Müller"}\n';
    const answer = await transport().post(
      request(hook.url('/hook?a=b'), {
        body,
        headers: { 'Content-Type': 'application/cloudevents+json', 'X-A': '1' },
      }),
    );
    assert.equal(answer.statusCode, 200);
    const [received] = hook.requests;
    assert.equal(received?.method, 'POST');
    assert.equal(received.path, '/hook?a=b');
    assert.equal(received.body, body);
    assert.equal(received.headers['content-type'], 'application/cloudevents+json');
    assert.equal(received.headers['content-length'], String(Buffer.byteLength(body)));
    assert.equal(received.headers['x-a'], '1');
  });

  it('gives any status as an answer, with the hints about a next try', async () => {
    const date = 'Sat, 31 Jan 2026 10:00:00 GMT';
    const hook = await receiver(() => ({
      status: 503,
      headers: { 'Retry-After': '7', Date: date },
      body: 'busy',
    }));
    assert.deepEqual(await transport().post(request(hook.url())), {
      statusCode: 503,
      hint: { retryAfter: '7', date },
    });
  });

  it('never follows a redirect, wherever it leads', async () => {
    const inside = await receiver();
    const hook = await receiver(() => ({
      status: 307,
      headers: { Location: inside.url('/metadata') },
    }));
    const answer = await transport().post(request(hook.url()));
    assert.equal(answer.statusCode, 307);
    assert.equal(inside.requests.length, 0);
  });

  it('reads no more of an answer than it must', async () => {
    const hook = await receiver((_request, number) => ({
      status: 200,
      body: number === 1 ? Buffer.alloc(8 * 1024 * 1024) : '',
    }));
    const sender = transport();
    assert.equal((await sender.post(request(hook.url()))).statusCode, 200);
    assert.equal((await sender.post(request(hook.url()))).statusCode, 200);
  });

  it('waits for the end of a body no longer than two seconds: the status has decided', async () => {
    const hook = await receiver(() => 'trickle');
    const posting = transport().post(request(hook.url()));
    await hook.until(1);
    let answer: { statusCode: number } | undefined;
    void posting.then((given) => (answer = given));
    while (answer === undefined) {
      await clock.untilSleeping();
      await clock.advance(1000);
    }
    assert.equal(answer.statusCode, 200);
  });

  describe('over a connection that was kept', () => {
    it('posts once more when the receiver has closed it meanwhile', async () => {
      const hook = await receiver((_request, number) => (number === 2 ? 'reset' : { status: 200 }));
      const kept = transport();
      await kept.post(request(hook.url()));
      assert.equal((await kept.post(request(hook.url()))).statusCode, 200);
      assert.equal(hook.requests.length, 3);
    });

    it('does so once: a receiver that breaks new connections too is a failure', async () => {
      const hook = await receiver((_request, number) => (number > 1 ? 'reset' : { status: 200 }));
      const kept = transport();
      await kept.post(request(hook.url()));
      await assert.rejects(kept.post(request(hook.url())), hasCode('UNREACHABLE'));
      assert.equal(hook.requests.length, 3);
    });

    it('does not for a new connection', async () => {
      const hook = await receiver(() => 'reset');
      await assert.rejects(transport().post(request(hook.url())), hasCode('UNREACHABLE'));
      assert.equal(hook.requests.length, 1);
    });
  });

  it('is not reached by the defaults of others that use axios', async () => {
    const hook = await receiver();
    const intruder = axios.interceptors.request.use((config) => {
      config.headers.set('X-Intruder', 'yes');
      return config;
    });
    try {
      await transport().post(request(hook.url()));
    } finally {
      axios.interceptors.request.eject(intruder);
    }
    assert.equal(hook.requests[0]?.headers['x-intruder'], undefined);
  });

  it('goes around the proxy of the environment where NO_PROXY says so', async () => {
    const hook = await receiver();
    const env = { HTTP_PROXY: 'http://127.0.0.1:9', NO_PROXY: '127.0.0.1' };
    assert.equal((await transport({ env }).post(request(hook.url()))).statusCode, 200);
  });

  it('posts over TLS to a receiver whose authority it is told of', async () => {
    const hook = await Receiver.start(() => ({ status: 200 }), loopbackTls());
    receivers.push(hook);
    const trusting = transport({ tls: { ca: loopbackTls().cert } });
    assert.equal((await trusting.post(request(hook.url()))).statusCode, 200);
    await assert.rejects(transport().post(request(hook.url())), hasCode('TLS_FAILED'));
    assert.equal(hook.requests.length, 1);
  });

  describe('when there is no answer', () => {
    it('ends the whole exchange when its time is up', async () => {
      const hook = await receiver(() => 'hang');
      const posting = transport().post(request(hook.url(), { timeoutMs: 5_000 }));
      const failing = assert.rejects(posting, hasCode('TIMEOUT'));
      await hook.until(1);
      await clock.advance(5_000);
      await failing;
      assert.deepEqual(clock.pending(), []);
    });

    it('ends at once when it is told to', async () => {
      const hook = await receiver(() => 'hang');
      const failing = assert.rejects(transport().post(request(hook.url())), hasCode('ABORTED'));
      await hook.until(1);
      stopping.abort();
      await failing;
      assert.deepEqual(clock.pending(), []);
      await assert.rejects(transport().post(request(hook.url())), hasCode('ABORTED'));
    });

    it('tells a connection that breaks', async () => {
      const hook = await receiver(() => 'reset');
      await assert.rejects(
        transport().post(request(hook.url())),
        (error) => hasCode('UNREACHABLE')(error) && String(error).includes('ECONNRESET'),
      );
    });

    it('tells a port where nobody listens', async () => {
      const hook = await receiver();
      const url = hook.url();
      await hook.stop();
      receivers.pop();
      await assert.rejects(
        transport().post(request(url)),
        (error) => hasCode('UNREACHABLE')(error) && String(error).includes('ECONNREFUSED'),
      );
    });

    it('tells no secret, whatever fails', async () => {
      const hook = await receiver((_request, number) => (number === 1 ? 'reset' : 'hang'));
      const secretive = (): WebhookRequest =>
        request(`${hook.url(`/${SECRET}`)}?key=${SECRET}`, {
          headers: { Authorization: SECRET, 'X-Key': SECRET },
          body: SECRET,
        });
      const thrown = (posting: Promise<unknown>): Promise<unknown> =>
        posting.then(
          () => assert.fail('it was delivered'),
          (error: unknown) => error,
        );
      const reset = await thrown(transport().post(secretive()));
      const timingOut = thrown(transport().post(secretive()));
      await hook.until(2);
      await clock.advance(15_000);
      const refused = await thrown(transport({ allowPrivate: false }).post(secretive()));
      for (const error of [reset, await timingOut, refused]) {
        assert.ok(error instanceof SageCrmError);
        const seen = inspect(error, { depth: 20, showHidden: true });
        assert.equal(seen.includes(SECRET), false, seen);
      }
    });
  });

  describe('without leave for private addresses', () => {
    it('refuses a literal address before it connects', async () => {
      const hook = await receiver();
      const guarded = transport({ allowPrivate: false });
      await assert.rejects(guarded.post(request(hook.url())), hasCode('ADDRESS_REFUSED'));
      assert.equal(hook.requests.length, 0);
    });

    it('refuses a name that leads to one', async () => {
      const hook = await receiver();
      const lookup = resolver('127.0.0.1');
      const guarded = transport({ allowPrivate: false, lookup });
      await assert.rejects(
        guarded.post(request(`http://receiver.example:${hook.port}/`)),
        hasCode('ADDRESS_REFUSED'),
      );
      assert.deepEqual(lookup.asked, ['receiver.example']);
      assert.equal(hook.requests.length, 0);
    });

    it('asks the resolver for each new connection, and connects to what it has judged', async () => {
      const lookup = resolver('127.0.0.1');
      const guarded = transport({ allowPrivate: false, lookup });
      for (let round = 1; round <= 2; round += 1) {
        await assert.rejects(
          guarded.post(request('http://receiver.example/')),
          hasCode('ADDRESS_REFUSED'),
        );
        assert.equal(lookup.asked.length, round);
      }
    });

    it('refuses literal addresses also behind a proxy', async () => {
      const guarded = transport({
        allowPrivate: false,
        env: { http_proxy: 'http://127.0.0.1:9' },
      });
      await assert.rejects(guarded.post(request('http://10.0.0.1/')), hasCode('ADDRESS_REFUSED'));
    });
  });
});
