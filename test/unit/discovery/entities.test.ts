import assert from 'node:assert/strict';
import { discoverEntities, discoverFields } from '../../../src/discovery/entities';
import type { SimulatorOptions } from '../../simulator/simulator';
import { DiscoveryRig } from './discovery-rig';

describe('discovery for pick-lists', () => {
  let rig: DiscoveryRig;

  async function given(options: SimulatorOptions = {}): Promise<void> {
    rig = await DiscoveryRig.start(options);
    rig.companies(1);
  }

  function withoutPrototypes(): void {
    const isMetadata = ({ path }: { path: string }) => path.includes('$prototypes');
    rig.simulator.faults.when(isMetadata, { kind: 'status', status: 404 }, 9);
  }

  afterEach(async () => {
    await rig.close();
  });

  describe('of entities', () => {
    it('lists what Sage CRM describes, custom entities too', async () => {
      await given();
      rig.simulator.crm.defineEntity('project', { columnPrefix: 'Proj' });
      const { source, entities } = await discoverEntities(rig.options(), rig.abort.signal);
      assert.equal(source, 'prototypes');
      assert.ok(entities.some(({ name }) => name === 'project'));
    });

    it('falls back on the documented resources', async () => {
      await given();
      withoutPrototypes();
      const { source, entities } = await discoverEntities(rig.options(), rig.abort.signal);
      assert.equal(source, 'known');
      assert.equal(entities[0]?.name, 'accounts');
    });

    it('asks a hub for nothing', async () => {
      await given();
      const found = await discoverEntities(rig.options({ api: 'hub' }), rig.abort.signal);
      assert.equal(found.source, 'known');
      assert.equal(rig.simulator.requests.length, 0);
    });

    it('reports a refused log-on, after one attempt', async () => {
      await given();
      const options = rig.options({}, { password: 'wrong-pass' });
      await assert.rejects(discoverEntities(options, rig.abort.signal), { code: 'LOGON_REFUSED' });
      assert.equal(rig.simulator.requests.length, 1);
    });
  });

  describe('of fields', () => {
    it('takes a resource of the hub for its entity, and brings the types', async () => {
      await given();
      const options = { ...rig.options(), entity: 'accounts' };
      const { source, fields } = await discoverFields(options, rig.abort.signal);
      assert.equal(source, 'prototypes');
      assert.deepEqual(fields[0], { name: 'key' });
      const typeOf = (column: string) => fields.find(({ name }) => name === column)?.type;
      assert.equal(typeOf('Comp_UpdatedDate'), 'date');
      assert.equal(typeOf('Comp_CompanyId'), 'number');
      assert.equal(typeOf('Comp_Name'), 'text');
    });

    for (const api of ['hub', 'sdata'] as const) {
      it(`falls back on a sample record (${api})`, async () => {
        await given({ apis: [api] });
        withoutPrototypes();
        const options = { ...rig.options(), entity: 'accounts' };
        const { source, fields } = await discoverFields(options, rig.abort.signal);
        assert.equal(source, 'sample');
        assert.equal(fields[0]?.name, 'key');
        assert.ok(fields.every(({ name }) => !name.startsWith('$')));
        const typeOf = (column: string) => fields.find(({ name }) => name === column)?.type;
        assert.equal(typeOf('Comp_UpdatedDate'), 'date');
        assert.equal(typeOf('Comp_Employees'), 'number');
        assert.equal(typeOf('Comp_WebSite'), undefined);
      });
    }

    it('reports an entity that nobody knows', async () => {
      await given();
      const options = { ...rig.options(), entity: 'nonsense' };
      await assert.rejects(discoverFields(options, rig.abort.signal), { code: 'NOT_FOUND' });
    });
  });
});
