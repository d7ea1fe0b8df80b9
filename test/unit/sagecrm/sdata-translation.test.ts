import assert from 'node:assert/strict';
import { defaultResources } from '../../../src/config/defaults';
import { parameter, splitUrl } from '../../../src/sagecrm/request-url';
import { toSDataUrl, type SDataAddress } from '../../../src/sagecrm/sdata-translation';
import { compileUrlTemplate } from '../../../src/template/url-template';
import { resolveZone } from '../../../src/template/zone';

const ADDRESS: SDataAddress = {
  install: 'crm',
  serverZone: resolveZone('UTC'),
  dateLiteral: '@',
};

function translated(url: string, address: Partial<SDataAddress> = {}) {
  const whole = splitUrl(toSDataUrl(url, { ...ADDRESS, ...address }) ?? '');
  return { path: whole.path, where: parameter(whole, 'where') };
}

function rendered(url: string): string {
  const now = Date.parse('2026-01-31T10:15:00Z');
  return compileUrlTemplate(url, ADDRESS.serverZone).render({ from: now, now });
}

describe('toSDataUrl', () => {
  for (const [resource, entity, column] of [
    ['accounts', 'company', 'Comp_UpdatedDate'],
    ['contacts', 'person', 'Pers_UpdatedDate'],
    ['leads', 'lead', 'Lead_UpdatedDate'],
    ['opportunities', 'opportunity', 'Oppo_UpdatedDate'],
    ['users', 'users', 'User_UpdatedDate'],
  ] as const) {
    it(`translates the documented URL of ${resource}`, () => {
      const url = rendered(String(defaultResources()[resource]?.url));
      assert.deepEqual(translated(url), {
        path: `/sdata/crmj/sagecrm2/-/${entity}`,
        where: `${column} gt @2026-01-31T10:15:00Z@`,
      });
    });
  }

  it('takes another name for the entity itself', () => {
    assert.equal(translated('/hubs/crm/Projects').path, '/sdata/crmj/sagecrm2/-/Projects');
  });

  it('goes to another install', () => {
    const { path } = translated('/hubs/crm/accounts', { install: 'crm2' });
    assert.equal(path, '/sdata/crm2j/sagecrm2/-/company');
  });

  it('quotes dates as text where the server wants them so', () => {
    const url = "/hubs/crm/accounts?where=a>'2026-01-31T10:15:00Z'";
    const { where } = translated(url, { dateLiteral: "'" });
    assert.equal(where, "a gt '2026-01-31T10:15:00Z'");
  });

  it('writes dates as the wall time of a server in a local zone', () => {
    const url = "/hubs/crm/accounts?where=a>'2026-01-31T10:15:00Z'";
    const { where } = translated(url, { serverZone: resolveZone('Europe/Berlin') });
    assert.equal(where, 'a gt @2026-01-31T11:15:00@');
  });

  it('turns pageSize into count, and leaves out what only the hub knows', () => {
    const url = '/hubs/crm/accounts?pageSize=50&nextPage=x&select=Comp_Name';
    assert.equal(
      toSDataUrl(url, ADDRESS),
      '/sdata/crmj/sagecrm2/-/company?select=Comp_Name&count=50',
    );
  });

  it('works without a clause', () => {
    assert.equal(toSDataUrl('/hubs/crm/leads', ADDRESS), '/sdata/crmj/sagecrm2/-/lead');
  });

  it('leaves every other path alone', () => {
    for (const url of ['/sdata/crmj/sagecrm2/-/company?where=x', '/hubs/crm/accounts/43', '/x']) {
      assert.equal(toSDataUrl(url, ADDRESS), undefined);
    }
  });

  it('refuses a clause that has no equivalent, with its position', () => {
    assert.throws(
      () => toSDataUrl('/hubs/crm/accounts?where=a > ', ADDRESS),
      (error: Error & { code?: string; details?: { position?: number } }) =>
        error.code === 'WHERE_INVALID' && typeof error.details?.position === 'number',
    );
  });
});
