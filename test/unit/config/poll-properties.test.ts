import assert from 'node:assert/strict';
import { defaultResources } from '../../../src/config/defaults';
import { checkPollProperties, pollPropertiesSchema } from '../../../src/config/poll-properties';
import { parseOrThrow } from '../../../src/config/problems';
import { resourcesSchema } from '../../../src/config/resources';

function parse(properties: object) {
  return parseOrThrow(pollPropertiesSchema, properties);
}

describe('the properties of a poll node', () => {
  it('have defaults for everything', () => {
    assert.deepEqual(parse({ id: 'x', type: 'sagecrm-poll' }), {
      name: '',
      interval: 15,
      start: 'now',
      overlap: 120,
      lateWindow: 24,
      commit: 'emitted',
      maxInFlight: 1000,
      redeliverAfter: 30,
      report: false,
      resources: parseOrThrow(resourcesSchema, defaultResources()),
    });
  });

  for (const [written, minutes] of [
    [15, 15],
    ['15', 15],
    [' 0.5 ', 0.5],
    ['.25', 0.25],
    [0, 0],
    ['0', 0],
    ['', 15],
    [null, 15],
  ] as const) {
    it(`take the interval ${JSON.stringify(written)} for ${minutes} minutes`, () => {
      assert.equal(parse({ interval: written }).interval, minutes);
    });
  }

  it('take text for numbers and flags, and blanks for absent', () => {
    const properties = parse({ overlap: '30', report: 'true', start: '', startDate: '' });
    assert.equal(properties.overlap, 30);
    assert.equal(properties.report, true);
    assert.equal(properties.start, 'now');
    assert.equal(properties.startDate, undefined);
  });

  for (const startDate of ['2026-01-31', '2026-01-31T10:00', '2026-01-31T10:00:00+01:00']) {
    it(`take ${startDate} as the date to start from`, () => {
      assert.equal(parse({ start: 'date', startDate }).startDate, startDate);
    });
  }

  for (const [properties, path, expected] of [
    [{ name: 5 }, 'name', /expected text/],
    [{ interval: 'often' }, 'interval', /a number from 0 to 527040/],
    [{ interval: ' ' }, 'interval', /a number from 0/],
    [{ interval: -1 }, 'interval', /a number from 0/],
    [{ interval: '1e3' }, 'interval', /a number from 0/],
    [{ interval: true }, 'interval', /a number from 0/],
    [{ overlap: -1 }, 'overlap', /a number from 0 to 2678400/],
    [{ lateWindow: 745 }, 'lateWindow', /a number from 0 to 744/],
    [{ commit: 'never' }, 'commit', /emitted or acknowledged/],
    [{ maxInFlight: 0 }, 'maxInFlight', /a whole number from 1 to 100000/],
    [{ maxInFlight: 1.5 }, 'maxInFlight', /a whole number/],
    [{ redeliverAfter: -1 }, 'redeliverAfter', /a number from 0/],
    [{ start: 'later' }, 'start', /expected now, date or all/],
    [{ start: 'date' }, 'startDate', /the date to start from/],
    [{ start: 'date', startDate: '31.01.2026' }, 'startDate', /a date such as 2026-01-31/],
    [{ report: 'maybe' }, 'report', /true or false/],
    [{ resources: '{"accounts":' }, 'resources', /expected a JSON object \(/],
    [{ resources: {} }, 'resources', /at least one resource/],
    [
      { resources: { accounts: { ...defaultResources().accounts, pageSize: 0 } } },
      'resources.accounts.pageSize',
      /whole number/,
    ],
  ] as const) {
    it(`are refused for ${JSON.stringify(properties).slice(0, 40)} at ${path}`, () => {
      const [problem] = checkPollProperties(properties);
      assert.equal(problem?.path, path);
      assert.match(problem.message, expected);
      assert.throws(
        () => parse(properties),
        (error: Error & { code?: string; details?: { field?: string } }) =>
          error.code === 'CONFIG_INVALID' &&
          error.details?.field === path &&
          expected.test(error.message),
      );
    });
  }

  describe('as the editor checks them', () => {
    it('may be environment variables, which only the runtime knows', () => {
      const properties = {
        interval: '${MINUTES}',
        overlap: '${OVERLAP}',
        start: 'date',
        startDate: '${SINCE}',
        resources: '${RESOURCES}',
      };
      assert.deepEqual(checkPollProperties(properties), []);
    });

    it('are checked inside resources, where ${…} is a template variable', () => {
      const url = '/hubs/crm/accounts?where=${nonsense}';
      const resources = { accounts: { ...defaultResources().accounts, url } };
      const [problem] = checkPollProperties({ resources });
      assert.equal(problem?.path, 'resources.accounts.url');
    });

    it('must be an object', () => {
      assert.deepEqual(checkPollProperties('interval'), [
        { path: '', message: 'expected an object' },
      ]);
    });
  });
});
