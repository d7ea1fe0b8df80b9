import assert from 'node:assert/strict';
import type { CrmClient } from '../../../src/sagecrm/client';
import { SDataSource } from '../../../src/sagecrm/sdata-source';
import type { Page, Query } from '../../../src/sagecrm/source';
import { startSimulator, type Simulator, type SimulatorOptions } from '../../simulator/simulator';
import { clientFor, pagesOf, ScriptedServer, type Script } from './support/scripted-server';

const URL_TEXT = '/sdata/crmj/sagecrm2/-/company';

function keys(pages: readonly Page[]): unknown[] {
  return pages.flatMap(({ rows }) => rows.map(({ $key }) => $key));
}

function rows(...numbers: number[]): object[] {
  return numbers.map(($key) => ({ $key }));
}

describe('SDataSource', () => {
  let client: CrmClient;

  function read(query: Partial<Query> = {}): Promise<Page[]> {
    return pagesOf(new SDataSource(client), { url: URL_TEXT, ...query });
  }

  describe('with the simulated Sage CRM', () => {
    let simulator: Simulator;

    async function given(count: number, options: SimulatorOptions['sdata'] = {}): Promise<void> {
      simulator = await startSimulator({ sdata: options });
      simulator.crm.many('company', count);
      client = clientFor(simulator);
    }

    afterEach(async () => {
      client.close();
      await simulator.close();
    });

    function starts(): (string | undefined)[] {
      return simulator.requests.map(({ query }) => query.startIndex);
    }

    it('advances by the rows received when the server caps its pages', async () => {
      await given(7, { pageCap: 3 });
      assert.deepEqual(keys(await read({ pageSize: 5 })), [1, 2, 3, 4, 5, 6, 7]);
      assert.deepEqual(starts().slice(0, 3), ['1', '4', '7']);
      assert.ok(simulator.requests.every(({ query }) => query.count === '5'));
    });

    it('reads to the end of exactly full pages', async () => {
      await given(6);
      assert.deepEqual(keys(await read({ pageSize: 3 })), [1, 2, 3, 4, 5, 6]);
    });

    it('asks for 200 unless a size is set, and needs one request where it can', async () => {
      await given(2);
      assert.deepEqual(keys(await read()), [1, 2]);
      assert.deepEqual(
        simulator.requests.map(({ query }) => query.count),
        ['200'],
      );
    });

    it('gives the key as the server writes it', async () => {
      await given(1, { keyType: 'string' });
      assert.deepEqual(keys(await read()), ['1']);
      simulator.options = { sdata: { keyType: 'number' } };
      assert.deepEqual(keys(await read()), [1]);
    });

    it('does not believe a total that is too small when the page is full', async () => {
      await given(7, { wrongTotal: 1 });
      assert.equal(keys(await read({ pageSize: 3 })).length, 7);
    });

    for (const wrongTotal of [true, 3, 0]) {
      it(`does not believe the total ${wrongTotal} of a server that caps its pages, either`, async () => {
        await given(7, { pageCap: 2, wrongTotal });
        assert.deepEqual(keys(await read()), [1, 2, 3, 4, 5, 6, 7]);
      });
    }

    it('does not wait for rows that a total promises in vain', async () => {
      await given(4, { wrongTotal: 1000 });
      assert.equal(keys(await read({ pageSize: 3 })).length, 4);
      assert.ok(simulator.requests.length <= 3);
    });

    it('brings nothing from an empty list, in one request', async () => {
      await given(0);
      const pages = await read();
      assert.deepEqual(keys(pages), []);
      assert.equal(simulator.requests.length, 1);
      assert.equal(pages[0]?.more, false);
    });

    it('starts where the URL says', async () => {
      await given(5);
      const url = `${URL_TEXT}?startIndex=3&count=2`;
      assert.deepEqual(keys(await read({ url, pageSize: 50 })), [3, 4, 5]);
      assert.ok(simulator.requests.every(({ query }) => query.count === '2'));
    });

    it('reads the same whether the server says where its next page is or not', async () => {
      await given(7, { nextLinks: true, pageCap: 3 });
      assert.deepEqual(keys(await read()), [1, 2, 3, 4, 5, 6, 7]);
    });
  });

  describe('with a server of another kind', () => {
    let server: ScriptedServer;

    async function given(script: Script): Promise<void> {
      server = await ScriptedServer.start(script);
      client = clientFor(server);
    }

    afterEach(async () => {
      client.close();
      await server.close();
    });

    /** A feed over five rows, in pages of two. */
    function feed(url: URL, more: object = {}): object {
      const start = Number(url.searchParams.get('startIndex'));
      return { $resources: rows(1, 2, 3, 4, 5).slice(start - 1, start + 1), ...more };
    }

    it('reads on to an empty page when no total is told', async () => {
      await given((url) => ({ body: feed(url) }));
      assert.deepEqual(keys(await read()), [1, 2, 3, 4, 5]);
      assert.equal(server.urls.length, 4);
    });

    for (const $totalResults of [null, 'many', -1, {}]) {
      it(`takes the total ${JSON.stringify($totalResults)} for none`, async () => {
        await given((url) => ({ body: feed(url, { $totalResults }) }));
        assert.deepEqual(keys(await read()), [1, 2, 3, 4, 5]);
      });
    }

    it('takes a total written as text', async () => {
      await given((url) => ({ body: feed(url, { $totalResults: '5' }) }));
      const pages = await read();
      assert.equal(pages[0]?.total, 5);
      assert.deepEqual(keys(pages), [1, 2, 3, 4, 5]);
    });

    it('keeps the where clause byte for byte on every page', async () => {
      await given((url) => ({ body: feed(url) }));
      const url = `${URL_TEXT}?where=Comp_UpdatedDate+gt%20%402026-01-31T10%3a00:00Z%40`;
      await read({ url });
      for (const asked of server.urls) assert.ok(asked.startsWith(`${url}&`), asked);
    });

    it('gives up with PAGING_LOOP when the server ignores startIndex', async () => {
      await given(() => ({ body: { $resources: rows(1, 2) } }));
      await assert.rejects(read(), { code: 'PAGING_LOOP' });
      assert.equal(server.urls.length, 2);
    });

    for (const body of [[], {}, { $resources: {} }, { $resources: [5] }, 5, null]) {
      it(`says RESPONSE_SHAPE for ${JSON.stringify(body)}`, async () => {
        await given(() => ({ body: JSON.stringify(body) }));
        await assert.rejects(read(), { code: 'RESPONSE_SHAPE', message: /list of records/ });
      });
    }
  });
});
