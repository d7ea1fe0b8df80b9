import assert from 'node:assert/strict';
import { parseServerAddress } from '../../../src/config/server-address';
import { SageCrmError } from '../../../src/errors/sagecrm-error';

describe('parseServerAddress', () => {
  for (const [subdomain, baseUrl] of [
    ['crm.example.com', 'https://crm.example.com'],
    ['  crm.example.com ', 'https://crm.example.com'],
    ['CRM.Example.com', 'https://crm.example.com'],
    ['crm', 'https://crm'],
    ['crm.example.com:8443', 'https://crm.example.com:8443'],
    ['crm.example.com:443', 'https://crm.example.com'],
    ['crm.example.com/', 'https://crm.example.com'],
    ['api.example.com/elements/api-v2', 'https://api.example.com/elements/api-v2'],
    ['crm.example.com:8443/base/', 'https://crm.example.com:8443/base'],
    ['https://crm.example.com', 'https://crm.example.com'],
    ['10.0.0.5', 'https://10.0.0.5'],
    ['[::1]', 'https://[::1]'],
    ['[2001:db8::7]:8443/base', 'https://[2001:db8::7]:8443/base'],
  ] as const) {
    it(`reads "${subdomain}" as ${baseUrl}`, () => {
      assert.deepEqual(parseServerAddress(subdomain), { baseUrl, insecure: false });
    });
  }

  for (const [subdomain, baseUrl] of [
    ['http://10.0.0.5', 'http://10.0.0.5'],
    ['HTTP://crm:8080/base/', 'http://crm:8080/base'],
    ['http://[::1]:8080', 'http://[::1]:8080'],
  ] as const) {
    it(`reads "${subdomain}" and marks it insecure`, () => {
      assert.deepEqual(parseServerAddress(subdomain), { baseUrl, insecure: true });
    });
  }

  for (const [subdomain, why] of [
    ['', /\(it is /],
    ['   ', /\(it is /],
    ['http://', /not a host/],
    ['ftp://crm.example.com', /ftp: is not known/],
    ['ws://crm.example.com', /ws: is not known/],
    ['user:pass@crm.example.com', /credentials/],
    ['https://user@crm.example.com', /credentials/],
    ['crm.example.com/base?x=1', /more than a host and a path/],
    ['crm.example.com#top', /more than a host and a path/],
    ['crm example.com', /not a host/],
    ['crm.example.com/a b', /characters that no host has/],
    ['crm.example.com/<install>', /characters that no host has/],
    ['::1', /not a host/],
    ['crm.example.com:99999', /not a host/],
  ] as const) {
    it(`refuses "${subdomain}" with the field and the next step`, () => {
      assert.throws(
        () => parseServerAddress(subdomain),
        (error) =>
          error instanceof SageCrmError &&
          error.code === 'CONFIG_INVALID' &&
          error.details.field === 'subdomain' &&
          why.test(error.what) &&
          error.nextStep.includes('crm.example.com:8443'),
      );
    });
  }
});
