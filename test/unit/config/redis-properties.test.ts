import assert from 'node:assert/strict';
import {
  checkConfigProperties,
  configPropertiesSchema,
} from '../../../src/config/config-properties';
import { parseRedisAddress } from '../../../src/config/redis-address';
import { redisSettings } from '../../../src/config/redis-properties';
import { SageCrmError } from '../../../src/errors/sagecrm-error';

const NOBODY = { redisUsername: '', redisPassword: '' };

describe('the address of a Redis', () => {
  for (const [text, expected] of [
    ['redis://db', { kind: 'single', encrypted: false, host: 'db', port: 6379, database: 0 }],
    [
      ' rediss://user:p%40ss:word@[::1]:7000/3 ',
      {
        ...{ kind: 'single', encrypted: true, host: '::1', port: 7000, database: 3 },
        ...{ username: 'user', password: 'p@ss:word' },
      },
    ],
    [
      'redis://:secret@db',
      {
        ...{ kind: 'single', encrypted: false, host: 'db', port: 6379, database: 0 },
        password: 'secret',
      },
    ],
    [
      'redis+sentinel://a, b:5/main/2',
      {
        ...{ kind: 'sentinel', encrypted: false, master: 'main', database: 2 },
        hosts: [
          { host: 'a', port: 26_379 },
          { host: 'b', port: 5 },
        ],
      },
    ],
    [
      'REDISS+CLUSTER://a:1,b:2',
      {
        ...{ kind: 'cluster', encrypted: true },
        hosts: [
          { host: 'a', port: 1 },
          { host: 'b', port: 2 },
        ],
      },
    ],
  ] as const) {
    it(`may be ${text}`, () => {
      assert.deepEqual(parseRedisAddress(text), expected);
    });
  }

  for (const text of [
    '',
    'db:6379',
    'http://db',
    'redis://',
    'redis://user:t0psecret@db:port',
    'redis://user:t0psecret@db:70000',
    'redis://a,b',
    'redis://db/one',
    'redis://%zz:t0psecret@db',
    'redis+sentinel://a',
    'redis+cluster://a/1',
    'redis+ring://a',
  ]) {
    it(`is not ${text || 'nothing'}, which is told without its password`, () => {
      assert.throws(
        () => parseRedisAddress(text),
        (error) =>
          error instanceof SageCrmError &&
          error.code === 'CONFIG_INVALID' &&
          error.details.field === 'redisUrl' &&
          !error.message.includes('t0psecret'),
      );
    });
  }
});

describe('the store of a configuration', () => {
  it('is the embedded one unless it is chosen', () => {
    const { store, redisUrl, redisPrefix } = configPropertiesSchema.parse({ subdomain: 'crm' });
    assert.deepEqual([store, redisUrl, redisPrefix], ['embedded', '', 'sagecrm']);
  });

  it('tells the editor what is wrong with URL and prefix', () => {
    const redisUrl = 'mysql://db';
    const problems = checkConfigProperties({ subdomain: 'crm', redisUrl, redisPrefix: 'a{b}' });
    assert.deepEqual(
      problems.map(({ path }) => path),
      ['redisUrl', 'redisPrefix'],
    );
  });

  it('comes from the environment where the properties are empty', () => {
    const env = {
      SAGECRM_REDIS_URL: 'redis://one:two@db',
      SAGECRM_REDIS_USERNAME: 'three',
      SAGECRM_REDIS_PASSWORD: 'four',
    };
    const empty = { redisUrl: '', redisPrefix: 'p' };
    const found = redisSettings(empty, NOBODY, env);
    assert.deepEqual([found.username, found.password, found.prefix], ['three', 'four', 'p']);
    const own = { redisUsername: 'five', redisPassword: 'six' };
    const { username, password } = redisSettings(empty, own, env);
    assert.deepEqual([username, password], ['five', 'six']);
    const ofUrl = redisSettings(empty, NOBODY, { SAGECRM_REDIS_URL: env.SAGECRM_REDIS_URL });
    assert.deepEqual([ofUrl.username, ofUrl.password], ['one', 'two']);
  });

  it('has its lease time from the environment, half a minute without one', () => {
    const properties = { redisUrl: 'redis://db', redisPrefix: 'p' };
    const leaseOf = (env: Record<string, string>): number =>
      redisSettings(properties, NOBODY, env).leaseMs;
    assert.equal(leaseOf({}), 30_000);
    assert.equal(leaseOf({ SAGECRM_LEASE_SECONDS: '5' }), 5000);
    assert.throws(
      () => leaseOf({ SAGECRM_LEASE_SECONDS: '0' }),
      /SAGECRM_LEASE_SECONDS is not valid: expected a number from 1 to 300.*environment variable.*restart Node-RED/,
    );
  });

  it('needs a URL from somewhere', () => {
    assert.throws(
      () => redisSettings({ redisUrl: '', redisPrefix: 'p' }, NOBODY, {}),
      /SAGECRM_REDIS_URL/,
    );
  });
});
