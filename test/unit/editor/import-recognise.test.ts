import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { recognise, type Recognised } from '../../../nodes/editor/import/recognise';
import { defaultResources } from '../../../src/config/defaults';
import type { Problem } from '../../../src/config/problems';

type Json = Record<string, unknown>;

function fixture(name: string): Json & { configuration: Json } {
  const file = path.join(__dirname, '../../fixtures', `instance-${name}.json`);
  return JSON.parse(readFileSync(file, 'utf8')) as Json & { configuration: Json };
}

function withSettings(settings: Json): Json {
  const instance = fixture('example');
  return { ...instance, configuration: { ...instance.configuration, ...settings } };
}

function found(value: unknown): Recognised {
  const result = recognise(JSON.stringify(value));
  assert.ok('found' in result, JSON.stringify(result));
  return result.found;
}

function problems(value: unknown): Problem[] {
  const result = recognise(typeof value === 'string' ? value : JSON.stringify(value));
  assert.ok('problems' in result, 'it was recognised');
  return result.problems;
}

describe('recognising a file to import', () => {
  it('reads the documented example, without its masked log-on', () => {
    assert.deepEqual(found(fixture('example')), {
      poll: { interval: '15', resources: defaultResources() },
      server: {
        ...{ name: 'SageCRMPolling', subdomain: 'sagecrm-0.cloud-elements.com', tags: ['Docs'] },
        credentials: { username: undefined, password: undefined },
      },
      callback: {
        ...{ enabled: true, url: 'https://console.cloud-elements.com', headers: {} },
        credentials: { signatureKey: undefined, username: undefined, password: undefined },
      },
      notes: [
        { path: 'configuration.username', reason: 'gap' },
        { path: 'configuration.password', reason: 'secret' },
      ],
    });
  });

  it('leaves the gaps of the documented template open', () => {
    const { server, notes } = found(fixture('template'));
    assert.deepEqual(server, {
      ...{ name: undefined, subdomain: '', tags: [] },
      credentials: { username: undefined, password: undefined },
    });
    assert.deepEqual(
      notes.map((note) => note.path),
      [
        'configuration.subdomain',
        'configuration.username',
        'configuration.password',
        'name',
        'tags',
      ],
    );
  });

  it('reads an instance as GET /instances answers it, also as the only one of a list', () => {
    const { configuration, ...rest } = fixture('example');
    const texts = Object.entries(configuration).map(([key, value]) => [
      key,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]);
    const answer = {
      ...rest,
      ...{ id: 7950647, token: 't', valid: true, disabled: false, eventsEnabled: true },
      ...{ createdDate: '2018-08-20T15:29:06Z', user: { id: 2749 } },
      configuration: {
        ...(Object.fromEntries(texts) as Json),
        ...{ password: '********', 'event.notification.signature.key': null },
      },
    };
    assert.deepEqual(found(answer), found(fixture('example')));
    assert.deepEqual(found([answer]), found(answer));
  });

  it('takes a real log-on over', () => {
    const { server } = found(withSettings({ username: 'someone', password: 'Str0ng-enough' }));
    assert.deepEqual(server?.credentials, { username: 'someone', password: 'Str0ng-enough' });
  });

  it('reads the settings of the poller alone', () => {
    const { accounts } = defaultResources();
    const poller = {
      'event.poller.refresh_interval': 5,
      'event.poller.configuration': JSON.stringify({ accounts }),
    };
    assert.deepEqual(found(poller), { poll: { interval: 5, resources: { accounts } }, notes: [] });
  });

  it('reads the resources alone, as an object or as JSON text of it', () => {
    const resources = defaultResources();
    assert.deepEqual(found(resources), { poll: { resources }, notes: [] });
    assert.deepEqual(found(JSON.stringify(resources)), { poll: { resources }, notes: [] });
  });

  it('notes keys that it does not know, capitals of the dates aside', () => {
    const { accounts } = defaultResources();
    const dates = { UpdatedDateField: 'Comp_UpdatedDate', updateDate: 'x' };
    const instance = withSettings({
      'event.vendor.type': 'polling',
      'event.poller.configuration': {
        accounts: { ...accounts, datesConfiguration: dates, note: 1 },
      },
    });
    const at = 'configuration["event.poller.configuration"].accounts';
    const unknown = found({ ...instance, extra: 1 }).notes.filter(
      ({ reason }) => reason === 'unknown',
    );
    assert.deepEqual(
      unknown.map((note) => note.path),
      [
        'extra',
        'configuration["event.vendor.type"]',
        `${at}.note`,
        `${at}.datesConfiguration.updateDate`,
      ],
    );
  });

  it('leaves masked headers out', () => {
    const headers = { 'X-Team': 'crm', Authorization: '********' };
    const { callback, notes } = found(
      withSettings({ 'event.notification.callback.headers': headers }),
    );
    assert.deepEqual(callback?.headers, { 'X-Team': 'crm' });
    const at = 'configuration["event.notification.callback.headers"].Authorization';
    assert.ok(notes.some((note) => note.path === at));
  });

  it('offers no callback without a URL', () => {
    for (const url of ['', '<YOUR_CALLBACK>', null]) {
      assert.equal(
        found(withSettings({ 'event.notification.callback.url': url })).callback,
        undefined,
      );
    }
  });

  it('takes references to environment variables for text', () => {
    const settings = {
      subdomain: '${CRM_HOST}',
      'event.notification.callback.url': '${HOOK}',
      'event.poller.refresh_interval': '${MINUTES}',
    };
    const { server, poll, callback } = found(withSettings(settings));
    assert.deepEqual(
      [server?.subdomain, callback?.url, poll.interval],
      ['${CRM_HOST}', '${HOOK}', '${MINUTES}'],
    );
  });

  for (const [what, value, at, message] of [
    ['text that is no JSON', '{"element":', '', /expected JSON/],
    ['a number', '5', '', /expected an Open Connectors instance/],
    ['several instances', '[{},{}]', '', /not a list of 2/],
    ['more than 256 KiB', ' '.repeat(300_000), '', /256 KiB/],
    ['an empty object', {}, '', /at least one resource/],
    ['a wrong URL', { accounts: { url: 'x' } }, 'accounts.url', /expected a path/],
    [
      'a host that is none',
      withSettings({ subdomain: 'a b' }),
      'configuration.subdomain',
      /not valid/,
    ],
    [
      'a callback over ftp',
      withSettings({ 'event.notification.callback.url': 'ftp://x.example.com' }),
      'configuration["event.notification.callback.url"]',
      /expected a URL/,
    ],
    [
      'a poller that is polled never',
      { 'event.poller.configuration': {} },
      '["event.poller.configuration"]',
      /at least one resource/,
    ],
  ] as const) {
    it(`says what is wrong with ${what}, and where`, () => {
      const [problem] = problems(value);
      assert.equal(problem?.path, at);
      assert.match(problem.message, message);
    });
  }
});
