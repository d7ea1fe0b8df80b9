import assert from 'node:assert/strict';
import { defaultResources } from '../../../src/config/defaults';
import { parseOrThrow } from '../../../src/config/problems';
import { resourcesSchema, type Resource } from '../../../src/config/resources';
import { Readings } from '../../../src/poll/readings';
import { resolveZone } from '../../../src/template/zone';
import { accounts, stamp } from './support/candidates';

describe('the readings of a server', () => {
  let readings: Readings;

  beforeEach(() => {
    readings = new Readings(resolveZone('Europe/Berlin'));
  });

  function documented(): Resource[] {
    return parseOrThrow(resourcesSchema, defaultResources());
  }

  function dates(raw: object): Resource {
    const { datesConfiguration } = defaultResources().accounts ?? {};
    return accounts({ datesConfiguration: { ...(datesConfiguration as object), ...raw } });
  }

  it('are compiled once for two nodes with the same resources', () => {
    const one = documented().map((resource) => readings.use(resource).reading);
    const other = documented().map((resource) => readings.use(resource).reading);
    assert.equal(readings.size, one.length);
    one.forEach((reading, index) => {
      assert.equal(reading, other[index]);
    });
  });

  it('are shared by resources that differ in what does not concern reading', () => {
    readings.use(accounts());
    readings.use({ ...accounts({ pageSize: 7, pollDelay: 30, changes: true }), key: 'customers' });
    assert.equal(readings.size, 1);
  });

  for (const [what, other] of [
    ['URL', () => accounts({ url: '/hubs/crm/accounts?where=x>${epoch:ms}' })],
    ['id column', () => accounts({ idField: 'Comp_CompanyId' })],
    ['updated column', () => dates({ updatedDateField: 'Comp_Changed' })],
    ['format of the updated date', () => dates({ updatedDateFormat: 'yyyy-MM-dd HH:mm' })],
    ['zone of the updated date', () => dates({ updatedDateTimezone: 'Asia/Tokyo' })],
    ['created column', () => dates({ createdDateField: '' })],
    ['format of the created date', () => dates({ createdDateFormat: 'yyyy-MM-dd HH:mm' })],
  ] as const) {
    it(`are apart where the ${what} is another`, () => {
      assert.notEqual(readings.use(accounts()).reading, readings.use(other()).reading);
      assert.equal(readings.size, 2);
    });
  }

  it('are kept until the last node is done with them', () => {
    const one = readings.use(accounts());
    const other = readings.use(accounts());
    one.done();
    assert.equal(readings.use(accounts()).reading, other.reading);
    assert.equal(readings.size, 1);
  });

  it('are forgotten once no node uses them', () => {
    const uses = [readings.use(accounts()), readings.use(accounts())];
    for (const { done } of uses) done();
    assert.equal(readings.size, 0);
    assert.notEqual(readings.use(accounts()).reading, uses[0]?.reading);
  });

  it('read dates in the zone of the server', () => {
    const { reader } = readings.use(dates({ updatedDateFormat: 'dd.MM.yyyy' })).reading;
    const row = { key: '1', Comp_UpdatedDate: '2026-01-31T10:00:00' };
    assert.equal(reader.read(row).updated?.earliest, Date.parse(stamp('09:00:00')));
  });
});

/** Counted work stands for memory here, as it does for speed in `work.test.ts`. */
describe('The work of checking a node’s resources', () => {
  it('compiles no expression, since nothing is read yet', () => {
    const compiled = expressionsCompiledBy(() => {
      const readings = new Readings(resolveZone('UTC'));
      for (const resource of parseOrThrow(resourcesSchema, defaultResources())) {
        readings.use(resource).reading.template.render({ from: 0, now: 0 });
      }
    });
    assert.equal(compiled, 0);
  });

  it('leaves one expression for each column to the first record that is read', () => {
    const { reader } = new Readings(resolveZone('UTC')).use(accounts()).reading;
    const row = {
      key: '1',
      Comp_UpdatedDate: stamp('10:00:00'),
      Comp_CreatedDate: stamp('09:00:00'),
    };
    assert.equal(
      expressionsCompiledBy(() => reader.read(row)),
      2,
    );
    assert.equal(
      expressionsCompiledBy(() => reader.read(row)),
      0,
    );
  });

  /** Those that the code writes out are compiled with it, and do not count. */
  function expressionsCompiledBy(run: () => unknown): number {
    const { RegExp: original } = globalThis;
    let count = 0;
    globalThis.RegExp = new Proxy(original, {
      construct(target, given: ConstructorParameters<typeof original>) {
        count += 1;
        return new target(...given);
      },
    });
    try {
      run();
    } finally {
      globalThis.RegExp = original;
    }
    return count;
  }
});
