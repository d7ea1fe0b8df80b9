import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  RESOURCE_FIELDS,
  readField,
  withFields,
  type ResourceField,
  type ResourceValue,
} from '../../../../nodes/editor/resources/fields';
import texts from '../../../../nodes/sagecrm-poll/locales/en-US/sagecrm-poll.json';
import { defaultResources } from '../../../../src/config/defaults';
import { checkResource } from '../../../../src/config/resources';

function fieldOf(name: string): ResourceField {
  const field = RESOURCE_FIELDS.find((candidate) => candidate.name === name);
  assert.ok(field, name);
  return field;
}

function accounts(outer: ResourceValue = {}, dates: ResourceValue = {}): ResourceValue {
  const { datesConfiguration, ...rest } = defaultResources().accounts ?? {};
  return { ...rest, datesConfiguration: { ...(datesConfiguration as object), ...dates }, ...outer };
}

/** What a form shows that was just opened. */
function shown(resource: ResourceValue): Map<string, string | boolean> {
  return new Map(RESOURCE_FIELDS.map((field) => [field.name, readField(resource, field)]));
}

/** What is saved when the user changes these fields and nothing else. */
function edited(resource: ResourceValue, changes: Record<string, string | boolean>): ResourceValue {
  return withFields(resource, new Map([...shown(resource), ...Object.entries(changes)]));
}

const datesOf = (resource: ResourceValue): ResourceValue =>
  resource.datesConfiguration as ResourceValue;

describe('opening and saving the form of a resource', () => {
  for (const [key, resource] of Object.entries(defaultResources())) {
    it(`changes nothing in the documented ${key}`, () => {
      assert.deepEqual(edited(resource, {}), resource);
    });
  }

  it('changes nothing, whatever the resource holds', () => {
    const names = RESOURCE_FIELDS.map(({ name }) => name);
    const capitals = names.map((name) => name.charAt(0).toUpperCase() + name.slice(1));
    const keys = fc.constantFrom(...names, ...capitals, 'unknown');
    const values = fc.oneof(
      fc.string(),
      fc.integer(),
      fc.boolean(),
      fc.constantFrom(null, 'true', 'false', 'off', 'reconcile', '${NAME}', ' 10 ', '1e3'),
      fc.constant({ nested: [1] }),
    );
    const some = fc.dictionary(keys, values);
    const resources = fc
      .tuple(some, fc.oneof(some, fc.constantFrom(undefined, null, 'text')))
      .map(([outer, datesConfiguration]) => ({ ...outer, datesConfiguration }));
    fc.assert(
      fc.property(resources, (resource) => {
        assert.equal(JSON.stringify(edited(resource, {})), JSON.stringify(resource));
      }),
    );
  });

  it('keeps keys it does not know, outside and among the dates', () => {
    const resource = accounts({ note: { by: 'hand' } }, { comment: 'as in the old system' });
    const saved = edited(resource, { idField: 'Comp_CompanyId' });
    assert.deepEqual(saved, { ...resource, idField: 'Comp_CompanyId' });
  });

  it('leaves the resource it was given alone', () => {
    const resource = accounts();
    const before = structuredClone(resource);
    edited(resource, { updatedDateField: 'Comp_Seen', pageSize: '50' });
    assert.deepEqual(resource, before);
  });
});

describe('a changed field', () => {
  it('is saved without blanks around it', () => {
    assert.equal(edited(accounts(), { idField: '  key2 ' }).idField, 'key2');
  });

  it('is saved as a number where it is one', () => {
    assert.equal(edited(accounts(), { pageSize: '200' }).pageSize, 200);
    assert.equal(edited(accounts(), { deletesInterval: ' 720 ' }).deletesInterval, 720);
    assert.equal(edited(accounts(), { deletesLimit: '2.5' }).deletesLimit, 2.5);
  });

  it('stays text where it is none, so that the problem can be shown', () => {
    assert.equal(edited(accounts(), { pageSize: 'many' }).pageSize, 'many');
  });

  it('goes when an optional one is emptied', () => {
    const saved = edited(accounts({ pageSize: 200, deletesLimit: 5 }), {
      pageSize: ' ',
      deletesLimit: '',
      createdDateField: '',
    });
    assert.equal('pageSize' in saved, false);
    assert.equal('deletesLimit' in saved, false);
    assert.equal('createdDateField' in datesOf(saved), false);
  });

  it('stays when a required one is emptied, so that the flow shows what is missing', () => {
    const saved = edited(accounts(), { url: '', idField: '', updatedDateField: '' });
    assert.equal(saved.url, '');
    assert.equal(saved.idField, '');
    assert.equal(datesOf(saved).updatedDateField, '');
  });

  it('makes a home for dates that have none', () => {
    const saved = edited({ url: '/hubs/crm/a', idField: 'key' }, { updatedDateField: 'A' });
    assert.deepEqual(saved.datesConfiguration, { updatedDateField: 'A' });
  });
});

