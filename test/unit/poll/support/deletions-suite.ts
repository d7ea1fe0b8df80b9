import assert from 'node:assert/strict';
import type { PollRig, RigOptions, StartRig } from '../../../support/poll-rig';

const RECONCILE = { deletes: 'reconcile', deletesInterval: 60 };
const HOUR = 3600;

/** How deletions, and what changed in a record, are told. */
export function itTellsDeletionsAndChanges(startRig: StartRig): void {
  describe('looking for deletions (S22)', () => {
    let rig: PollRig;

    async function given(options: RigOptions = {}, companies = 10): Promise<string[]> {
      rig = await startRig({
        ...options,
        raw: { ...RECONCILE, ...options.raw },
      });
      const rows = rig.crm.many('company', companies, {}, { stamp: '2026-01-30T10:00:00Z' });
      await rig.poll();
      rig.take();
      return rows.map(({ id }) => id);
    }

    afterEach(async () => {
      await rig.close();
    });

    for (const api of ['hub', 'sdata'] as const) {
      it(`emits a deletion once, over the ${api} API`, async () => {
        const [gone = ''] = await given({ api });
        rig.crm.remove('company', gone);
        await rig.advance(HOUR);
        assert.equal((await rig.poll()).deleted, 1);
        assert.deepEqual(rig.take(), [`DELETED ${gone}`]);
        await rig.advance(HOUR);
        assert.deepEqual(await rig.pollAndTake(), []);
      });
    }

    it('knows records from before its start, too', async () => {
      rig = await startRig({ start: { from: 'now' }, raw: RECONCILE });
      const old = rig.crm.create('company', {}, { stamp: '2020-01-01T00:00:00Z' });
      rig.crm.create('company', {}, { stamp: '2020-01-01T00:00:00Z' });
      await rig.poll();
      rig.crm.remove('company', old.id);
      await rig.advance(HOUR);
      assert.deepEqual(await rig.pollAndTake(), [`DELETED ${old.id}`]);
    });

    it('looks only at its interval', async () => {
      const [gone = ''] = await given();
      rig.crm.remove('company', gone);
      await rig.advance(HOUR / 2);
      assert.deepEqual(await rig.pollAndTake(), []);
    });

    it('carries the last version where versions are kept, else the id', async () => {
      const [gone = ''] = await given({ raw: { changes: true } });
      rig.crm.remove('company', gone);
      await rig.advance(HOUR);
      await rig.poll();
      assert.equal(typeof rig.received[0]?.payload.Comp_Name, 'string');
    });

    it('takes nothing as deleted when the list comes empty', async () => {
      const ids = await given();
      for (const id of ids) rig.crm.remove('company', id);
      await rig.advance(HOUR);
      const outcome = await rig.poll();
      assert.equal(outcome.problem?.code, 'LISTING_DOUBTFUL');
      assert.deepEqual(rig.take(), []);
    });

    it('takes nothing as deleted when the list is shorter than promised', async () => {
      await given({ simulator: { hub: { totalCountWrong: 99 } } });
      await rig.advance(HOUR);
      assert.equal((await rig.poll()).problem?.code, 'LISTING_DOUBTFUL');
    });

    it('takes nothing as deleted when a page of the list fails, and still brings the changes', async () => {
      const [gone = ''] = await given({ raw: { pageSize: 4 } });
      rig.crm.remove('company', gone);
      await rig.advance(HOUR);
      const row = rig.crm.create('company');
      rig.simulator.faults.when(
        ({ query }) => query.where === undefined && query.nextPage !== undefined,
        { kind: 'status', status: 500 },
      );
      assert.equal((await rig.poll()).problem?.code, 'SERVER_ERROR');
      assert.deepEqual(rig.take(), [`CREATED ${row.id}`]);
      assert.deepEqual(await rig.pollAndTake(), [`DELETED ${gone}`]);
    });

    it('does not take a row for deleted that one list skipped', async () => {
      const ids = await given({ raw: { pageSize: 4 } });
      const [removed = ''] = ids;
      await rig.advance(HOUR);
      let done = false;
      rig.simulator.options.beforePage = ({ where, offset }) => {
        if (done || where !== undefined || offset !== 4) return;
        done = true;
        rig.crm.remove('company', removed);
      };
      await rig.poll();
      assert.deepEqual(rig.take(), []);
      await rig.advance(HOUR);
      assert.deepEqual(await rig.pollAndTake(), [`DELETED ${removed}`]);
    });

    it('asks before many go at once, and obeys the confirmation', async () => {
      const ids = await given();
      for (const id of ids.slice(0, 5)) rig.crm.remove('company', id);
      await rig.advance(HOUR);
      const outcome = await rig.poll();
      assert.equal(outcome.problem?.code, 'DELETES_UNCONFIRMED');
      assert.match(outcome.problem.message, /5 of 10 .*confirm-deletes/);
      assert.deepEqual(rig.take(), []);
      rig.confirmDeletes();
      assert.equal((await rig.pollAndTake()).length, 5);
    });

    it('is not repeated after a restart', async () => {
      const [gone = ''] = await given();
      rig.crm.remove('company', gone);
      await rig.advance(HOUR);
      assert.deepEqual(await rig.pollAndTake(), [`DELETED ${gone}`]);
      await rig.restart();
      await rig.advance(HOUR);
      assert.deepEqual(await rig.pollAndTake(), []);
    });
  });

  describe('telling what changed', () => {
    let rig: PollRig;

    beforeEach(async () => {
      rig = await startRig({ raw: { changes: true } });
    });

    afterEach(async () => {
      await rig.close();
    });

    it('names the columns with their values before and after', async () => {
      const row = rig.crm.create('company', { Comp_Name: 'Before', Comp_Status: 'Active' });
      await rig.poll();
      assert.equal(rig.received[0]?.event.changes, undefined);
      await rig.advance(HOUR);
      rig.crm.update('company', row.id, { Comp_Name: 'After' });
      await rig.restart();
      await rig.poll();
      assert.deepEqual(rig.received[1]?.event.changes, {
        Comp_Name: { from: 'Before', to: 'After' },
        Comp_UpdatedDate: { from: '2026-01-31T10:00:00Z', to: '2026-01-31T11:00:00Z' },
      });
    });

    it('leaves them out when the version before is not known', async () => {
      rig.crm.create('company', {}, { stamp: '2020-01-01T00:00:00Z' });
      await rig.poll();
      assert.equal('changes' in (rig.received[0]?.event ?? {}), false);
    });
  });
}
