import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'mocha';
import { SimulatedClock } from '../../simulator/clock';
import { SimulatedCrm } from '../../simulator/data';

describe('the simulated database', () => {
  let clock: SimulatedClock;
  let crm: SimulatedCrm;

  beforeEach(() => {
    clock = SimulatedClock.at('2026-01-31T10:00:00.900Z');
    crm = new SimulatedCrm(clock);
  });

  const names = (): unknown[] => crm.rows('company').map((row) => row.fields.Comp_Name);
  const log = (): string[] =>
    crm.commitLog.map((change) => `${change.kind} ${change.id} v${change.version}`);

  describe('creates', () => {
    it('a believable record, both dates being the whole second', () => {
      const row = crm.create('company');
      assert.equal(row.id, '1');
      assert.equal(row.fields.Comp_CompanyId, 1);
      assert.match(String(row.fields.Comp_Name), /\w+ \w+ 1 /);
      assert.equal(row.fields.Comp_CreatedDate, '2026-01-31T10:00:00Z');
      assert.equal(row.fields.Comp_UpdatedDate, '2026-01-31T10:00:00Z');
    });

    it('a record of every standard entity with exactly its columns, in their own case', () => {
      for (const entity of ['company', 'person', 'lead', 'opportunity', 'users']) {
        const columns = crm.findTable(entity)?.columns() ?? new Map<string, string>();
        assert.deepEqual(
          Object.keys(crm.create(entity).fields).sort(),
          [...columns.keys()].sort(),
          entity,
        );
      }
      const lead = crm.rows('lead').at(0)?.fields;
      assert.equal(lead?.lead_createddate, lead?.Lead_UpdatedDate);
    });

    it('with the given columns in any case, dates cut to UTC seconds', () => {
      const { fields } = crm.create('company', {
        COMP_NAME: 'Quayside Paper',
        comp_createddate: '2025-12-24T18:00:00.5+01:00',
      });
      assert.equal(fields.Comp_Name, 'Quayside Paper');
      assert.equal(fields.Comp_CreatedDate, '2025-12-24T17:00:00Z');
      assert.equal(fields.COMP_NAME, undefined);
    });

    it('with a number of its own, and counts on from there', () => {
      assert.equal(crm.create('company', { Comp_CompanyId: 43 }).id, '43');
      assert.equal(crm.create('company').id, '44');
      assert.throws(() => crm.create('company', { Comp_CompanyId: 43 }), /already a company 43/);
    });

    it('with a new column, as an administrator adds one', () => {
      crm.create('company', { Comp_Fleet: 12, Comp_Vip: true, Comp_Motto: 'Ahoy' });
      const columns = crm.findTable('company')?.columns();
      assert.equal(columns?.get('Comp_Fleet'), 'number');
      assert.equal(columns.get('Comp_Vip'), 'boolean');
      assert.equal(columns.get('Comp_Motto'), 'text');
    });

    it('with a stamp as text or milliseconds, and refuses what is no date', () => {
      const stamp = '2026-01-01T00:00:00Z';
      const updated = (given: string | number): unknown =>
        crm.create('lead', {}, { stamp: given }).fields.Lead_UpdatedDate;
      assert.equal(updated(stamp), stamp);
      assert.equal(updated(Date.parse(stamp) + 999), stamp);
      assert.throws(() => updated('soon'), /"soon" is not an ISO 8601 date; use setRaw/);
      assert.throws(() => crm.create('lead', { Lead_UpdatedDate: true }), /not a date/);
    });

    it('nothing of an unknown entity', () => {
      assert.throws(() => crm.create('unicorn'), /no entity "unicorn"/);
    });
  });

  describe('changes', () => {
    it('a record: the updated date follows, the created date stays', () => {
      const { id } = crm.create('company');
      clock.advance(60_000);
      const row = crm.update('company', id, { comp_name: 'Orchard Tools', Comp_WebSite: null });
      assert.equal(row.version, 2);
      assert.equal(row.fields.Comp_Name, 'Orchard Tools');
      assert.equal(row.fields.Comp_UpdatedDate, '2026-01-31T10:01:00Z');
      assert.equal(row.fields.Comp_CreatedDate, '2026-01-31T10:00:00Z');
      assert.deepEqual(crm.row('company', Number(id)), row);
    });

    it('a record twice in one second, which the log tells apart', () => {
      const { id } = crm.create('company');
      crm.update('company', id);
      crm.update('company', id);
      assert.deepEqual(log(), ['create 1 v1', 'update 1 v2', 'update 1 v3']);
      assert.equal(new Set(crm.commitLog.map((change) => change.stamp)).size, 1);
    });

    it('nothing that is not there', () => {
      assert.throws(() => crm.update('company', 7), /There is no company 7/);
    });

    it('raw columns as given, leaving the updated date alone', () => {
      const { id } = crm.create('company');
      clock.advance(60_000);
      const raw = crm.setRaw('company', id, { comp_createddate: 'next week' });
      assert.equal(raw.fields.Comp_CreatedDate, 'next week');
      assert.equal(raw.fields.Comp_UpdatedDate, '2026-01-31T10:00:00Z');
      assert.equal(crm.setRaw('company', id, { Comp_UpdatedDate: null }).version, 3);
      assert.deepEqual(
        crm.commitLog.map((change) => change.stamp),
        ['2026-01-31T10:00:00Z', '2026-01-31T10:00:00Z', null],
      );
    });

    it('raw columns silently, unseen by the log', () => {
      const { id } = crm.create('company');
      crm.setRaw('company', id, { Comp_Name: 'Unnoticed' }, { silent: true });
      assert.deepEqual(log(), ['create 1 v1']);
      assert.deepEqual(names(), ['Unnoticed']);
    });

    it('a removed record never again', () => {
      const { id } = crm.create('company');
      crm.remove('company', id);
      assert.deepEqual(crm.rows('company'), []);
      assert.deepEqual(log(), ['create 1 v1', 'delete 1 v2']);
      assert.throws(() => crm.update('company', id), /There is no company 1/);
    });
  });

  describe('commits late', () => {
    const inFiveSeconds = (): { commitAt: number } => ({ commitAt: clock.now() + 5000 });

    it('a creation, which keeps its lower number and earlier stamp', () => {
      crm.create('company', { Comp_Name: 'late' }, inFiveSeconds());
      crm.create('company', { Comp_Name: 'early' });
      assert.deepEqual(names(), ['early']);
      assert.equal(crm.row('company', 1), undefined);
      clock.advance(5000);
      assert.deepEqual(names().sort(), ['early', 'late']);
      assert.equal(crm.row('company', 1)?.fields.Comp_UpdatedDate, '2026-01-31T10:00:00Z');
    });

    it('an update, before which the old version shows', () => {
      crm.create('company', { Comp_Name: 'old' });
      crm.update('company', 1, { Comp_Name: 'new' }, inFiveSeconds());
      assert.deepEqual(names(), ['old']);
      clock.advance(4999);
      assert.deepEqual(names(), ['old']);
      clock.advance(1);
      assert.deepEqual(names(), ['new']);
    });

    it('a whole bulk', () => {
      crm.many('company', 3, {}, inFiveSeconds());
      assert.equal(crm.rows('company').length, 0);
      clock.advance(5000);
      assert.equal(crm.rows('company').length, 3);
    });

    it('a later change after the earlier one that holds the row', () => {
      crm.create('company', { Comp_Name: 'a' });
      crm.update('company', 1, { Comp_Name: 'b' }, inFiveSeconds());
      crm.update('company', 1, { Comp_Territory: 'North' });
      crm.remove('company', 1);
      assert.deepEqual(names(), ['a']);
      assert.deepEqual(
        crm.commitLog.map((change) => change.visibleFrom - clock.now()),
        [0, 5000, 5000, 5000],
      );
      clock.advance(5000);
      assert.deepEqual(names(), []);
      assert.deepEqual(log(), ['create 1 v1', 'update 1 v2', 'update 1 v3', 'delete 1 v4']);
    });

    it('and tells which changes are visible by now', () => {
      crm.create('company', {}, inFiveSeconds());
      crm.create('company');
      assert.deepEqual(
        crm.visibleChanges().map((change) => change.sequence),
        [2],
      );
      clock.advance(5000);
      assert.equal(crm.visibleChanges().length, 2);
      clock.advance(-60_000);
      assert.equal(crm.visibleChanges().length, 2, 'a clock that steps back hides nothing');
    });
  });

  it('logs each change with a snapshot that later changes leave alone', () => {
    crm.create('person', { Pers_LastName: 'Clerk' });
    crm.update('person', 1, { Pers_LastName: 'Director' });
    const [first, second] = crm.commitLog;
    assert.equal(first?.row.Pers_LastName, 'Clerk');
    assert.equal(second?.row.Pers_LastName, 'Director');
    assert.deepEqual(
      { ...first, row: undefined },
      {
        sequence: 1,
        entity: 'person',
        id: '1',
        kind: 'create',
        version: 1,
        stamp: '2026-01-31T10:00:00Z',
        visibleFrom: clock.now(),
        row: undefined,
      },
    );
  });

  it('creates in bulk with one stamp for all, or one for each', () => {
    const stamps = (): Set<unknown> => new Set(crm.commitLog.map((change) => change.stamp));
    crm.many('company', 500, { Comp_Type: 'Customer' }, { stamp: '2026-01-01T00:00:00Z' });
    assert.deepEqual([...stamps()], ['2026-01-01T00:00:00Z']);
    crm.many('company', 500, (index) => ({ Comp_Name: `Bulk ${index}` }), {
      stamp: (index) => clock.now() + index * 1000,
    });
    assert.equal(stamps().size, 501);
    assert.equal(crm.row('company', 501)?.fields.Comp_Name, 'Bulk 0');
  });

  it('seeds the standard entities', () => {
    crm.seed({ companies: 5, people: 4, leads: 3, opportunities: 2, users: 1 });
    assert.deepEqual(
      crm.allTables().map((table) => [table.definition.name, table.visible.size]),
      [
        ['company', 5],
        ['person', 4],
        ['lead', 3],
        ['opportunity', 2],
        ['users', 1],
      ],
    );
  });

  it('takes custom entities, described briefly or in full', () => {
    crm.defineEntity('project', { columnPrefix: 'Proj', columns: ['Proj_Title'] });
    crm.defineEntity('Visit', {
      columnPrefix: 'visi',
      idColumn: 'visi_no',
      updatedColumn: 'Visi_Changed',
      createdColumn: 'visi_made',
      columns: { Visi_Km: 'number' },
    });
    assert.deepEqual(crm.create('project', { Proj_Title: 'Renewal' }).fields, {
      Proj_ProjectId: 1,
      Proj_CreatedDate: '2026-01-31T10:00:00Z',
      Proj_UpdatedDate: '2026-01-31T10:00:00Z',
      Proj_Title: 'Renewal',
    });
    assert.deepEqual(crm.create('visit', { Visi_Km: 12 }).fields, {
      visi_no: 1,
      visi_made: '2026-01-31T10:00:00Z',
      Visi_Changed: '2026-01-31T10:00:00Z',
      Visi_Km: 12,
    });
  });
});
