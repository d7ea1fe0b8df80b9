import assert from 'node:assert/strict';
import { defaultResources } from '../../../src/config/defaults';
import { parseOrThrow } from '../../../src/config/problems';
import { checkResource, resourcesSchema, type Resource } from '../../../src/config/resources';

const FORMAT = "yyyy-MM-dd'T'HH:mm:ss'Z'";

interface Changes {
  /** Beside the dates. */
  outer?: Record<string, unknown>;
  dates?: Record<string, unknown>;
}

function accounts({ outer = {}, dates = {} }: Changes = {}): Record<string, unknown> {
  const { datesConfiguration, ...rest } = defaultResources().accounts ?? {};
  return {
    ...rest,
    datesConfiguration: { ...(datesConfiguration as object), ...dates },
    ...outer,
  };
}

function resolved(changes: Changes = {}): Resource {
  const [resource] = parseOrThrow(resourcesSchema, { accounts: accounts(changes) });
  assert.ok(resource);
  return resource;
}

describe('a resource', () => {
  it('gets every default filled in', () => {
    const column = { format: FORMAT, timezone: 'GMT' };
    assert.deepEqual(resolved(), {
      key: 'accounts',
      enabled: true,
      url: `/hubs/crm/accounts?where=Comp_UpdatedDate>'\${gmtDate:${FORMAT}}'`,
      idField: 'key',
      updated: { field: 'Comp_UpdatedDate', ...column },
      created: { field: 'Comp_CreatedDate', ...column },
      filterByUpdatedDate: true,
      filterByCurrentDate: false,
      createdCheckTolerance: 10,
      pollDelay: 0,
      changes: false,
      deletes: 'off',
      deletesInterval: 1440,
      deletesLimit: 10,
    });
  });

  it('needs no more than a URL, an id and an updated date', () => {
    const [resource] = parseOrThrow(resourcesSchema, {
      projects: {
        url: '/hubs/crm/projects',
        idField: 'user.id',
        datesConfiguration: { updatedDateField: 'Proj_UpdatedDate' },
      },
    });
    assert.equal(resource?.idField, 'user.id');
    assert.deepEqual(resource.updated, {
      field: 'Proj_UpdatedDate',
      format: FORMAT,
      timezone: 'GMT',
    });
    assert.equal(resource.created, undefined);
  });

  it('takes numbers and flags as text, as forms save them', () => {
    const resource = resolved({
      outer: { pageSize: '50', pollDelay: ' 1.5 ', enabled: 'false', filterByUpdatedDate: 'false' },
    });
    assert.equal(resource.pageSize, 50);
    assert.equal(resource.pollDelay, 1.5);
    assert.equal(resource.enabled, false);
    assert.equal(resource.filterByUpdatedDate, false);
  });

  it('takes empty fields for absent ones', () => {
    const emptied = resolved({
      outer: { pageSize: '', pollDelay: '', enabled: '', createdCheckTolerance: '' },
      dates: { updatedDateFormat: '', createdDateTimezone: null },
    });
    assert.deepEqual(emptied, resolved());
    assert.equal(resolved({ dates: { createdDateField: '' } }).created, undefined);
  });

  it('knows UpdatedDateTimezone with a capital letter', () => {
    const { updated } = resolved({
      dates: { updatedDateTimezone: undefined, UpdatedDateTimezone: 'Europe/Berlin' },
    });
    assert.equal(updated.timezone, 'Europe/Berlin');
  });

  it('knows the special format "milliseconds"', () => {
    const { updated } = resolved({ dates: { updatedDateFormat: 'milliseconds' } });
    assert.equal(updated.format, 'milliseconds');
  });

  it('finds createdCheckTolerance in both places, the outer one first', () => {
    const outer = { createdCheckTolerance: 3 };
    const dates = { createdCheckTolerance: '5' };
    assert.equal(resolved({ outer }).createdCheckTolerance, 3);
    assert.equal(resolved({ dates }).createdCheckTolerance, 5);
    assert.equal(resolved({ outer, dates }).createdCheckTolerance, 3);
    assert.equal(resolved({ outer: { createdCheckTolerance: 0 } }).createdCheckTolerance, 0);
  });

  describe('is refused with the path of the fault', () => {
    for (const [what, value, path, expected] of [
      ['that is missing', undefined, '', /settings of the resource/],
      ['that is a list', [], '', /settings of the resource/],
      ['without a URL', accounts({ outer: { url: undefined } }), 'url', /the path of the resource/],
      ['with a relative URL', accounts({ outer: { url: 'hubs/x' } }), 'url', /starts with one \//],
      ['with another host', accounts({ outer: { url: '//evil/x' } }), 'url', /starts with one \//],
      [
        'with an unknown variable',
        accounts({ outer: { url: '/x?where=${gmtDat:yyyy}' } }),
        'url',
        /"gmtDat" at position 11.*did you mean "gmtDate"/,
      ],
      [
        'with a variable left open',
        accounts({ outer: { url: '/x?where=${gmtDate:yyyy' } }),
        'url',
        /position 9/,
      ],
      ['with a blank id field', accounts({ outer: { idField: ' ' } }), 'idField', /holds the id/],
      [
        'without dates',
        accounts({ outer: { datesConfiguration: undefined } }),
        'datesConfiguration',
        /date settings/,
      ],
      [
        'without an updated date',
        accounts({ dates: { updatedDateField: '' } }),
        'datesConfiguration.updatedDateField',
        /the updated date/,
      ],
      [
        'with a number for a column',
        accounts({ dates: { createdDateField: 5 } }),
        'datesConfiguration.createdDateField',
        /expected a column/,
      ],
      [
        'with a letter that means nothing',
        accounts({ dates: { updatedDateFormat: 'yyyy-bb' } }),
        'datesConfiguration.updatedDateFormat',
        /letter "b" has no meaning/,
      ],
      [
        'with a number for a format',
        accounts({ dates: { createdDateFormat: 5 } }),
        'datesConfiguration.createdDateFormat',
        /expected a date format/,
      ],
      [
        'with an unknown zone',
        accounts({ dates: { createdDateTimezone: 'Mars' } }),
        'datesConfiguration.createdDateTimezone',
        /expected a time zone such as/,
      ],
      [
        'with a negative tolerance',
        accounts({ outer: { createdCheckTolerance: -1 } }),
        'createdCheckTolerance',
        /number from 0 to 86400/,
      ],
      ...([0, 2.5, 5001, 'many'] as const).map(
        (pageSize) =>
          [
            `with the page size ${pageSize}`,
            accounts({ outer: { pageSize } }),
            'pageSize',
            /whole number from 1 to 5000/,
          ] as const,
      ),
      [
        'with a negative delay',
        accounts({ outer: { pollDelay: -1 } }),
        'pollDelay',
        /number from 0/,
      ],
      ...(['enabled', 'filterByUpdatedDate', 'filterByCurrentDate'] as const).map(
        (flag) =>
          [
            `with ${flag} neither true nor false`,
            accounts({ outer: { [flag]: 'yes' } }),
            flag,
            /true or false/,
          ] as const,
      ),
    ] as const) {
      it(what, () => {
        const [problem] = checkResource('accounts', value);
        assert.equal(problem?.path, `resources.accounts${path === '' ? '' : `.${path}`}`);
        assert.match(problem.message, expected);
      });
    }

    it('with a blank in its name', () => {
      const [problem] = checkResource('my accounts', accounts());
      assert.equal(problem?.path, 'resources["my accounts"]');
      assert.match(problem.message, /without blanks/);
    });
  });

  it('names every fault at once', () => {
    const problems = checkResource('accounts', { url: '/x' });
    assert.deepEqual(
      problems.map(({ path }) => path),
      ['resources.accounts.idField', 'resources.accounts.datesConfiguration'],
    );
  });
});

describe('the resources of a node', () => {
  it('may be JSON text', () => {
    const text = JSON.stringify(defaultResources());
    assert.deepEqual(
      parseOrThrow(resourcesSchema, text),
      parseOrThrow(resourcesSchema, defaultResources()),
    );
  });

  it('keep the order in which they are written', () => {
    const { leads, accounts: first } = defaultResources();
    const resources = parseOrThrow(resourcesSchema, { leads, accounts: first });
    assert.deepEqual(
      resources.map(({ key }) => key),
      ['leads', 'accounts'],
    );
  });

  it('must be at least one', () => {
    assert.throws(() => parseOrThrow(resourcesSchema, {}, 'resources'), {
      code: 'CONFIG_INVALID',
      message: /^resources is not valid: expected at least one resource/,
    });
  });
});
