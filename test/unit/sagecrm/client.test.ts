import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { gzipSync } from 'node:zlib';
import { SageCrmError, type ErrorCode } from '../../../src/errors/sagecrm-error';
import type { CrmClient } from '../../../src/sagecrm/client';
import { ManualClock } from '../../support/manual-clock';
import {
  clientFor,
  ScriptedServer,
  untroubled,
  type Answer,
  type ClientOptions,
  type Script,
} from './support/scripted-server';

const PATH = "/hubs/crm/accounts?where=a%3E'1'&x=a%20b+c";

const SECRETS = {
  password: 'pw-hunter-2',
  userSecret: 'user-secret-3',
  organizationSecret: 'organization-secret-4',
  elementToken: 'element-token-5',
};

const HTML: Answer = {
  headers: { 'content-type': 'text/html;charset=utf-8' },
  body: '<!DOCTYPE html><html><body>Please log on</body></html>',
};

describe('CrmClient', () => {
  let server: ScriptedServer;
  let clock: ManualClock;
  let client: CrmClient;

  async function given(script: Script, options: ClientOptions = {}): Promise<void> {
    server = await ScriptedServer.start(script);
    clock = new ManualClock('2026-01-31T10:00:00Z');
    client = clientFor(server, { clock, ...options });
  }

  afterEach(async () => {
    client.close();
    await server.close();
  });

  async function failure(signal = untroubled()): Promise<SageCrmError> {
    const outcome = await client.get(PATH, 'hub', signal).catch((error: unknown) => error);
    assert.ok(outcome instanceof SageCrmError, inspect(outcome));
    return outcome;
  }

  describe('a JSON answer', () => {
    it('comes with its headers in lower case and the time of the server', async () => {
      await given(() => ({
        headers: { 'Elements-Total-Count': '7', Date: 'Sat, 31 Jan 2026 09:59:30 GMT' },
        body: [{ key: '1' }],
      }));
      const answer = await client.get(PATH, 'hub', untroubled());
      assert.deepEqual(answer.body, [{ key: '1' }]);
      assert.equal(answer.headers['elements-total-count'], '7');
      assert.equal(answer.serverTime, Date.parse('2026-01-31T09:59:30Z'));
    });

    it('is asked for at the address as written, below the base path', async () => {
      await given(() => ({}), { basePath: '/elements/api-v2' });
      await client.get('/hubs/crm/accounts?a=%3E%27x%27&b=a%20b', 'hub', untroubled());
      assert.deepEqual(server.urls, ['/elements/api-v2/hubs/crm/accounts?a=%3E%27x%27&b=a%20b']);
      assert.equal(server.requests[0]?.headers.accept, 'application/json');
    });

    it('may be compressed', async () => {
      const body = [{ Comp_Name: 'Bäckerei Žák' }];
      await given(() => ({
        headers: { 'content-encoding': 'gzip' },
        body: gzipSync(JSON.stringify(body)),
      }));
      assert.deepEqual((await client.get(PATH, 'hub', untroubled())).body, body);
      assert.match(server.requests[0]?.headers['accept-encoding'] ?? '', /gzip/);
    });

    it('may start with a byte order mark, or be called text', async () => {
      await given(() => ({ headers: { 'content-type': 'text/plain' }, body: '\ufeff[1]' }));
      assert.deepEqual((await client.get(PATH, 'hub', untroubled())).body, [1]);
    });

    it('brings no time when the server does not tell it', async () => {
      await given(() => ({ headers: { date: 'this morning' } }));
      assert.equal((await client.get(PATH, 'hub', untroubled())).serverTime, undefined);
    });

    it('comes over one connection, which is kept', async () => {
      await given(() => ({}));
      for (let count = 0; count < 3; count += 1) await client.get(PATH, 'hub', untroubled());
      const ports = new Set(server.requests.map(({ socket }) => socket.remotePort));
      assert.equal(ports.size, 1);
    });
  });

  describe('every failure has its code, a next step and no secret', () => {
    const cases: [string, Answer | 'reset', ErrorCode, RegExp][] = [
      ['401', { status: 401 }, 'LOGON_REFUSED', /user crm-user.*user name and password.*"resume"/],
      ['403', { status: 403 }, 'LOGON_REFUSED', /\(403\).*ask the administrator/],
      ['404', { status: 404 }, 'NOT_FOUND', /check the resource URL, the subdomain/],
      ['400', { status: 400 }, 'BAD_REQUEST', /status 400.*where clause/],
      ['405', { status: 405 }, 'BAD_REQUEST', /status 405/],
      ['429', { status: 429 }, 'RATE_LIMITED', /fewer requests.*longer interval/],
      ['500', { status: 500 }, 'SERVER_ERROR', /status 500.*goes on by itself/],
      ['503', { status: 503 }, 'SERVER_ERROR', /status 503/],
      [
        'a redirect',
        { status: 302, headers: { location: 'https://crm/logon?p=1' } },
        'REDIRECTED',
        /redirect \(302\).*address it leads to/,
      ],
      ['a page with status 200', HTML, 'NOT_JSON', /text\/html instead of JSON.*log-on page/],
      ['plain text', { body: 'busy', headers: { 'content-type': '' } }, 'NOT_JSON', /plain text/],
      ['an empty answer', { body: ' ' }, 'NOT_JSON', /an empty answer/],
      ['damaged JSON', { body: '[{"a": "topsecret' }, 'JSON_CUT', /breaks off or is damaged/],
      ['a broken-off answer', { body: [1, 2, 3], cutAfter: 3 }, 'JSON_CUT', /broke off/],
      [
        'a reset connection',
        'reset',
        'UNREACHABLE',
        /not be reached \(ECONNRESET\).*the network and the proxy/,
      ],
    ];
    for (const [what, answer, code, message] of cases) {
      it(`${what}: ${code}`, async () => {
        await given(() => answer, { logOn: SECRETS });
        const error = await failure();
        assert.equal(error.code, code);
        assert.match(error.message, message);
        assert.ok(error.nextStep.length > 20);
        assertNoSecret(error);
      });
    }

    it('nobody listening: UNREACHABLE', async () => {
      await given(() => ({}), { logOn: SECRETS });
      await server.close();
      const error = await failure();
      assert.equal(error.code, 'UNREACHABLE');
      assert.match(error.message, /\(ECONNREFUSED\).*goes on by itself/);
      assertNoSecret(error);
    });

    it('keeps the records of a damaged answer out of the error', async () => {
      await given(() => ({ body: '[{"Pers_LastName": "Lovelace' }));
      assert.doesNotMatch(inspect(await failure(), { depth: null }), /Lovelace/);
    });

    it('keeps the user name out of nothing but a refusal', async () => {
      await given(() => ({ status: 500 }));
      assert.doesNotMatch(inspect(await failure(), { depth: null }), /crm-user/);
    });
  });

  describe('Retry-After', () => {
    async function waitFor(header: string, date = ''): Promise<number | undefined> {
      const headers = { 'retry-after': header, ...(date === '' ? {} : { date }) };
      await given(() => ({ status: 503, headers }));
      return (await failure()).details.retryAfterMs;
    }

    it('is read as seconds', async () => {
      assert.equal(await waitFor('90'), 90_000);
    });

    it('is read as a date, from the present time', async () => {
      assert.equal(await waitFor('Sat, 31 Jan 2026 10:02:00 GMT'), 120_000);
    });

    it("is counted by the server's own clock where it tells the time", async () => {
      const wait = waitFor('Sat, 31 Jan 2026 12:00:05 GMT', 'Sat, 31 Jan 2026 12:00:00 GMT');
      assert.equal(await wait, 5000);
    });

    it('is never negative', async () => {
      assert.equal(await waitFor('Sat, 31 Jan 2026 09:00:00 GMT'), 0);
    });

    it('is left alone when it makes no sense', async () => {
      assert.equal(await waitFor('soon'), undefined);
    });
  });

  describe("the server's own words", () => {
    it('of a hub, with the id of the request', async () => {
      await given(() => ({
        status: 400,
        body: { message: 'Bad clause', providerMessage: 'near "x"', requestId: 'r-1' },
      }));
      const error = await failure();
      assert.match(error.message, /\("Bad clause: near "x""\) \[request r-1\]/);
      assert.equal(error.details.requestId, 'r-1');
      assert.equal(error.details.statusCode, 400);
    });

    it('of a hub that names the request in a header only', async () => {
      await given(() => ({ status: 500, headers: { 'elements-request-id': 'r-2' }, body: 'oops' }));
      assert.equal((await failure()).details.requestId, 'r-2');
    });

    for (const wrap of [
      (diagnosis: object) => ({ $diagnoses: [diagnosis] }),
      (diagnosis: object) => [diagnosis],
    ]) {
      const diagnosis = { $sdataCode: 'BadWhereSyntax', $message: 'no such column' };
      it(`of Sage CRM as ${JSON.stringify(wrap({})).slice(0, 14)}…`, async () => {
        await given(() => ({ status: 400, body: wrap(diagnosis) }));
        assert.match((await failure()).message, /\("BadWhereSyntax: no such column"\)/);
      });
    }

    it('are cut when they are long, and left out when they are a page', async () => {
      await given(() => ({ status: 500, body: { message: 'x'.repeat(10_000) } }));
      assert.ok((await failure()).message.length < 600);
      server.answerWith(() => ({ ...HTML, status: 500 }));
      assert.doesNotMatch((await failure()).message, /log on/);
    });
  });

  describe('after a refused log-on (401)', () => {
    it('fails at once without reaching the server', async () => {
      await given(() => ({ status: 401 }));
      const first = await failure();
      assert.equal(first.details.statusCode, 401);
      for (let count = 0; count < 5; count += 1) {
        assert.equal((await failure()).code, 'LOGON_REFUSED');
      }
      assert.equal(server.urls.length, 1);
    });

    it('tries once more when asked to, and no oftener while refused', async () => {
      await given(() => ({ status: 401 }));
      await failure();
      client.retryLogOn();
      await failure();
      await failure();
      assert.equal(server.urls.length, 2);
    });

    it('works again once the log-on is accepted', async () => {
      await given((_url, count) => (count === 1 ? { status: 401 } : {}));
      await failure();
      client.retryLogOn();
      await client.get(PATH, 'hub', untroubled());
      await client.get(PATH, 'hub', untroubled());
      assert.equal(server.urls.length, 3);
    });
  });

  it('asks again after a 403, which concerns one entity only', async () => {
    await given((_url, count) => (count === 1 ? { status: 403 } : {}));
    await failure();
    await client.get(PATH, 'hub', untroubled());
    assert.equal(server.urls.length, 2);
  });

  describe('a request without an answer', () => {
    it('times out by the clock', async () => {
      await given(() => 'never', { timeoutMs: 30_000, logOn: SECRETS });
      const asked = server.nextRequest();
      const failing = failure();
      await asked;
      await clock.advance(29_999);
      assert.deepEqual(clock.pending(), [1]);
      await clock.advance(1);
      const error = await failing;
      assert.equal(error.code, 'TIMEOUT');
      assert.match(error.message, /within 30 s.*goes on by itself/);
      assertNoSecret(error);
    });

    it('times out in the middle of the answer, too', async () => {
      await given(() => ({ headers: { 'content-length': '100' }, body: '[' }));
      const asked = server.nextRequest();
      const failing = failure();
      await asked;
      await clock.advance(30_000);
      assert.equal((await failing).code, 'TIMEOUT');
    });

    it('ends when the caller gives up', async () => {
      await given(() => 'never', { logOn: SECRETS });
      const asked = server.nextRequest();
      const caller = new AbortController();
      const failing = failure(caller.signal);
      await asked;
      caller.abort();
      const error = await failing;
      assert.equal(error.code, 'ABORTED');
      assertNoSecret(error);
    });

    it('ends when the client is closed, and so does every later one', async () => {
      await given(() => 'never');
      const asked = server.nextRequest();
      const failing = failure();
      await asked;
      client.close();
      assert.equal((await failing).code, 'ABORTED');
      assert.equal((await failure()).code, 'ABORTED');
      assert.equal(server.urls.length, 1);
    });
  });

  it('leaves no timer behind, however a request ends', async () => {
    await given((_url, count) => (count === 1 ? {} : count === 2 ? { status: 500 } : HTML));
    await client.get(PATH, 'hub', untroubled());
    await failure();
    await failure();
    assert.deepEqual(clock.pending(), []);
  });
});

function assertNoSecret(error: SageCrmError): void {
  const shown = [
    error.message,
    error.stack ?? '',
    inspect(error, { depth: null, showHidden: true }),
    JSON.stringify(error),
  ].join('\n');
  const basic = Buffer.from(`crm-user:${SECRETS.password}`).toString('base64');
  for (const secret of [...Object.values(SECRETS), basic, 'topsecret']) {
    assert.ok(!shown.includes(secret), `${secret} in ${shown}`);
  }
}
