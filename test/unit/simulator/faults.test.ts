import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { describe, it } from 'mocha';
import { startSimulator, type Simulator } from '../../simulator/simulator';
import { BASIC, TestClient } from './client';
import { withSimulator } from './simulated';

/** Reads an answer piece by piece, which fetch does not show. */
async function read(simulator: Simulator): Promise<{
  response: IncomingMessage;
  body: string;
  failed: string | undefined;
}> {
  const url = `${simulator.url}/hubs/crm/accounts`;
  const request = get(url, { agent: false, headers: { authorization: BASIC } });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  let body = '';
  try {
    for await (const chunk of response) body += String(chunk);
    return { response, body, failed: undefined };
  } catch (error) {
    return { response, body, failed: (error as NodeJS.ErrnoException).code };
  }
}

/** The code beneath fetch's own error. */
async function failure(request: Promise<unknown>): Promise<string | undefined> {
  try {
    await request;
    return undefined;
  } catch (error) {
    return ((error as Error).cause as NodeJS.ErrnoException | undefined)?.code;
  }
}

describe('the fault plan', () => {
  it('spoils the next requests, one fault each, and then no more', async () => {
    await withSimulator({}, async ({ simulator, client }) => {
      simulator.faults.next({ kind: 'status', status: 500 });
      simulator.faults.next([{ kind: 'refuse' }, { kind: 'status', status: 503 }]);
      const statuses: number[] = [];
      for (let n = 0; n < 4; n += 1) statuses.push((await client.hub('accounts')).status);
      assert.deepEqual(statuses, [500, 401, 503, 200]);
      assert.deepEqual(
        simulator.requests.map((request) => request.status),
        statuses,
      );
    });
  });

  it('spoils requests of a kind, so many times, before the queue', async () => {
    await withSimulator({}, async ({ simulator, client }) => {
      const isLeads = ({ path }: { path: string }): boolean => path.endsWith('/leads');
      simulator.faults.when(isLeads, { kind: 'status', status: 429 }, 2);
      simulator.faults.next({ kind: 'status', status: 500 });
      const statuses: number[] = [];
      for (const resource of ['leads', 'accounts', 'leads', 'leads', 'accounts']) {
        statuses.push((await client.hub(resource)).status);
      }
      assert.deepEqual(statuses, [429, 500, 429, 200, 200]);
    });
  });

  it('forgets everything when cleared', async () => {
    await withSimulator({}, async ({ simulator, client }) => {
      simulator.faults.next({ kind: 'reset' });
      simulator.faults.when(() => true, { kind: 'reset' }, 5);
      simulator.faults.clear();
      assert.equal((await client.hub('accounts')).status, 200);
    });
  });
});

