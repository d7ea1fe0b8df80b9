import assert from 'node:assert/strict';
import { authorizationFor } from '../../../src/sagecrm/authorization';
import { LOG_ON } from './support/scripted-server';

const BASIC = `Basic ${Buffer.from('crm-user:crm-pass').toString('base64')}`;
const SECRETS = { userSecret: 'u', organizationSecret: 'o', elementToken: 'e' };

describe('authorizationFor', () => {
  it('is Basic with user and password', () => {
    assert.equal(authorizationFor(LOG_ON, 'hub'), BASIC);
    assert.equal(authorizationFor(LOG_ON, 'sdata'), BASIC);
  });

  it("is a hub's own form when all three secrets are set", () => {
    assert.equal(
      authorizationFor({ ...LOG_ON, ...SECRETS }, 'hub'),
      'User u, Organization o, Element e',
    );
  });

  it('stays Basic while one of them is missing', () => {
    for (const name of Object.keys(SECRETS)) {
      const incomplete = { ...LOG_ON, ...SECRETS, [name]: '' };
      assert.equal(authorizationFor(incomplete, 'hub'), BASIC);
    }
  });

  it("never shows a hub's secrets to Sage CRM's own API", () => {
    assert.equal(authorizationFor({ ...LOG_ON, ...SECRETS }, 'sdata'), BASIC);
  });

  it('writes letters beyond ASCII as UTF-8, and allows a colon in the password', () => {
    const logOn = { ...LOG_ON, username: 'Žofie', password: 'a:b é' };
    const header = authorizationFor(logOn, 'sdata');
    const pair = Buffer.from(header.replace('Basic ', ''), 'base64').toString('utf8');
    assert.equal(pair, 'Žofie:a:b é');
  });
});
