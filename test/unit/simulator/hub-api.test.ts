import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { PageInfo } from '../../simulator/options';
import type { SimulatorOptions } from '../../simulator/simulator';
import { BASIC, type Query, type Row, type TestClient } from './client';
import { START, withSimulator } from './simulated';

const TOKEN = 'elements-next-page-token';

/** Follows the tokens to the end, at most `limit` pages; gives the keys of each page. */
async function readPages(client: TestClient, pageSize: number, limit = 20): Promise<unknown[][]> {
  const pages: unknown[][] = [];
  let nextPage: string | null = '';
  while (nextPage !== null && pages.length < limit) {
    const answer = await client.hub('accounts', {
      pageSize,
      ...(nextPage === '' ? {} : { nextPage }),
    });
    pages.push((answer.json as Row[]).map((row) => row.key));
    nextPage = answer.headers.get(TOKEN);
  }
  return pages;
}

describe('the hub API', () => {
  it('answers rows with key, columns in their own case and the counts', async () => {
    await withSimulator({}, async ({ simulator, client }) => {
      simulator.crm.create('lead', { Lead_Stage: null });
      const { status, headers, json } = await client.hub('leads');
      assert.equal(status, 200);
      const [row] = json as Row[];
      assert.equal(row?.key, '1');
      assert.equal(row.Lead_LeadId, 1);
      assert.equal(row.Lead_UpdatedDate, START);
      assert.equal(row.lead_createddate, START);
      assert.equal(row.Lead_Stage, null);
      assert.equal(headers.get('elements-returned-count'), '1');
      assert.equal(headers.get('elements-total-count'), '1');
      assert.equal(headers.get('elements-request-id'), 'request-1');
      assert.equal(headers.get(TOKEN), null);
      assert.match(headers.get('content-type') ?? '', /^application\/json/);
    });
  });

  it('serves the five documented resources, and custom ones by their own names', async () => {
    await withSimulator({}, async ({ simulator, client }) => {
      simulator.crm.seed({ companies: 1, people: 1, leads: 1, opportunities: 1, users: 1 });
      simulator.crm.defineEntity('project', { columnPrefix: 'Proj' });
      simulator.crm.create('project');
      for (const [resource, column] of [
        ['accounts', 'Comp_CompanyId'],
        ['contacts', 'Pers_PersonId'],
        ['leads', 'Lead_LeadId'],
        ['opportunities', 'Oppo_OpportunityId'],
        ['users', 'User_UserId'],
        ['project', 'Proj_ProjectId'],
        ['Project', 'Proj_ProjectId'],
      ] as const) {
        assert.equal((await client.hubRows(resource)).at(0)?.[column], 1, resource);
      }
      assert.equal((await client.hub('unicorns')).status, 404);
    });
  });

  it('evaluates the where clause as it comes unencoded from a template', async () => {
    await withSimulator({}, async ({ simulator, client }) => {
      simulator.crm.create('company', {}, { stamp: '2026-01-31T09:00:00Z' });
      simulator.crm.create('company', {}, { stamp: '2026-01-31T09:00:01Z' });
      const answer = await client.get(
        "/hubs/crm/accounts?where=Comp_UpdatedDate>'2026-01-31T09:00:00Z'",
      );
      assert.deepEqual(
        (answer.json as Row[]).map((row) => row.key),
        ['2'],
      );
    });
  });

  it('refuses a malformed clause in its own shape of error', async () => {
    await withSimulator({}, async ({ client }) => {
      const { status, json } = await client.hub('accounts', { where: 'Comp_UpdatedDate>' });
      assert.equal(status, 400);
      assert.deepEqual(json, {
        message: 'Invalid where clause',
        requestId: 'request-1',
        providerMessage: 'the clause ends where a value is expected (at character 18)',
      });
    });
  });

  it('refuses what is no page size, token or method', async () => {
    await withSimulator({}, async ({ simulator, client }) => {
      const queries: Query[] = [{ pageSize: 0 }, { pageSize: 'many' }, { nextPage: 'x' }];
      for (const query of queries) {
        assert.equal((await client.hub('accounts', query)).status, 400);
      }
      const posted = await fetch(`${simulator.url}/hubs/crm/accounts`, {
        method: 'POST',
        headers: { authorization: BASIC },
      });
      assert.equal(posted.status, 405);
    });
  });

  describe('logs on', () => {
    const secrets = { userSecret: 'u', organizationSecret: 'o', elementToken: 'e' };
    const cases: [string, string | undefined, SimulatorOptions, number][] = [
      ['with Basic', BASIC, {}, 200],
      ['not without credentials', undefined, {}, 401],
      ['not with a wrong password', BASIC, { password: 'other' }, 401],
      ['not with a wrong name', BASIC, { username: 'other' }, 401],
      ['with three secrets', 'User u, Organization o, Element e', { elementAuth: secrets }, 200],
      ['with Basic beside secrets', BASIC, { elementAuth: secrets }, 200],
      [
        'not with a wrong token',
        'User u, Organization o, Element x',
        { elementAuth: secrets },
        401,
      ],
      ['not with secrets nobody set', 'User u, Organization o, Element e', {}, 401],
    ];
    for (const [how, authorization, options, expected] of cases) {
      it(how, async () => {
        await withSimulator(options, async ({ client }) => {
          const headers = authorization === undefined ? undefined : { authorization };
          const answer = await client.get('/hubs/crm/accounts', {}, headers ?? {});
          assert.equal(answer.status, expected);
          const keys = Object.keys(answer.json as object);
          assert.deepEqual(
            keys,
            expected === 200 ? [] : ['message', 'requestId', 'providerMessage'],
          );
        });
      });
    }
  });

  describe('pages', () => {
    it('to the end, with a token on every page but the last', async () => {
      await withSimulator({}, async ({ simulator, client }) => {
        simulator.crm.many('company', 5);
        assert.deepEqual(await readPages(client, 2), [['1', '2'], ['3', '4'], ['5']]);
        assert.deepEqual(await readPages(client, 5), [['1', '2', '3', '4', '5']]);
      });
    });

    it('of 200 rows unless asked, of 5000 at most', async () => {
      await withSimulator({}, async ({ simulator, client }) => {
        simulator.crm.many('company', 5001);
        assert.equal((await client.hubRows('accounts')).length, 200);
        assert.equal((await client.hubRows('accounts', { pageSize: 9999 })).length, 5000);
      });
    });

    it('cut to what the server allows', async () => {
      await withSimulator({ hub: { maxPageSize: 2 } }, async ({ simulator, client }) => {
        simulator.crm.many('company', 3);
        assert.deepEqual(await readPages(client, 100), [['1', '2'], ['3']]);
      });
    });

    it('that shift when rows change in between', async () => {
      const shifting: SimulatorOptions = { hub: { rowOrder: 'date' } };
      await withSimulator(shifting, async ({ simulator, client }) => {
        simulator.crm.many('company', 4);
        const seen: PageInfo[] = [];
        simulator.options.beforePage = (info) => {
          seen.push(info);
          simulator.clock.advance(1000);
          if (info.offset === 2) simulator.crm.update('company', 1);
        };
        assert.deepEqual(await readPages(client, 2), [
          ['1', '2'],
          ['4', '1'],
        ]);
        assert.deepEqual(seen.at(1), {
          api: 'hub',
          entity: 'company',
          where: undefined,
          offset: 2,
          pageSize: 2,
        });
      });
    });

    it('with opaque tokens that must be encoded', async () => {
      await withSimulator({ hub: { tokenStyle: 'opaque' } }, async ({ simulator, client }) => {
        simulator.crm.many('company', 5);
        assert.deepEqual(await readPages(client, 2), [['1', '2'], ['3', '4'], ['5']]);
        const first = await client.hub('accounts', { pageSize: 2 });
        const token = first.headers.get(TOKEN) ?? '';
        const unencoded = await client.get(`/hubs/crm/accounts?pageSize=2&nextPage=${token}`);
        assert.equal(unencoded.status, 400);
        assert.equal((await client.hub('accounts', { nextPage: 'x+/=' })).status, 400);
      });
    });

    it('that repeat the same token for ever', async () => {
      await withSimulator({ hub: { repeatToken: true } }, async ({ simulator, client }) => {
        simulator.crm.many('company', 5);
        assert.deepEqual(await readPages(client, 2, 4), [
          ['1', '2'],
          ['3', '4'],
          ['3', '4'],
          ['3', '4'],
        ]);
      });
    });

    it('with a wrong total', async () => {
      await withSimulator({ hub: { totalCountWrong: true } }, async ({ simulator, client }) => {
        simulator.crm.many('company', 5);
        const total = async (): Promise<string | null> =>
          (await client.hub('accounts', { pageSize: 2 })).headers.get('elements-total-count');
        assert.equal(await total(), '2');
        simulator.options.hub = { totalCountWrong: 999 };
        assert.equal(await total(), '999');
        simulator.options.hub = {};
        assert.equal(await total(), '5');
      });
    });
  });

  it('ignores the clause where it is that kind of server', async () => {
    await withSimulator({ hub: { honoursWhere: false } }, async ({ simulator, client }) => {
      simulator.crm.many('company', 3);
      assert.equal((await client.hubKeys('accounts', 'Comp_CompanyId=1')).length, 3);
    });
  });

  it('orders rows by number, by date or not at all, always in the same way', async () => {
    await withSimulator({}, async ({ simulator, client }) => {
      const { crm, clock } = simulator;
      crm.many('company', 20);
      clock.advance(1000);
      crm.update('company', 3);
      const keys = async (): Promise<unknown[]> =>
        (await client.hubRows('accounts')).map((row) => row.key);
      const byId = Array.from({ length: 20 }, (_, index) => String(index + 1));
      assert.deepEqual(await keys(), byId);
      simulator.options.hub = { rowOrder: 'date' };
      assert.deepEqual(await keys(), [...byId.filter((key) => key !== '3'), '3']);
      simulator.options.hub = { rowOrder: 'shuffled' };
      const shuffled = await keys();
      assert.notDeepEqual(shuffled, byId);
      assert.deepEqual([...shuffled].sort(), [...byId].sort());
      crm.update('company', 7);
      assert.deepEqual(await keys(), shuffled);
    });
  });

  it('shows late commits when they are due, and no removed rows', async () => {
    await withSimulator({}, async ({ simulator, client }) => {
      const { crm, clock } = simulator;
      crm.create('company', {}, { commitAt: clock.now() + 5000 });
      crm.create('company');
      crm.create('company');
      crm.remove('company', 3);
      const keys = (): Promise<unknown[]> => client.hubKeys('accounts', 'Comp_CompanyId > 0');
      assert.deepEqual(await keys(), ['2']);
      clock.advance(5000);
      assert.deepEqual(await keys(), ['1', '2']);
    });
  });
});
