import assert from 'node:assert/strict';
import {
  checkConfigProperties,
  configCredentialsSchema,
  configPropertiesSchema,
} from '../../../src/config/config-properties';
import { parseOrThrow } from '../../../src/config/problems';

const SUBDOMAIN = 'crm.example.com';

function parse(properties: object) {
  return parseOrThrow(configPropertiesSchema, { subdomain: SUBDOMAIN, ...properties });
}

describe('the properties of a configuration node', () => {
  it('have defaults for everything but the subdomain', () => {
    const defaults = {
      name: '',
      subdomain: SUBDOMAIN,
      api: 'auto',
      install: 'crm',
      timezone: 'UTC',
      dateLiteral: 'auto',
      literalZone: '',
      rateLimit: 10,
      tls: '',
      proxy: '',
      timeout: 30,
      tags: [],
      store: 'embedded',
      redisUrl: '',
      redisTls: '',
      redisPrefix: 'sagecrm',
    };
    assert.deepEqual(parse({ id: 'x', type: 'sagecrm-config' }), defaults);
    const blank = { name: '', api: '', install: ' ', timezone: '', timeout: '', tags: '' };
    assert.deepEqual(parse(blank), defaults);
  });

  it('take text for numbers and lists', () => {
    const properties = parse({ timeout: '2.5', tags: 'one, two,,', subdomain: ` ${SUBDOMAIN} ` });
    assert.equal(properties.timeout, 2.5);
    assert.deepEqual(properties.tags, ['one', 'two']);
    assert.equal(properties.subdomain, SUBDOMAIN);
  });

  it('take another install name, API and zone', () => {
    const properties = parse({ install: 'crm2', api: 'sdata', timezone: 'Europe/Berlin' });
    assert.equal(properties.install, 'crm2');
    assert.equal(properties.api, 'sdata');
    assert.equal(properties.timezone, 'Europe/Berlin');
  });

  for (const [properties, path, expected] of [
    [{ subdomain: undefined }, 'subdomain', /the host of the Sage CRM server/],
    [{ subdomain: '' }, 'subdomain', /the host of the Sage CRM server/],
    [{ subdomain: 5 }, 'subdomain', /the host of the Sage CRM server/],
    [{ subdomain: 'ftp://crm' }, 'subdomain', /ftp: is not known.*write the whole host/],
    [{ api: 'soap' }, 'api', /expected auto, hub or sdata/],
    [{ install: 'crm/2' }, 'install', /the install name, such as crm/],
    [{ timezone: 'Mars' }, 'timezone', /a time zone such as UTC/],
    [{ timeout: 0 }, 'timeout', /a number from 1 to 3600/],
    [{ timeout: '30s' }, 'timeout', /a number from 1 to 3600/],
    [{ tags: 5 }, 'tags', /a list of texts/],
    [{ tags: ['a', 5] }, 'tags[1]', /expected text/],
    [{ tls: 5 }, 'tls', /expected text/],
  ] as const) {
    it(`are refused for ${JSON.stringify(properties)} at ${path}`, () => {
      const [problem] = checkConfigProperties({ subdomain: SUBDOMAIN, ...properties });
      assert.equal(problem?.path, path);
      assert.match(problem.message, expected);
    });
  }

  it('may be environment variables in the editor, which only the runtime knows', () => {
    const properties = {
      subdomain: '${CRM_HOST}',
      install: '${INSTALL}',
      timezone: '${ZONE}',
      timeout: '${TIMEOUT}',
      tags: '${TAGS}',
    };
    assert.deepEqual(checkConfigProperties(properties), []);
  });
});

describe('the credentials of a configuration node', () => {
  it('may be missing altogether', () => {
    assert.deepEqual(parseOrThrow(configCredentialsSchema, {}), {
      username: '',
      password: '',
      userSecret: '',
      organizationSecret: '',
      elementToken: '',
    });
  });

  it('keep the blanks of a password, and lose those around what is pasted', () => {
    const logOn = parseOrThrow(configCredentialsSchema, {
      username: ' crm-user ',
      password: ' pass ',
      userSecret: 'secret\n',
    });
    assert.equal(logOn.username, 'crm-user');
    assert.equal(logOn.password, ' pass ');
    assert.equal(logOn.userSecret, 'secret');
  });
});
