import assert from 'node:assert/strict';
import fc from 'fast-check';
import { exportInstance, MASKED } from '../../../nodes/editor/import/export-instance';
import { recognise } from '../../../nodes/editor/import/recognise';
import { editorCredentials } from '../../../nodes/editor/import/settings';
import { defaultResources } from '../../../src/config/defaults';
import { readInstance, type NodeProperties } from '../../../src/config/instance';
import { SageCrmError } from '../../../src/errors/sagecrm-error';

const word = fc.stringMatching(/^[A-Za-z][a-z0-9]{2,8}$/);
const optional = { nil: undefined } as const;

const resource = fc.record(
  {
    url: fc.constant("/hubs/crm/x?where=a>'${gmtDate:yyyy-MM-dd}'"),
    idField: word,
    datesConfiguration: fc.record({ updatedDateField: word }),
    enabled: fc.boolean(),
    pageSize: fc.integer({ min: 1, max: 5000 }),
    note: word,
  },
  { requiredKeys: ['url', 'idField', 'datesConfiguration'] },
);

const instance = fc
  .record({
    name: fc.option(word, optional),
    tags: fc.option(fc.array(word, { minLength: 1, maxLength: 3 }), optional),
    username: fc.option(word, optional),
    password: fc.option(word, optional),
    interval: fc.integer({ min: 0, max: 10_000 }).map(String),
    resources: fc.dictionary(word, resource, { minKeys: 1, maxKeys: 3 }),
    enabled: fc.boolean(),
    url: word.map((host) => `https://${host}.example.com/hook`),
    headers: fc.option(fc.record({ 'X-Team': word, 'X-Api-Key': word }), optional),
    signatureKey: fc.option(word, optional),
  })
  .map((made) =>
    JSON.stringify({
      element: { key: 'sagecrm' },
      configuration: {
        subdomain: 'crm.example.com',
        username: made.username,
        password: made.password,
        'event.notification.enabled': made.enabled,
        'event.notification.callback.url': made.url,
        'event.notification.callback.headers': made.headers,
        'event.notification.signature.key': made.signatureKey,
        'event.poller.refresh_interval': made.interval,
        'event.poller.configuration': made.resources,
      },
      ...{ tags: made.tags, name: made.name },
    }),
  );

/** What the editor exports once nodes hold what a file says. */
function exported({ config, poll, callback }: NodeProperties): unknown {
  const known = (credentials: object): Record<string, unknown> =>
    editorCredentials(JSON.parse(JSON.stringify(credentials)) as Record<string, string>);
  return exportInstance({
    server: { node: { ...config }, credentials: known(config.credentials) },
    poll: { interval: poll.interval, resources: poll.resources },
    callback: { node: { ...callback }, credentials: known(callback.credentials) },
  });
}

function masked(text: string): unknown {
  const value = JSON.parse(text) as { configuration: Record<string, unknown> };
  const { configuration } = value;
  for (const key of ['password', 'event.notification.signature.key']) {
    if (key in configuration) configuration[key] = MASKED;
  }
  const headers = configuration['event.notification.callback.headers'];
  if (headers) Object.assign(headers, { 'X-Api-Key': MASKED });
  return value;
}

function accepted(text: string): NodeProperties {
  const result = readInstance(text);
  assert.ok(result.success, JSON.stringify(result));
  return result.nodes;
}

describe('exporting an instance', () => {
  it('gives back what was imported, secrets masked', () => {
    fc.assert(
      fc.property(instance, (text) => {
        assert.deepEqual(exported(accepted(text)), masked(text));
      }),
    );
  });

  it('gives a file that imports the same nodes, without the secrets', () => {
    fc.assert(
      fc.property(instance, (text) => {
        const again = recognise(JSON.stringify(exported(accepted(text))));
        assert.ok('found' in again);
        const { poll, config } = accepted(text);
        assert.deepEqual(again.found.poll, poll);
        assert.equal(again.found.server?.credentials.username, config.credentials.username);
        assert.equal(again.found.server?.credentials.password, undefined);
        assert.equal(again.found.callback?.credentials.signatureKey, undefined);
      }),
    );
  });

  it('says that there is no callback when there is none', () => {
    const poll = { interval: 15, resources: JSON.stringify(defaultResources()) };
    assert.deepEqual(exportInstance({ poll }), {
      element: { key: 'sagecrm' },
      configuration: {
        ...{ subdomain: '', 'event.notification.enabled': false },
        ...{ 'event.poller.refresh_interval': '15' },
        'event.poller.configuration': defaultResources(),
      },
    });
  });

  it('refuses what could not be read back', () => {
    for (const resources of ['${RESOURCES}', {}]) {
      assert.throws(
        () => exportInstance({ poll: { interval: 15, resources } }),
        (error) => error instanceof SageCrmError && error.code === 'CONFIG_INVALID',
      );
    }
  });
});
