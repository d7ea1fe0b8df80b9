import assert from 'node:assert/strict';
import type { ApiChoice } from '../../../src/config/config-properties';
import type { CrmClient } from '../../../src/sagecrm/client';
import { ServerSource } from '../../../src/sagecrm/server-source';
import type { Page, Query } from '../../../src/sagecrm/source';
import { resolveZone } from '../../../src/template/zone';
import { startSimulator, type Simulator, type SimulatorOptions } from '../../simulator/simulator';
import { clientFor, pagesOf } from './support/scripted-server';

const ACCOUNTS = "/hubs/crm/accounts?where=Comp_UpdatedDate>'2020-01-01T00:00:00Z'";
const CONTACTS = {
  url: "/hubs/crm/contacts?where=Pers_UpdatedDate>'2020-01-01T00:00:00Z'",
  updatedField: 'Pers_UpdatedDate',
};

describe('ServerSource', () => {
  let simulator: Simulator;
  let client: CrmClient;
  let source: ServerSource;

  async function given(api: ApiChoice, options: SimulatorOptions = {}): Promise<void> {
    simulator = await startSimulator(options);
    simulator.crm.create('company');
    simulator.crm.create('person');
    client = clientFor(simulator);
    source = new ServerSource({
      client,
      api,
      install: 'crm',
      zone: resolveZone('UTC'),
      dateLiteral: 'auto',
    });
  }

  afterEach(async () => {
    client.close();
    await simulator.close();
  });

  function read(query: Partial<Query> = {}): Promise<Page[]> {
    return pagesOf(source, { url: ACCOUNTS, ...query });
  }

  /** The requests since the last call, as `hub 200`. */
  function asked(): string[] {
    return simulator.requests
      .splice(0)
      .map(({ path, status }) => `${path.includes('/sdata/') ? 'sdata' : 'hub'} ${status}`);
  }

  function literals(): string[] {
    return simulator.requests
      .splice(0)
      .filter(({ path }) => path.includes('/sdata/'))
      .map(({ query }) => (query.where?.includes('@') ? '@' : "'"));
  }

  function columnOf(pages: readonly Page[], name: string): unknown[] {
    return pages.flatMap(({ rows }) => rows.map((row) => row[name]));
  }

  describe('set to hub', () => {
    it('asks the hub only, with the URL as written', async () => {
      await given('hub', { apis: ['sdata'] });
      await assert.rejects(read(), { code: 'NOT_FOUND' });
      assert.deepEqual(asked(), ['hub 404']);
    });
  });

  describe('set to sdata', () => {
    it("asks Sage CRM's own API only, with the URL translated", async () => {
      await given('sdata');
      assert.equal(columnOf(await read(), '$key').length, 1);
      const [request] = simulator.requests;
      assert.equal(request?.path, '/sdata/crmj/sagecrm2/-/company');
      assert.equal(request.query.where, 'Comp_UpdatedDate gt @2020-01-01T00:00:00Z@');
    });

    it('does not turn to the hub when it fails', async () => {
      await given('sdata', { apis: ['hub'] });
      await assert.rejects(read(), { code: 'NOT_FOUND' });
      assert.ok(asked().every((request) => request.startsWith('sdata')));
    });
  });

  describe('left to find out', () => {
    it('asks the hub first, and stays there', async () => {
      await given('auto');
      assert.equal(columnOf(await read(), 'key').length, 1);
      await read(CONTACTS);
      assert.deepEqual(asked(), ['hub 200', 'hub 200']);
      assert.equal(source.api, 'hub');
    });

    it("turns to Sage CRM's own API when the server does not know the path", async () => {
      await given('auto', { apis: ['sdata'] });
      assert.equal(columnOf(await read(), '$key').length, 1);
      assert.deepEqual(asked(), ['hub 404', 'sdata 200']);
      assert.equal(source.api, 'sdata');
    });

    it('turns to it when a page comes instead of JSON', async () => {
      await given('auto');
      simulator.faults.when(({ path }) => path.startsWith('/hubs'), { kind: 'html' });
      await read();
      assert.deepEqual(asked(), ['hub 200', 'sdata 200']);
    });

    it('remembers it, for every resource', async () => {
      await given('auto', { apis: ['sdata'] });
      await read();
      asked();
      await read();
      await read(CONTACTS);
      assert.deepEqual(asked(), ['sdata 200', 'sdata 200']);
    });

    it('finds out anew when what it found stops working', async () => {
      await given('auto', { apis: ['sdata'] });
      await read();
      simulator.options = { apis: ['hub'] };
      asked();
      assert.equal(columnOf(await read(), 'key').length, 1);
      assert.equal(source.api, 'hub');
      await read();
      assert.deepEqual(asked().slice(-2), ['hub 200', 'hub 200']);
    });

    for (const [status, code] of [
      [401, 'LOGON_REFUSED'],
      [403, 'LOGON_REFUSED'],
      [400, 'BAD_REQUEST'],
      [429, 'RATE_LIMITED'],
      [500, 'SERVER_ERROR'],
      [302, 'REDIRECTED'],
    ] as const) {
      it(`tries no other form after ${status} from the hub`, async () => {
        await given('auto');
        simulator.faults.next({ kind: 'status', status });
        await assert.rejects(read(), { code });
        assert.deepEqual(asked(), [`hub ${status}`]);
        assert.equal(source.api, undefined);
      });
    }

    it('never tries a refused log-on in another form', async () => {
      await given('auto', { apis: ['sdata'], password: 'another' });
      await assert.rejects(read(), { code: 'LOGON_REFUSED' });
      await assert.rejects(read(), { code: 'LOGON_REFUSED' });
      const refused = asked().filter((request) => request.endsWith('401'));
      assert.deepEqual(refused, ['sdata 401']);
    });

    it('says that it knows neither form when neither is there', async () => {
      await given('auto', { apis: [] });
      await assert.rejects(read(), {
        code: 'NOT_FOUND',
        message: /neither \/hubs\/crm\/accounts nor its form.*subdomain.*install name/,
      });
    });

    it('keeps to what it found when that only fails for a while', async () => {
      await given('auto', { apis: ['sdata'] });
      await read();
      asked();
      simulator.faults.next({ kind: 'status', status: 503 });
      await assert.rejects(read(), { code: 'SERVER_ERROR' });
      assert.deepEqual(asked(), ['sdata 503']);
      assert.equal(source.api, 'sdata');
    });

    it('does not change the form in the middle of a list', async () => {
      await given('auto');
      simulator.crm.many('company', 4);
      simulator.faults.when(({ query }) => query.nextPage !== undefined, { kind: 'html' });
      await assert.rejects(read({ pageSize: 2 }), { code: 'NOT_JSON' });
      assert.deepEqual(asked(), ['hub 200', 'hub 200']);
    });

    it('says where a clause cannot be translated', async () => {
      await given('auto', { apis: ['sdata'] });
      await assert.rejects(read({ url: '/hubs/crm/accounts?where=a > ' }), {
        code: 'WHERE_INVALID',
      });
    });

    it('uses a URL of Sage CRM as written, and learns nothing from it', async () => {
      await given('auto');
      await read({ url: '/sdata/crmj/sagecrm2/-/company' });
      assert.deepEqual(asked(), ['sdata 200']);
      assert.equal(source.api, undefined);
    });
  });

  describe('with a server that takes one style of date literals', () => {
    it('finds the style and remembers it', async () => {
      await given('sdata', { sdata: { literal: "'" } });
      assert.equal(columnOf(await read(), '$key').length, 1);
      const tried = literals();
      assert.equal(tried[0], '@');
      assert.equal(tried.at(-1), "'");
      await read(CONTACTS);
      assert.deepEqual(literals(), ["'"]);
    });

    it('needs no second try where the first is right', async () => {
      await given('sdata', { sdata: { literal: '@' } });
      await read();
      assert.deepEqual(literals(), ['@']);
    });

    it('finds it on the way from the hub, too', async () => {
      await given('auto', { apis: ['sdata'], sdata: { literal: "'" } });
      assert.equal(columnOf(await read(), '$key').length, 1);
    });

    it('reports the refusal when no style helps', async () => {
      await given('sdata');
      const url = "/hubs/crm/accounts?where=Comp_Nonsense>'2020-01-01T00:00:00Z'";
      await assert.rejects(read({ url }), { code: 'BAD_REQUEST', message: /BadWhereSyntax/ });
      assert.ok(simulator.requests.length <= 4);
    });
  });

  it('tells its owner what it has found, once', async () => {
    await given('auto', { apis: ['sdata'] });
    const found: unknown[] = [];
    const telling = new ServerSource({
      client,
      api: 'auto',
      install: 'crm',
      zone: resolveZone('UTC'),
      dateLiteral: 'auto',
      onFound: (finding) => found.push(finding.api),
    });
    await pagesOf(telling, { url: ACCOUNTS });
    await pagesOf(telling, { url: ACCOUNTS });
    assert.deepEqual(found, ['sdata']);
  });
});
