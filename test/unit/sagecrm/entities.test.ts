import assert from 'node:assert/strict';
import { entityOf, hubResourceIn, isSDataPath } from '../../../src/sagecrm/entities';

describe('entityOf', () => {
  for (const [resource, entity] of [
    ['accounts', 'company'],
    ['contacts', 'person'],
    ['leads', 'lead'],
    ['opportunities', 'opportunity'],
    ['users', 'users'],
    ['Accounts', 'company'],
    ['projects', 'projects'],
    ['Cases', 'Cases'],
    ['constructor', 'constructor'],
  ] as const) {
    it(`takes ${resource} for ${entity}`, () => {
      assert.equal(entityOf(resource), entity);
    });
  }
});

describe('hubResourceIn', () => {
  it('finds the resource of a hub path, and nothing in any other', () => {
    assert.equal(hubResourceIn('/hubs/crm/accounts'), 'accounts');
    assert.equal(hubResourceIn('/HUBS/CRM/accounts/'), 'accounts');
    assert.equal(hubResourceIn('/hubs/crm/my%20things'), 'my things');
    for (const path of ['/hubs/crm', '/hubs/crm/a/43', '/hubs/erp/a', '/hubs/crm/%zz', '/x']) {
      assert.equal(hubResourceIn(path), undefined);
    }
  });
});

describe('isSDataPath', () => {
  it("knows Sage CRM's own API by its path", () => {
    assert.equal(isSDataPath('/sdata/crmj/sagecrm2/-/company'), true);
    assert.equal(isSDataPath('/base/SData/crmj/sagecrm2/-/company'), true);
    assert.equal(isSDataPath('/hubs/crm/sdata'), false);
  });
});
