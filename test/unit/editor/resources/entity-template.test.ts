import assert from 'node:assert/strict';
import { resourceFor } from '../../../../nodes/editor/resources/entity-template';
import { defaultResources } from '../../../../src/config/defaults';
import { checkResource } from '../../../../src/config/resources';

const named = (...names: string[]): { name: string }[] => names.map((name) => ({ name }));

describe('a resource for an entity', () => {
  const cases = resourceFor(
    'cases',
    named('key', 'Comp_UpdatedDate', 'Case_UpdatedDate', 'Case_CreatedDate', 'Case_Stage'),
  );

  it('asks for the records changed since, by the date of the entity itself', () => {
    assert.equal(cases.key, 'cases');
    assert.equal(
      cases.value.url,
      "/hubs/crm/cases?where=Case_UpdatedDate>'${gmtDate:yyyy-MM-dd'T'HH:mm:ss'Z'}'",
    );
  });

  it('names its id and both dates, and is valid', () => {
    const dates = cases.value.datesConfiguration as Record<string, unknown>;
    assert.equal(cases.value.idField, 'key');
    assert.equal(dates.updatedDateField, 'Case_UpdatedDate');
    assert.equal(dates.createdDateField, 'Case_CreatedDate');
    assert.deepEqual(checkResource('cases', cases.value), []);
  });

  it('is the documented one where there is one, by the name of either API', () => {
    const { accounts, users } = defaultResources();
    assert.deepEqual(resourceFor('company', []), { key: 'accounts', value: accounts });
    assert.deepEqual(resourceFor('Users', []), { key: 'users', value: users });
  });

  it('leaves open what is not known', () => {
    const { value } = resourceFor('my table', []);
    assert.equal(value.url, '/hubs/crm/my%20table');
    assert.equal((value.datesConfiguration as Record<string, unknown>).updatedDateField, '');
  });
});
