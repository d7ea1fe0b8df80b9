import assert from 'node:assert/strict';
import {
  callbackCredentialsSchema,
  callbackPropertiesSchema,
  checkCallbackProperties,
} from '../../../src/config/callback-properties';
import { parseOrThrow } from '../../../src/config/problems';
import { retriesSchema } from '../../../src/config/retry-schedule';
import { SageCrmError } from '../../../src/errors/sagecrm-error';

const URL_TEXT = 'https://example.com/hook';

function parse(properties: Record<string, unknown>) {
  return parseOrThrow(callbackPropertiesSchema, { url: URL_TEXT, ...properties });
}

function refusalOf(properties: Record<string, unknown>): SageCrmError {
  try {
    parse(properties);
  } catch (error) {
    if (error instanceof SageCrmError) return error;
    throw error;
  }
  return assert.fail('it was accepted');
}

describe('callbackPropertiesSchema', () => {
  it('fills in what is missing', () => {
    assert.deepEqual(parse({ id: 'x', type: 'sagecrm-callback' }), {
      name: '',
      server: '',
      enabled: true,
      url: URL_TEXT,
      allowUrlOverride: false,
      format: 'open-connectors',
      cloudEventsMode: 'structured',
      batchSize: 1,
      flushAfter: 1,
      concurrency: 8,
      rateLimit: 0,
      retries: parseOrThrow(retriesSchema, undefined),
      deadLetterLimit: 10_000,
      deadLetterDays: 30,
      headers: {},
      timeout: 15,
      allowPrivate: false,
      tls: '',
      proxy: '',
    });
  });

  it('takes text for flags, numbers and objects', () => {
    const properties = parse({
      enabled: 'false',
      allowPrivate: 'true',
      timeout: '2.5',
      headers: '{"X-A": "1", "X-B": 2, "X-C": true}',
    });
    assert.equal(properties.enabled, false);
    assert.equal(properties.allowPrivate, true);
    assert.equal(properties.timeout, 2.5);
    assert.deepEqual(properties.headers, { 'X-A': '1', 'X-B': '2', 'X-C': 'true' });
  });

  it('takes empty fields as absent', () => {
    const properties = parse({ timeout: '', headers: ' ', format: '', enabled: '', tls: null });
    assert.deepEqual(properties, parse({}));
  });

  it('needs no URL of its own when each message may bring one', () => {
    assert.equal(parse({ url: '', allowUrlOverride: true }).url, '');
    assert.equal(refusalOf({ url: '' }).details.field, 'url');
  });

  for (const [field, value] of [
    ['batchSize', 0],
    ['batchSize', 11],
    ['batchSize', 2.5],
    ['flushAfter', -1],
    ['concurrency', 65],
    ['rateLimit', -1],
    ['rateLimit', 1001],
    ['retries', 'soon'],
    ['cloudEventsMode', 'bare'],
    ['deadLetterLimit', 0],
    ['deadLetterDays', 0],
  ] as const) {
    it(`refuses ${value} as ${field}`, () => {
      assert.ok(refusalOf({ [field]: value }).details.field?.startsWith(field));
    });
  }

  it('refuses headers that describe an event, as CloudEvents has them', () => {
    assert.equal(refusalOf({ headers: { 'CE-Id': '1' } }).details.field, 'headers.CE-Id');
  });

  it('needs a URL only when it is enabled', () => {
    assert.equal(parse({ enabled: false, url: '' }).url, '');
    assert.equal(parse({ enabled: false, url: undefined }).url, '');
    assert.equal(refusalOf({ url: '' }).details.field, 'url');
    assert.equal(refusalOf({ url: undefined }).details.field, 'url');
  });

  for (const url of [
    'example.com',
    'ftp://example.com',
    'https://',
    'http://a b',
    'javascript:1',
  ]) {
    it(`refuses the URL "${url}"`, () => {
      assert.equal(refusalOf({ url }).details.field, 'url');
    });
  }

  const faults: Record<string, unknown>[] = [
    { enabled: 'yes' },
    { allowPrivate: 1 },
    { format: 'soap' },
    { timeout: 0 },
    { timeout: 301 },
    { timeout: 'soon' },
  ];
  for (const fault of faults) {
    const [field = ''] = Object.keys(fault);
    it(`refuses ${JSON.stringify(fault)} by its field`, () => {
      const error = refusalOf(fault);
      assert.equal(error.code, 'CONFIG_INVALID');
      assert.equal(error.details.field, field);
      assert.match(error.message, /expected/);
    });
  }

  describe('headers', () => {
    const secret = 'planted-secret-9d';
    const refused: { name: string; headers: unknown; field: string }[] = [
      { name: 'a line feed in a value', headers: { 'X-A': `${secret}\nX-B: 1` }, field: 'X-A' },
      { name: 'a carriage return in a value', headers: { 'X-A': `${secret}\r` }, field: 'X-A' },
      { name: 'a null in a value', headers: { 'X-A': `${secret}\0` }, field: 'X-A' },
      { name: 'a value beyond Latin-1', headers: { 'X-A': `${secret}…` }, field: 'X-A' },
      { name: 'a value that is no text', headers: { 'X-A': { secret } }, field: 'X-A' },
    ];
    for (const { name, headers, field } of refused) {
      it(`refuse ${name}, and do not repeat it`, () => {
        const error = refusalOf({ headers });
        assert.equal(error.details.field, `headers.${field}`);
        assert.equal(error.message.includes(secret), false);
      });
    }

    for (const name of ['X A', 'X:A', 'X\r\nB', '']) {
      it(`refuse the name ${JSON.stringify(name)}`, () => {
        assert.match(refusalOf({ headers: { [name]: '1' } }).details.field ?? '', /^headers/);
      });
    }

    for (const name of [
      'Host',
      'content-length',
      'Transfer-Encoding',
      'Webhook-Signature',
      'webhook-id',
      'webhook-timestamp',
      'Elements-Webhook-Signature',
      'elements-webhook-id',
      'Connection',
    ]) {
      it(`refuse ${name}, which the delivery sets`, () => {
        assert.match(refusalOf({ headers: { [name]: '1' } }).message, /set by the delivery/);
      });
    }

    it('refuse one name in two cases', () => {
      assert.match(refusalOf({ headers: { 'X-A': '1', 'x-a': '2' } }).message, /there twice/);
    });

    for (const headers of [`{"X-A": "${secret}`, `[]`, '"text"', 7]) {
      it(`refuse ${typeof headers} that is no object: ${String(headers).slice(0, 4)}`, () => {
        const error = refusalOf({ headers });
        assert.equal(error.details.field, 'headers');
        assert.equal(error.message.includes(secret), false);
      });
    }
  });
});

describe('callbackCredentialsSchema', () => {
  it('takes missing credentials as empty, and leaves blanks in a password', () => {
    assert.deepEqual(parseOrThrow(callbackCredentialsSchema, {}), {
      signatureKey: '',
      username: '',
      password: '',
    });
    const credentials = { signatureKey: ' key ', username: ' user ', password: ' pass ' };
    assert.deepEqual(parseOrThrow(callbackCredentialsSchema, credentials), {
      signatureKey: 'key',
      username: 'user',
      password: ' pass ',
    });
  });
});

describe('checkCallbackProperties', () => {
  it('leaves to the runtime what an environment variable will fill in', () => {
    assert.deepEqual(checkCallbackProperties({ url: '${HOOK_URL}', timeout: '${SECONDS}' }), []);
  });

  it('tells every other fault with its path', () => {
    const problems = checkCallbackProperties({ url: '', timeout: 'x', headers: { Host: '1' } });
    assert.deepEqual(problems.map(({ path }) => path).sort(), ['headers.Host', 'timeout']);
    assert.deepEqual(
      checkCallbackProperties({ url: '' }).map(({ path }) => path),
      ['url'],
    );
  });
});