describe('a fault', () => {
  it('of a status has a body in the shape of the API, or the given one', async () => {
    await withSimulator({}, async ({ simulator, client }) => {
      const { faults } = simulator;
      faults.next({ kind: 'status', status: 503, headers: { 'retry-after': '7' } });
      const hub = await client.hub('accounts');
      assert.equal(hub.headers.get('retry-after'), '7');
      assert.deepEqual(Object.keys(hub.json as object), [
        'message',
        'requestId',
        'providerMessage',
      ]);
      faults.next({ kind: 'status', status: 500 });
      assert.match((await client.sdata('company')).text, /"\$diagnoses"/);
      faults.next({ kind: 'status', status: 502 });
      assert.equal((await client.get('/')).status, 502);
      faults.next({ kind: 'status', status: 500, body: { oh: 'no' } });
      assert.deepEqual((await client.hub('accounts')).json, { oh: 'no' });
      faults.next({ kind: 'status', status: 502, body: 'Bad gateway', contentType: 'text/plain' });
      const gateway = await client.hub('accounts');
      assert.equal(gateway.text, 'Bad gateway');
      assert.equal(gateway.headers.get('content-type'), 'text/plain');
    });
  });

  it('of refusal is a 401 in the shape of the API', async () => {
    await withSimulator({}, async ({ simulator, client }) => {
      simulator.faults.next([{ kind: 'refuse' }, { kind: 'refuse' }, { kind: 'refuse' }]);
      assert.match((await client.hub('accounts')).text, /providerMessage/);
      const { status, text } = await client.sdata('company');
      assert.equal(status, 401);
      assert.match(text, /\$diagnoses/);
      assert.equal((await client.get('/')).status, 401);
    });
  });

  it('of html is a log-on page with status 200', async () => {
    await withSimulator({}, async ({ simulator, client }) => {
      simulator.faults.next({ kind: 'html' });
      const { status, headers, text } = await client.hub('accounts');
      assert.equal(status, 200);
      assert.equal(headers.get('content-type'), 'text/html');
      assert.match(text, /^<!DOCTYPE html>/);
    });
  });

  it('of reset ends the connection without an answer', async () => {
    await withSimulator({}, async ({ simulator, client }) => {
      simulator.faults.next({ kind: 'reset' });
      assert.equal(await failure(client.hub('accounts')), 'ECONNRESET');
      assert.equal(simulator.requests[0]?.status, 0);
      assert.equal((await client.hub('accounts')).status, 200);
    });
  });

  it('of hanging lasts until the plan is cleared', async () => {
    await withSimulator({}, async ({ simulator, client }) => {
      simulator.faults.next({ kind: 'hang' });
      const arrived = new Promise((resolve) => simulator.onRequest(resolve));
      const answer = client.hub('accounts');
      await arrived;
      assert.equal(simulator.requests[0]?.status, 0);
      simulator.faults.clear();
      assert.equal((await answer).status, 200);
    });
  });

  it('of hanging ends with the server, or with a client that gives up', async () => {
    const simulator = await startSimulator();
    simulator.faults.next([{ kind: 'hang' }, { kind: 'hang' }]);
    const arrived = new Promise<void>((resolve) => {
      simulator.onRequest(() => {
        if (simulator.requests.length === 2) resolve();
      });
    });
    const abort = new AbortController();
    const impatient = fetch(simulator.url, { signal: abort.signal });
    const patient = failure(new TestClient(simulator).hub('accounts'));
    await arrived;
    abort.abort();
    await assert.rejects(impatient, { name: 'AbortError' });
    await simulator.close();
    assert.ok(['ECONNRESET', 'UND_ERR_SOCKET'].includes((await patient) ?? ''));
  });

  it('of cut JSON promises more than it sends', async () => {
    await withSimulator({}, async ({ simulator }) => {
      simulator.crm.create('company');
      const whole = (await read(simulator)).body;
      simulator.faults.next({ kind: 'cutJson' });
      const { response, body, failed } = await read(simulator);
      assert.equal(response.headers['content-length'], String(whole.length));
      assert.equal(body, whole.slice(0, Math.floor(whole.length / 2)));
      assert.equal(failed, 'ECONNRESET');
    });
  });

  it('of cut JSON may be complete as far as HTTP goes', async () => {
    await withSimulator({}, async ({ simulator }) => {
      simulator.crm.create('company');
      simulator.faults.next({ kind: 'cutJson', complete: true, keepBytes: 10 });
      const { response, body, failed } = await read(simulator);
      assert.equal(response.headers['content-length'], '10');
      assert.equal(body, '[{"key":"1');
      assert.equal(failed, undefined);
    });
  });

  it('of slowness sends the true answer in pieces', async () => {
    await withSimulator({}, async ({ simulator, client }) => {
      simulator.crm.create('company');
      simulator.faults.next({ kind: 'slow', chunkDelayMs: 1, chunkBytes: 100 });
      assert.equal((await client.hubRows('accounts'))[0]?.key, '1');
    });
  });

  it('of slowness stops with the client', async () => {
    await withSimulator({}, async ({ simulator }) => {
      simulator.faults.next({ kind: 'slow', chunkDelayMs: 3_600_000 });
      const abort = new AbortController();
      const { body } = await fetch(`${simulator.url}/hubs/crm/accounts`, {
        headers: { authorization: BASIC },
        signal: abort.signal,
      });
      abort.abort();
      await assert.rejects(async () => body?.getReader().read(), { name: 'AbortError' });
    });
  });

  it('of a huge body is JSON of that size without a length', async () => {
    await withSimulator({}, async ({ simulator }) => {
      simulator.faults.next({ kind: 'hugeBody', bytes: 200_000 });
      const { response, body } = await read(simulator);
      assert.equal(response.headers['content-length'], undefined);
      assert.equal(body.length, 200_000);
      assert.equal((JSON.parse(body) as string[]).length, 1);
    });
  });

  it('of a huge body does not mind a client that hangs up', async () => {
    await withSimulator({}, async ({ simulator, client }) => {
      simulator.faults.next({ kind: 'hugeBody', bytes: 1_000_000_000 });
      const abort = new AbortController();
      const { body } = await fetch(simulator.url, { signal: abort.signal });
      await body?.getReader().read();
      abort.abort();
      assert.equal((await client.hub('accounts')).status, 200);
    });
  });
});
