import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { BASIC, type Query } from './client';
import { START, withSimulator } from './simulated';

const ROOT = '/sdata/crmj/sagecrm2/-';

describe('the SData API', () => {
  it('answers a feed of rows with $key, $url and columns in their own case', async () => {
    await withSimulator({}, async ({ simulator, client }) => {
      simulator.crm.create('opportunity', { Oppo_CreatedDate: '2025-12-31T00:00:00Z' });
      const { $resources, ...frame } = await client.feed('opportunity');
      assert.deepEqual(frame, { $totalResults: 1, $startIndex: 1, $itemsPerPage: 10 });
      const [row] = $resources;
      assert.equal(row?.$key, 1);
      assert.equal(row.$url, `${simulator.url}${ROOT}/opportunity('1')`);
      assert.equal(row.Oppo_OpportunityId, 1);
      assert.equal(row.oppo_closed, null);
      assert.equal(row.Oppo_UpdatedDate, START);
      assert.equal(row.Oppo_CreatedDate, '2025-12-31T00:00:00Z');
    });
  });

  it('answers one record, with the key quoted or not, and 404 for none', async () => {
    await withSimulator({}, async ({ simulator, client }) => {
      simulator.crm.create('company', { Comp_CompanyId: 43, Comp_Name: 'Lakeside Tools' });
      for (const path of ["company('43')", 'company(43)', "Company('43')", 'company(%2743%27)']) {
        const { status, json } = await client.sdata(path);
        assert.equal(status, 200, path);
        assert.equal((json as { Comp_Name: string }).Comp_Name, 'Lakeside Tools');
      }
      assert.equal((await client.sdata("company('44')")).status, 404);
      assert.equal((await client.sdata("company('x')")).status, 404);
    });
  });

  it('finds rows by a clause with a date in either style', async () => {
    await withSimulator({}, async ({ simulator, client }) => {
      simulator.crm.create('company', {}, { stamp: '2026-01-31T09:00:00Z' });
      simulator.crm.create('company', {}, { stamp: '2026-01-31T09:00:01Z' });
      const keys = (where: string): Promise<unknown[]> => client.sdataKeys('company', where);
      assert.deepEqual(await keys('comp_updateddate gt @2026-01-31T09:00:00@'), [2]);
      assert.deepEqual(await keys("comp_updateddate ge '2026-01-31T09:00:00Z'"), [1, 2]);
      simulator.options.sdata = { literal: '@' };
      const refused = await client.sdata('company', { where: "comp_updateddate ge '2026-01-31'" });
      assert.equal(refused.status, 400);
    });
  });

  it('explains a malformed clause in a diagnosis', async () => {
    await withSimulator({}, async ({ client }) => {
      const { status, json } = await client.sdata('company', { where: 'comp_companyid lt 3' });
      assert.equal(status, 400);
      assert.deepEqual(json, {
        $diagnoses: [
          {
            $severity: 'error',
            $sdataCode: 'BadWhereSyntax',
            $message: '"lt" stands where an operator is expected (at character 16)',
            $applicationCode: '2400',
          },
        ],
      });
    });
  });

  it('knows lt where it is that kind of server', async () => {
    await withSimulator({ sdata: { acceptsLessThan: true } }, async ({ simulator, client }) => {
      simulator.crm.many('company', 3);
      assert.deepEqual(await client.sdataKeys('company', 'comp_companyid lt 3'), [1, 2]);
    });
  });

  it('ignores the clause where it is that kind of server', async () => {
    await withSimulator({ sdata: { ignoresWhere: true } }, async ({ simulator, client }) => {
      simulator.crm.many('company', 3);
      assert.deepEqual(await client.sdataKeys('company', 'comp_companyid eq 1'), [1, 2, 3]);
    });
  });

  it('pages by startIndex and count, cut silently to what the server allows', async () => {
    await withSimulator({}, async ({ simulator, client }) => {
      simulator.crm.many('company', 250);
      const large = await client.feed('company', { count: 200, startIndex: 101 });
      assert.equal(large.$itemsPerPage, 100);
      assert.equal(large.$totalResults, 250);
      assert.deepEqual([large.$resources.at(0)?.$key, large.$resources.at(-1)?.$key], [101, 200]);
      simulator.options.sdata = { pageCap: 7 };
      assert.equal((await client.feed('company', { count: 200 })).$resources.length, 7);
      assert.deepEqual((await client.feed('company', { startIndex: 251 })).$resources, []);
      assert.equal((await client.feed('company', { count: 0 })).$totalResults, 250);
    });
  });

  it('asks the data anew for every page', async () => {
    await withSimulator({ sdata: { rowOrder: 'date' } }, async ({ simulator, client }) => {
      simulator.crm.many('company', 4);
      const offsets: number[] = [];
      simulator.options.beforePage = ({ api, offset, pageSize }) => {
        assert.equal(api, 'sdata');
        assert.equal(pageSize, 2);
        offsets.push(offset);
      };
      const keys = async (startIndex: number): Promise<unknown[]> =>
        (await client.feed('company', { count: 2, startIndex })).$resources.map((row) => row.$key);
      assert.deepEqual(await keys(1), [1, 2]);
      simulator.clock.advance(1000);
      simulator.crm.update('company', 1);
      assert.deepEqual(await keys(3), [4, 1]);
      assert.deepEqual(offsets, [0, 2]);
    });
  });

  it('orders by several columns in either direction, nulls first', async () => {
    await withSimulator({}, async ({ simulator, client }) => {
      const { crm } = simulator;
      crm.create('company', { Comp_Type: 'b', Comp_Employees: 1 });
      crm.create('company', { Comp_Type: 'A', Comp_Employees: 2 });
      crm.create('company', { Comp_Type: 'B', Comp_Employees: 3 });
      crm.create('company', { Comp_Type: null, Comp_Employees: 4 });
      const keys = async (orderBy: string): Promise<unknown[]> =>
        (await client.feed('company', { orderBy })).$resources.map((row) => row.$key);
      assert.deepEqual(await keys('comp_type, comp_employees desc'), [4, 2, 3, 1]);
      assert.deepEqual(await keys('comp_type desc'), [1, 3, 2, 4]);
      assert.deepEqual(await keys('comp_createddate asc, comp_employees DESC'), [4, 3, 2, 1]);
      simulator.options.sdata = { honoursOrderBy: false };
      assert.deepEqual(await keys('comp_type desc'), [1, 2, 3, 4]);
    });
  });

  it('puts malformed dates after real ones when ordering by date', async () => {
    await withSimulator({}, async ({ simulator, client }) => {
      simulator.crm.many('company', 3);
      simulator.crm.setRaw('company', 1, { Comp_UpdatedDate: 'next week' });
      simulator.crm.setRaw('company', 3, { Comp_UpdatedDate: null });
      const feed = await client.feed('company', { orderBy: 'Comp_UpdatedDate' });
      assert.deepEqual(
        feed.$resources.map((row) => row.$key),
        [3, 2, 1],
      );
    });
  });

  it('shows only the columns asked for', async () => {
    await withSimulator({}, async ({ simulator, client }) => {
      simulator.crm.create('company');
      const { $resources } = await client.feed('company', {
        select: 'comp_name, Comp_UpdatedDate',
      });
      assert.deepEqual(Object.keys($resources[0] ?? {}), [
        '$key',
        '$url',
        'Comp_Name',
        'Comp_UpdatedDate',
      ]);
    });
  });

  it('ignores parameters it does not know and refuses bad values of those it knows', async () => {
    await withSimulator({}, async ({ client }) => {
      assert.equal((await client.sdata('company', { colour: 'blue' })).status, 200);
      const refused: Query[] = [
        { count: -1 },
        { startIndex: 0 },
        { startIndex: 'x' },
        { select: 'Comp_Colour' },
        { orderBy: 'Comp_Colour' },
        { orderBy: 'Comp_Name upwards' },
      ];
      for (const query of refused) {
        assert.equal((await client.sdata('company', query)).status, 400, JSON.stringify(query));
      }
    });
  });

  it('has keys as text, and leaves out nulls, where it is that kind of server', async () => {
    const sdata = { keyType: 'string', omitsNulls: true } as const;
    await withSimulator({ sdata }, async ({ simulator, client }) => {
      simulator.crm.create('opportunity');
      const [row] = (await client.feed('opportunity')).$resources;
      assert.equal(row?.$key, '1');
      assert.equal('oppo_closed' in row, false);
    });
  });

  it('says where the next page is, where it is that kind of server', async () => {
    await withSimulator({ sdata: { nextLinks: true } }, async ({ simulator, client }) => {
      simulator.crm.many('company', 5);
      const where = 'comp_companyid ge 2';
      const first = await client.feed('company', { where, count: 2 });
      const next = first.$next ?? '';
      assert.equal(first.$links?.$next.$url, next);
      const response = await fetch(next, { headers: { authorization: BASIC } });
      const second = (await response.json()) as typeof first;
      assert.deepEqual(
        second.$resources.map((row) => row.$key),
        [4, 5],
      );
      assert.equal(second.$next, undefined);
    });
  });

  it('states a wrong total, where it is that kind of server', async () => {
    await withSimulator({ sdata: { wrongTotal: true } }, async ({ simulator, client }) => {
      simulator.crm.many('company', 5);
      assert.equal((await client.feed('company', { count: 2 })).$totalResults, 2);
      simulator.options.sdata = { wrongTotal: 999 };
      assert.equal((await client.feed('company', { count: 2 })).$totalResults, 999);
    });
  });

  it('describes its entities and their columns', async () => {
    await withSimulator({}, async ({ simulator, client }) => {
      const list = await client.feed('$prototypes');
      assert.deepEqual(
        list.$resources.map((entity) => entity.$key),
        ['company', 'person', 'lead', 'opportunity', 'users'],
      );
      assert.equal(list.$resources[0]?.$url, `${simulator.url}${ROOT}/$prototypes/company`);
      const lead = (await client.sdata('$prototypes/lead')).json as {
        $key: string;
        $properties: Record<string, unknown>;
      };
      assert.equal(lead.$key, 'lead');
      assert.deepEqual(lead.$properties.lead_createddate, {
        $title: 'lead_createddate',
        $type: 'application/x-datetime',
      });
      assert.equal((await client.sdata('$prototypes/unicorn')).status, 404);
    });
  });

  it('logs on with Basic in either header, and asks for nothing when it refuses', async () => {
    await withSimulator({}, async ({ client }) => {
      const path = `${ROOT}/company`;
      const classic = await client.get(path, {}, { 'x-sage-authorization': BASIC });
      assert.equal(classic.status, 200);
      const refused = await client.get(path, {}, {});
      assert.equal(refused.status, 401);
      assert.equal(refused.headers.get('www-authenticate'), null);
      assert.match(refused.text, /\$diagnoses.*Authentication failed/);
    });
  });

  it('refuses other methods and unknown entities', async () => {
    await withSimulator({}, async ({ simulator, client }) => {
      const { status } = await fetch(`${simulator.url}${ROOT}/company`, {
        method: 'DELETE',
        headers: { authorization: BASIC },
      });
      assert.equal(status, 405);
      const unknown = await client.sdata('unicorn');
      assert.equal(unknown.status, 404);
      assert.match(unknown.text, /DataSetNotFound/);
      assert.match((await client.sdata('company/43')).text, /IIS/);
    });
  });
});
