import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { defaultResources } from '../../../src/config/defaults';
import {
  readInstance,
  readPoller,
  readPollerResources,
  writeInstance,
  type NodeProperties,
} from '../../../src/config/instance';
import { SageCrmError } from '../../../src/errors/sagecrm-error';

interface InstanceFile {
  element: unknown;
  configuration: Record<string, unknown>;
  tags?: unknown;
  name?: unknown;
}

const FIXTURES = path.join(__dirname, '../../fixtures');

function textOf(file: string): string {
  return readFileSync(path.join(FIXTURES, file), 'utf8');
}

function documented(file = 'instance-example.json'): InstanceFile {
  return JSON.parse(textOf(file)) as InstanceFile;
}

function withSettings(settings: Record<string, unknown>): InstanceFile {
  const instance = documented();
  return { ...instance, configuration: { ...instance.configuration, ...settings } };
}

function accepted(value: unknown): NodeProperties {
  const result = readInstance(value);
  assert.ok(result.success, JSON.stringify(result));
  return result.nodes;
}

describe('an instance file', () => {
  for (const file of ['instance-example.json', 'instance-template.json']) {
    describe(file, () => {
      it('is read unchanged and written back equal', () => {
        assert.deepEqual(writeInstance(accepted(documented(file))), documented(file));
      });

      it('is read from its text too', () => {
        assert.deepEqual(accepted(textOf(file)), accepted(documented(file)));
      });
    });
  }

  it('becomes the properties and credentials of the three nodes', () => {
    assert.deepEqual(accepted(documented()), {
      config: {
        name: 'SageCRMPolling',
        subdomain: 'sagecrm-0.cloud-elements.com',
        tags: ['Docs'],
        credentials: { username: 'xxxxx', password: 'xxxxxxxxxxxxxxxxxxxxxx' },
      },
      poll: { interval: '15', resources: defaultResources() },
      callback: {
        enabled: true,
        url: 'https://console.cloud-elements.com',
        headers: undefined,
        credentials: { signatureKey: undefined, username: undefined, password: undefined },
      },
    });
  });

  it('hands the other known keys to the callback, and writes them back', () => {
    const instance = withSettings({
      'event.notification.signature.key': 'a-signature-key',
      'event.notification.basic.username': 'hook-user',
      'event.notification.basic.password': 'hook-pass',
      'event.notification.callback.headers': { 'X-Team': 'crm' },
    });
    const nodes = accepted(instance);
    assert.deepEqual(nodes.callback.headers, { 'X-Team': 'crm' });
    assert.deepEqual(nodes.callback.credentials, {
      signatureKey: 'a-signature-key',
      username: 'hook-user',
      password: 'hook-pass',
    });
    assert.deepEqual(writeInstance(nodes), instance);
  });

  for (const interval of [15, '15', '0.5', 1]) {
    it(`keeps the interval ${JSON.stringify(interval)} as it was written`, () => {
      const nodes = accepted(withSettings({ 'event.poller.refresh_interval': interval }));
      assert.equal(nodes.poll.interval, interval);
    });
  }

  for (const [written, enabled] of [
    [true, true],
    ['true', true],
    [false, false],
    ['false', false],
    [undefined, false],
  ] as const) {
    it(`takes event.notification.enabled ${JSON.stringify(written)} for ${enabled}`, () => {
      const nodes = accepted(withSettings({ 'event.notification.enabled': written }));
      assert.equal(nodes.callback.enabled, enabled);
    });
  }

  it('takes its resources as JSON text', () => {
    const key = 'event.poller.configuration';
    const text = JSON.stringify(documented().configuration[key]);
    assert.deepEqual(accepted(withSettings({ [key]: text })), accepted(documented()));
  });

  it('needs neither tags nor a name, and invents none', () => {
    const { element, configuration } = documented();
    const nodes = accepted({ element, configuration });
    assert.equal(nodes.config.name, undefined);
    assert.equal(nodes.config.tags, undefined);
    assert.deepEqual(writeInstance(nodes), { element, configuration });
  });

  it('takes a setting that is null for one that nobody made', () => {
    const instance = withSettings({ 'event.notification.callback.url': null, password: null });
    const { config, callback } = accepted({ ...instance, name: null });
    assert.equal(config.name, undefined);
    assert.equal(config.credentials.password, undefined);
    assert.equal(callback.url, undefined);
  });

  it('takes a reference to an environment variable for the interval and the callback', () => {
    const settings = {
      'event.notification.callback.url': '${HOOK}',
      'event.poller.refresh_interval': '${MINUTES}',
    };
    const nodes = accepted(withSettings(settings));
    assert.equal(nodes.callback.url, '${HOOK}');
    assert.equal(nodes.poll.interval, '${MINUTES}');
    assert.deepEqual(writeInstance(nodes), withSettings(settings));
  });

  it('can be read in part: the settings of its poller, or its resources', () => {
    const { configuration } = documented();
    const resources = defaultResources();
    assert.deepEqual(readPoller(configuration), {
      success: true,
      poll: { interval: '15', resources },
    });
    assert.deepEqual(readPollerResources(JSON.stringify(resources)), {
      success: true,
      poll: { resources },
    });
    const refused = readPollerResources({ accounts: {} });
    assert.ok(!refused.success);
    assert.equal(refused.problems[0]?.path, 'accounts.url');
  });

  it('leaves keys it does not know alone', () => {
    accepted(withSettings({ 'some.other.setting': 1 }));
    accepted({ ...documented(), id: 7950647, valid: true });
  });

  describe('is refused with the path of the fault', () => {
    const resources = 'configuration["event.poller.configuration"]';
    for (const [what, instance, at, expected] of [
      ['nothing', null, '', /expected an Open Connectors instance/],
      ['a list', [], '', /expected an Open Connectors instance/],
      ['text that is not JSON', '{"element":', '', /expected JSON \(/],
      ['no element', { configuration: {} }, 'element', /"key": "sagecrm"/],
      [
        'another element',
        { ...documented(), element: { key: 'hubspot' } },
        'element.key',
        /expected "sagecrm"/,
      ],
      [
        'no configuration',
        { element: { key: 'sagecrm' } },
        'configuration',
        /expected the configuration/,
      ],
      ['a tag that is a number', { ...documented(), tags: ['a', 5] }, 'tags[1]', /expected text/],
      ['a name that is a number', { ...documented(), name: 5 }, 'name', /expected text/],
      [
        'no subdomain',
        withSettings({ subdomain: undefined }),
        'configuration.subdomain',
        /expected the host/,
      ],
      [
        'a password that is no text',
        withSettings({ password: true }),
        'configuration.password',
        /expected text/,
      ],
      [
        'another flag',
        withSettings({ 'event.notification.enabled': 'yes' }),
        'configuration["event.notification.enabled"]',
        /expected true or false/,
      ],
      [
        'a callback that is no URL',
        withSettings({ 'event.notification.callback.url': 5 }),
        'configuration["event.notification.callback.url"]',
        /expected a URL/,
      ],
      [
        'resources cut short',
        withSettings({ 'event.poller.configuration': '{"accounts":' }),
        resources,
        /expected a JSON object \(/,
      ],
      [
        'no resources',
        withSettings({ 'event.poller.configuration': {} }),
        resources,
        /expected at least one resource/,
      ],
      [
        'a resource with a wrong zone',
        withSettings({
          'event.poller.configuration': {
            accounts: {
              ...defaultResources().accounts,
              datesConfiguration: { updatedDateField: 'a', updatedDateTimezone: 'Mars' },
            },
          },
        }),
        `${resources}.accounts.datesConfiguration.updatedDateTimezone`,
        /expected a time zone/,
      ],
    ] as const) {
      it(what, () => {
        const result = readInstance(instance);
        assert.ok(!result.success);
        const [problem] = result.problems;
        assert.equal(problem?.path, at);
        assert.match(problem.message, expected);
      });
    }
  });

  it('is not written from properties that could not be read back', () => {
    const nodes = accepted(documented());
    assert.throws(
      () => writeInstance({ ...nodes, poll: { resources: {} } }),
      (error) =>
        error instanceof SageCrmError &&
        error.code === 'CONFIG_INVALID' &&
        error.details.field === 'configuration["event.poller.configuration"]',
    );
  });
});
