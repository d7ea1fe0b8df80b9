import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get } from 'node:https';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import type { IncomingMessage } from 'node:http';
import { describe, it } from 'mocha';
import { SimulatedClock } from '../../simulator/clock';
import { startSimulator, type RecordedRequest } from '../../simulator/simulator';
import { loopbackTls } from '../../simulator/tls/loopback-tls';
import { BASIC, TestClient } from './client';
import { START, withSimulator } from './simulated';

describe('the simulated server', () => {
  it('needs no options at all', async () => {
    const simulator = await startSimulator();
    try {
      simulator.crm.create('company');
      assert.match(simulator.url, /^http:\/\/127\.0\.0\.1:\d+$/);
      assert.equal(`http://${simulator.host}`, simulator.url);
      assert.equal((await new TestClient(simulator).hubRows('accounts')).length, 1);
    } finally {
      await simulator.close();
    }
  });

  it('keeps every request and tells of it before it is answered', async () => {
    await withSimulator({}, async ({ simulator, client }) => {
      const heard: [RecordedRequest, number][] = [];
      const stop = simulator.onRequest((request) => heard.push([request, request.status]));
      await client.hub('accounts', { where: "Comp_Name='a b'", pageSize: 5 });
      stop();
      await client.hub('unicorns');
      const [first, second] = simulator.requests;
      assert.deepEqual(heard, [[first, 0]]);
      assert.equal(first?.method, 'GET');
      assert.equal(first.path, '/hubs/crm/accounts');
      assert.deepEqual({ ...first.query }, { where: "Comp_Name='a b'", pageSize: '5' });
      assert.equal(first.headers.authorization, BASIC);
      assert.equal(first.at, Date.parse(START));
      assert.equal(first.status, 200);
      assert.equal(second?.status, 404);
    });
  });

  it('sends its own time as Date, skewed if told so', async () => {
    await withSimulator({}, async ({ simulator, client }) => {
      const date = async (): Promise<string | null> =>
        (await client.hub('accounts')).headers.get('date');
      assert.equal(await date(), 'Sat, 31 Jan 2026 10:00:00 GMT');
      simulator.options.dateHeaderSkewMs = -600_000;
      simulator.clock.advance(1000);
      assert.equal(await date(), 'Sat, 31 Jan 2026 09:50:01 GMT');
    });
  });

  it('may be a hub only', async () => {
    await withSimulator({ apis: ['hub'] }, async ({ client }) => {
      assert.equal((await client.hub('accounts')).status, 200);
      const { status, json } = await client.sdata('company');
      assert.equal(status, 404);
      assert.deepEqual(Object.keys(json as object), ['message', 'requestId', 'providerMessage']);
    });
  });

  it('may be a Sage CRM only, with a page from IIS for whatever else is asked', async () => {
    await withSimulator({ apis: ['sdata'] }, async ({ client }) => {
      assert.equal((await client.sdata('company')).status, 200);
      for (const path of ['/hubs/crm/accounts', '/', '//hubs/crm/accounts', '/%E0%A4%A']) {
        const { status, headers, text: html } = await client.get(path);
        assert.equal(status, 404, path);
        assert.match(headers.get('content-type') ?? '', /^text\/html/);
        assert.match(html, /IIS Detailed Error/);
      }
    });
  });

  it('may have the hub below a base path', async () => {
    await withSimulator({ basePath: '/elements/api-v2' }, async ({ simulator, client }) => {
      simulator.crm.create('company');
      assert.equal(`http://${simulator.host}`, `${simulator.url}/elements/api-v2`);
      assert.equal((await client.get('/elements/api-v2/hubs/crm/accounts')).status, 200);
      assert.equal((await client.hub('accounts')).status, 404);
      const below = await client.get('/elements/api-v2/sdata/crmj/sagecrm2/-/company');
      assert.match(below.text, /elements\/api-v2\/sdata\/crmj\/sagecrm2\/-\/company\('1'\)/);
      assert.equal((await client.sdata('company')).status, 200);
    });
  });

  it('may be another installation', async () => {
    await withSimulator({ install: 'crm2' }, async ({ client }) => {
      assert.equal((await client.get('/sdata/crm2j/sagecrm2/-/company')).status, 200);
      assert.equal((await client.sdata('company')).status, 404);
    });
  });

  it('may listen on another address and a port of choice', async () => {
    const first = await startSimulator({ host: 'localhost' });
    const port = Number(new URL(first.url).port);
    await first.close();
    const second = await startSimulator({ host: 'localhost', port });
    assert.equal(second.url, `http://localhost:${port}`);
    await second.close();
  });

  it('speaks https with a certificate', async () => {
    const tls = loopbackTls();
    await withSimulator({ tls }, async ({ simulator }) => {
      assert.match(simulator.url, /^https:/);
      const url = `${simulator.url}/hubs/crm/accounts`;
      const request = get(url, { ca: tls.cert, headers: { authorization: BASIC } });
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      assert.equal(response.statusCode, 200);
      assert.equal(await text(response), '[]');
    });
  });

  it('answers 500 and goes on when a hook of the test fails', async () => {
    await withSimulator({}, async ({ simulator, client }) => {
      simulator.options.beforePage = () => {
        throw new Error('the hook is broken');
      };
      const { status, text: body } = await client.hub('accounts');
      assert.equal(status, 500);
      assert.match(body, /the hook is broken/);
      simulator.options = {};
      assert.equal((await client.hub('accounts')).status, 200);
    });
  });

  it('ends idle and silent connections when it is closed, also twice', async () => {
    const simulator = await startSimulator({ clock: SimulatedClock.at(START) });
    const { hostname, port } = new URL(simulator.url);
    const socket = connect(Number(port), hostname);
    socket.resume();
    await once(socket, 'connect');
    await fetch(simulator.url).then((response) => response.text());
    const ended = once(socket, 'close');
    await Promise.all([simulator.close(), simulator.close()]);
    await ended;
    await assert.rejects(fetch(simulator.url));
  });
});
