import assert from 'node:assert/strict';
import {
  translationProblem,
  translationProblems,
} from '../../../../nodes/editor/resources/translation';
import { defaultResources } from '../../../../src/config/defaults';

const sdata = { api: 'sdata', timezone: 'Europe/Berlin' };
const bad = "/hubs/crm/accounts?where=not Comp_Name like 'A%'";

describe('a where clause that cannot be translated', () => {
  it('is a problem of the URL, with the place of the fault', () => {
    const problem = translationProblem('accounts', bad, sdata);
    assert.equal(problem?.path, 'resources.accounts.url');
    assert.match(problem.message, /^The where clause .*character \d+/);
  });

  it('is one whatever the zone of the server', () => {
    for (const timezone of [undefined, '', 'Nowhere/Land', '${ZONE}', 5]) {
      assert.ok(translationProblem('accounts', bad, { api: 'sdata', timezone }));
    }
  });

  it('is no problem for a server that takes it as it is, or may do so', () => {
    for (const server of [
      undefined,
      null,
      {},
      { api: 'auto' },
      { api: 'hub' },
      { api: '${API}' },
    ]) {
      assert.equal(translationProblem('accounts', bad, server), undefined);
    }
  });

  it('is found in every resource of the property, object or JSON text', () => {
    const resources = { ...defaultResources(), a: { url: bad }, b: { url: bad } };
    for (const property of [resources, JSON.stringify(resources)]) {
      assert.deepEqual(
        translationProblems(property, sdata).map(({ path }) => path),
        ['resources.a.url', 'resources.b.url'],
      );
    }
  });
});

describe('the check for translation', () => {
  it('finds nothing in the documented resources', () => {
    assert.deepEqual(translationProblems(undefined, sdata), []);
  });

  it('leaves URLs alone that have another fault, or are not translated', () => {
    for (const url of [
      undefined,
      5,
      '',
      "/hubs/crm/accounts?where=A>'${gmtDate:yyyy-bb}'",
      "/hubs/crm/accounts?where=A>'${oops",
      '/sdata/crmj/sagecrm2/-/company?where=not a clause',
    ]) {
      assert.equal(translationProblem('accounts', url, sdata), undefined);
    }
  });

  it('passes over resources that only the runtime will know', () => {
    assert.deepEqual(translationProblems('${RESOURCES}', sdata), []);
  });
});
