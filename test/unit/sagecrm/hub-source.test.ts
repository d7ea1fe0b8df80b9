import assert from 'node:assert/strict';
import type { CrmClient } from '../../../src/sagecrm/client';
import { HubSource } from '../../../src/sagecrm/hub-source';
import type { Page, Query } from '../../../src/sagecrm/source';
import {
  clientFor,
  pagesOf,
  ScriptedServer,
  type Answer,
  type Script,
} from './support/scripted-server';

/** As a template leaves it: encoded where it must be, with a letter case of its own. */
const WHERE = 'where=Comp_UpdatedDate%3e%272026-01-31T10%3A00:00Z%27+and%20a%20like%20%27x%25%27';
const PATH = `/hubs/crm/accounts?${WHERE}`;

function keys(pages: readonly Page[]): unknown[] {
  return pages.flatMap(({ rows }) => rows.map(({ key }) => key));
}

/** A page of the hub, and the token that leads on from it. */
function page(body: object[], token?: string): Answer {
  return { body, headers: token === undefined ? {} : { 'elements-next-page-token': token } };
}

describe('HubSource', () => {
  let server: ScriptedServer;
  let client: CrmClient;

  async function given(script: Script): Promise<void> {
    server = await ScriptedServer.start(script);
    client = clientFor(server);
  }

  afterEach(async () => {
    client.close();
    await server.close();
  });

  function read(query: Partial<Query> = {}): Promise<Page[]> {
    return pagesOf(new HubSource(client), { url: PATH, ...query });
  }

  /** Three pages, led on by tokens that must be encoded to come back whole. */
  const THREE_PAGES: Script = (url) => {
    const tokens = ['', 'b/+=&?x', 'c%20'];
    const at = tokens.indexOf(url.searchParams.get('nextPage') ?? '');
    if (at < 0) return { status: 400 };
    const next = tokens[at + 1];
    return page([{ key: `${at}a` }, { key: `${at}b` }], next);
  };

  it('reads page after page until no token leads on', async () => {
    await given(THREE_PAGES);
    const pages = await read();
    assert.deepEqual(keys(pages), ['0a', '0b', '1a', '1b', '2a', '2b']);
    assert.deepEqual(
      pages.map(({ more }) => more),
      [true, true, false],
    );
  });

  it('keeps the where clause byte for byte on every page', async () => {
    await given(THREE_PAGES);
    await read();
    assert.equal(server.urls.length, 3);
    for (const url of server.urls) assert.ok(url.startsWith(PATH), url);
  });

  it('asks for no page size unless one is set', async () => {
    await given(() => ({}));
    await read();
    assert.deepEqual(server.urls, [PATH]);
  });

  it('asks for the page size that is set, on every page', async () => {
    await given(THREE_PAGES);
    await read({ pageSize: 50 });
    for (const url of server.urls) assert.match(url, /&pageSize=50(&nextPage=|$)/);
  });

  it('leaves a page size in the URL alone', async () => {
    await given(() => ({}));
    await read({ url: '/hubs/crm/accounts?PageSize=7', pageSize: 50 });
    assert.deepEqual(server.urls, ['/hubs/crm/accounts?PageSize=7']);
  });

  it('passes on the total and the time of the server as hints', async () => {
    const date = 'Sat, 31 Jan 2026 10:00:00 GMT';
    await given(() => ({ headers: { 'elements-total-count': '12', date }, body: [] }));
    const [first] = await read();
    assert.equal(first?.total, 12);
    assert.equal(first.serverTime, Date.parse(date));
  });

  it('has no total where the server tells none, or nonsense', async () => {
    await given(() => ({ headers: { 'elements-total-count': 'many' }, body: [] }));
    assert.equal((await read())[0]?.total, undefined);
    server.answerWith(() => ({ body: [] }));
    assert.equal((await read())[0]?.total, undefined);
  });

  it('follows a token behind an empty page', async () => {
    await given((url) =>
      url.searchParams.has('nextPage')
        ? { body: [{ key: 1 }] }
        : { headers: { 'elements-next-page-token': 'on' }, body: [] },
    );
    assert.deepEqual(keys(await read()), [1]);
  });

  it('reads equal pages behind different tokens', async () => {
    await given((_url, count) => page([{ key: 1 }], count < 4 ? String(count) : undefined));
    assert.equal((await read()).length, 4);
  });

  describe('gives up with PAGING_LOOP', () => {
    it('on the same page with the same token again', async () => {
      await given(() => ({ headers: { 'elements-next-page-token': 'x' }, body: [{ key: 1 }] }));
      await assert.rejects(read(), { code: 'PAGING_LOOP', message: /another page size/ });
      assert.equal(server.urls.length, 2);
    });

    it('on empty pages without end', async () => {
      await given((_url, count) => ({
        headers: { 'elements-next-page-token': String(count) },
        body: [],
      }));
      await assert.rejects(read(), { code: 'PAGING_LOOP' });
      assert.ok(server.urls.length < 150);
    });
  });

  describe('says RESPONSE_SHAPE', () => {
    for (const body of [{ items: [] }, 5, null, 'text', [5], [null], [[]]]) {
      it(`for ${JSON.stringify(body)}`, async () => {
        await given(() => ({ body: JSON.stringify(body) }));
        await assert.rejects(read(), { code: 'RESPONSE_SHAPE', message: /array|record/ });
      });
    }
  });

  it('keeps the rows of earlier pages when a later one fails', async () => {
    await given((_url, count) =>
      count === 1
        ? { headers: { 'elements-next-page-token': 'x' }, body: [{ key: 1 }] }
        : { status: 500 },
    );
    const seen: unknown[] = [];
    const query: Query = { resource: 'accounts', url: PATH, updatedField: 'x' };
    await assert.rejects(
      async () => {
        for await (const { rows } of new HubSource(client).pages(
          query,
          new AbortController().signal,
        )) {
          seen.push(...rows);
        }
      },
      { code: 'SERVER_ERROR' },
    );
    assert.deepEqual(seen, [{ key: 1 }]);
  });
});
