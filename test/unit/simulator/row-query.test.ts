import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'mocha';
import { SimulatedClock } from '../../simulator/clock';
import { SimulatedCrm } from '../../simulator/data';
import { RowQueries, type RowQuery } from '../../simulator/row-query';
import { ServerDates } from '../../simulator/server-dates';
import { HUB_DIALECT } from '../../simulator/where/expression';

describe('the query of one page after another', () => {
  let clock: SimulatedClock;
  let crm: SimulatedCrm;
  let queries: RowQueries;

  beforeEach(() => {
    clock = SimulatedClock.at('2026-01-31T10:00:00Z');
    crm = new SimulatedCrm(clock);
    crm.many('company', 10);
    queries = new RowQueries();
  });

  function query(where: string | undefined, entity = 'company'): RowQuery {
    const table = crm.findTable(entity);
    assert.ok(table);
    const dates = new ServerDates('UTC', 'Z');
    return { table, where, dialect: HUB_DIALECT, dates, order: 'id' };
  }

  it('does the work once while nothing changes', () => {
    const first = queries.run(query('Comp_CompanyId > 5'));
    assert.equal(first.length, 5);
    assert.equal(queries.run(query('Comp_CompanyId > 5')), first);
    crm.create('person');
    assert.equal(queries.run(query('Comp_CompanyId > 5')), first, 'another entity');
  });

  it('sees every kind of change', () => {
    const count = (): number => queries.run(query("Comp_Type = 'New'")).length;
    assert.equal(count(), 0);
    crm.create('company', { Comp_Type: 'New' });
    assert.equal(count(), 1);
    crm.update('company', 1, { Comp_Type: 'New' });
    assert.equal(count(), 2);
    crm.setRaw('company', 2, { Comp_Type: 'New' }, { silent: true });
    assert.equal(count(), 3);
    crm.update('company', 3, { Comp_Type: 'New' }, { commitAt: clock.now() + 1000 });
    assert.equal(count(), 3);
    clock.advance(1000);
    assert.equal(count(), 4);
    crm.remove('company', 1);
    assert.equal(count(), 3);
  });

  it('keeps apart what differs in clause, zone, style or order', () => {
    const base = query(undefined);
    const results = [
      base,
      query('Comp_CompanyId > 0'),
      { ...base, dates: new ServerDates('Europe/Berlin', 'Z') },
      { ...base, dates: new ServerDates('UTC', 'none') },
      { ...base, order: 'shuffled' as const },
      { ...base, order: [{ column: 'Comp_Name', descending: true }] },
      query(undefined, 'person'),
    ].map((one) => queries.run(one));
    assert.equal(new Set(results).size, 7);
  });

  it('forgets old clauses, so that polling for ever does not fill the memory', () => {
    const first = queries.run(query('Comp_CompanyId > 0'));
    for (let n = 1; n <= 8; n += 1) queries.run(query(`Comp_CompanyId > ${n}`));
    assert.notEqual(queries.run(query('Comp_CompanyId > 0')), first);
  });
});