describe('a date key that starts with a capital', () => {
  const dates = { updatedDateField: 'A', UpdatedDateTimezone: 'UTC' };
  const resource = { url: '/hubs/crm/a', idField: 'key', datesConfiguration: dates };

  it('is shown', () => {
    assert.equal(readField(resource, fieldOf('updatedDateTimezone')), 'UTC');
  });

  it('is written under the key it has', () => {
    assert.deepEqual(datesOf(edited(resource, { updatedDateTimezone: 'Europe/Berlin' })), {
      updatedDateField: 'A',
      UpdatedDateTimezone: 'Europe/Berlin',
    });
  });

  it('goes under the key it has', () => {
    assert.deepEqual(datesOf(edited(resource, { updatedDateTimezone: '' })), {
      updatedDateField: 'A',
    });
  });
});

describe('the tolerance', () => {
  const tolerance = 'createdCheckTolerance';

  it('is read and written among the dates when it is there', () => {
    const resource = accounts({}, { [tolerance]: 20 });
    assert.equal(readField(resource, fieldOf(tolerance)), '20');
    const saved = edited(resource, { [tolerance]: '30' });
    assert.equal(datesOf(saved)[tolerance], 30);
    assert.equal(tolerance in saved, false);
  });

  it('is read and written in the resource when both hold one, as that one counts', () => {
    const resource = accounts({ [tolerance]: 5 }, { [tolerance]: 20 });
    assert.equal(readField(resource, fieldOf(tolerance)), '5');
    const saved = edited(resource, { [tolerance]: '30' });
    assert.equal(saved[tolerance], 30);
    assert.equal(datesOf(saved)[tolerance], 20);
  });

  it('is written in the resource when it is nowhere', () => {
    const saved = edited(accounts(), { [tolerance]: '30' });
    assert.equal(saved[tolerance], 30);
    assert.equal(tolerance in datesOf(saved), false);
  });
});

describe('a checkbox', () => {
  it('shows the default of a flag that is missing', () => {
    const flags = RESOURCE_FIELDS.filter(({ kind }) => kind === 'flag');
    assert.deepEqual(
      Object.fromEntries(flags.map((field) => [field.name, readField(accounts(), field)])),
      {
        enabled: true,
        filterByUpdatedDate: true,
        filterByCurrentDate: false,
        deletes: false,
        changes: false,
      },
    );
  });

  it('is saved as a flag', () => {
    assert.equal(edited(accounts({ enabled: 'true' }), { enabled: false }).enabled, false);
    assert.equal(edited(accounts(), { changes: true }).changes, true);
  });

  it('of two texts shows which of them the resource holds', () => {
    const checked = (deletes: unknown): string | boolean =>
      readField(accounts({ deletes }), fieldOf('deletes'));
    assert.equal(checked('reconcile'), true);
    assert.equal(checked('off'), false);
    assert.equal(checked(undefined), false);
    assert.equal(checked('sometimes'), false);
  });

  it('of two texts is saved as the text, one that the runtime takes', () => {
    const on = edited(accounts(), { deletes: true });
    const off = edited(on, { deletes: false });
    assert.equal(on.deletes, 'reconcile');
    assert.equal(off.deletes, 'off');
    assert.deepEqual(checkResource('accounts', on), []);
    assert.deepEqual(checkResource('accounts', off), []);
  });

  it('of two texts keeps another text until it is switched', () => {
    const resource = accounts({ deletes: 'sometimes' });
    assert.equal(edited(resource, { idField: 'key2' }).deletes, 'sometimes');
    assert.equal(edited(resource, { deletes: true }).deletes, 'reconcile');
  });
});

describe('the fields of the form', () => {
  it('all have a label of their own', () => {
    const labels = new Set(Object.keys(texts['sagecrm-poll'].resource));
    const unlabelled = RESOURCE_FIELDS.filter(({ name, place }) => {
      const key = place === 'dates' ? `date${name.replace(/^.*Date/, '')}` : name;
      return !labels.has(key);
    });
    assert.deepEqual(unlabelled, []);
  });
});
