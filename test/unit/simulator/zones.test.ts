import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { withSimulator } from './simulated';

describe('a simulated server in Berlin', () => {
  const zone = 'Europe/Berlin';

  it('reads a literal without a zone in its own zone', async () => {
    await withSimulator({ zone }, async ({ simulator, client }) => {
      simulator.crm.create('company', {}, { stamp: '2026-07-01T10:00:00Z' });
      for (const [where, expected] of [
        ["Comp_UpdatedDate='2026-07-01T12:00:00'", ['1']],
        ["Comp_UpdatedDate='2026-07-01T10:00:00'", []],
        ["Comp_UpdatedDate='2026-07-01T10:00:00Z'", ['1']],
      ] as const) {
        assert.deepEqual(await client.hubKeys('accounts', where), expected, where);
      }
      assert.deepEqual(
        await client.sdataKeys('company', 'Comp_UpdatedDate ge @2026-07-01T12:00:00@'),
        [1],
      );
    });
  });

  it('shows dates with its offset in both APIs', async () => {
    await withSimulator({ zone, dateStyle: 'offset' }, async ({ simulator, client }) => {
      simulator.crm.create('company', {}, { stamp: '2026-07-01T10:00:00Z' });
      const shown = '2026-07-01T12:00:00+02:00';
      assert.equal((await client.hubRows('accounts'))[0]?.Comp_UpdatedDate, shown);
      assert.equal((await client.feed('company')).$resources[0]?.Comp_UpdatedDate, shown);
    });
  });

  it('cannot tell the two passes of the repeated hour apart when it stores local time', async () => {
    await withSimulator({ zone, dateStyle: 'none' }, async ({ simulator, client }) => {
      simulator.crm.create('company', {}, { stamp: '2026-10-25T00:30:00Z' });
      simulator.crm.create('company', {}, { stamp: '2026-10-25T01:10:00Z' });
      const rows = await client.hubRows('accounts');
      assert.deepEqual(
        rows.map((row) => row.Comp_UpdatedDate),
        ['2026-10-25T02:30:00', '2026-10-25T02:10:00'],
      );
      const after = (date: string): Promise<unknown[]> =>
        client.hubKeys('accounts', `Comp_UpdatedDate>='${date}'`);
      assert.deepEqual(await after('2026-10-25T02:20:00'), ['1'], 'the later row is missed');
      assert.deepEqual(await after('2026-10-25T02:10:00'), ['1', '2']);
      assert.deepEqual(await after('2026-10-25T01:10:00Z'), ['1', '2']);
      simulator.options.hub = { rowOrder: 'date' };
      assert.deepEqual(await after('2026-10-25'), ['2', '1']);
    });
  });

  it('tells them apart when it stores instants', async () => {
    await withSimulator({ zone, dateStyle: 'Z' }, async ({ simulator, client }) => {
      simulator.crm.create('company', {}, { stamp: '2026-10-25T00:30:00Z' });
      simulator.crm.create('company', {}, { stamp: '2026-10-25T01:10:00Z' });
      const where = "Comp_UpdatedDate>='2026-10-25T00:40:00Z'";
      assert.deepEqual(await client.hubKeys('accounts', where), ['2']);
    });
  });

  it('may move to another zone between requests', async () => {
    await withSimulator({ zone, dateStyle: 'none' }, async ({ simulator, client }) => {
      simulator.crm.create('company', {}, { stamp: '2026-07-01T10:00:00Z' });
      const shown = async (): Promise<unknown> =>
        (await client.hubRows('accounts'))[0]?.Comp_UpdatedDate;
      assert.equal(await shown(), '2026-07-01T12:00:00');
      simulator.options.zone = 'America/St_Johns';
      assert.equal(await shown(), '2026-07-01T07:30:00');
    });
  });

  it('shows raw text as it is', async () => {
    await withSimulator({ zone, dateStyle: 'none' }, async ({ simulator, client }) => {
      simulator.crm.create('company');
      for (const date of ['31/01/2026', null, '2026-01-31T10:00:00.123Z']) {
        simulator.crm.setRaw('company', 1, { Comp_UpdatedDate: date });
        assert.equal((await client.hubRows('accounts'))[0]?.Comp_UpdatedDate, date);
      }
    });
  });
});
