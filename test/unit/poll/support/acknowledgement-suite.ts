import assert from 'node:assert/strict';
import type { PollRig, RigOptions, StartRig } from '../../../support/poll-rig';

const MINUTE = 60_000;

/** What becomes of events until the flow has acknowledged them. */
export function itWaitsForAcknowledgements(startRig: StartRig): void {
  let rig: PollRig;

  async function given(options: RigOptions = {}): Promise<void> {
    rig = await startRig({ commit: 'acknowledged', ...options });
  }

  afterEach(async () => {
    await rig.close();
  });

  function eventIds(): string[] {
    return rig.received.map(({ event }) => event.eventId);
  }

  it('come once, and not again once they were acknowledged', async () => {
    await given();
    rig.crm.many('company', 3);
    await rig.poll();
    const ids = eventIds();
    await rig.acknowledge();
    assert.deepEqual([rig.take().length, rig.unacknowledged], [3, 0]);
    await rig.restart();
    assert.deepEqual(await rig.pollAndTake(), []);
    assert.equal(new Set(ids).size, 3);
  });

  it('come again after a restart when they were not, under the same ids', async () => {
    await given();
    rig.crm.many('company', 3);
    await rig.poll();
    const [first = '', ...rest] = eventIds();
    await rig.acknowledge([first]);
    rig.take();
    await rig.restart();
    await rig.poll();
    assert.deepEqual(eventIds(), rest);
    await rig.poll();
    assert.deepEqual(eventIds(), rest);
  });

  describe('that were acknowledged after a restart, before they could come again,', () => {
    /** @returns the ids of what came before */
    async function restartedWith(count: number, options: RigOptions = {}): Promise<string[]> {
      await given(options);
      rig.crm.many('company', count);
      await rig.poll();
      const ids = eventIds();
      await rig.restart();
      rig.take();
      return ids;
    }

    it('do not come again, and are out of the journal', async () => {
      const [one = '', two = '', three = ''] = await restartedWith(3);
      await rig.acknowledge([one, three]);
      const { created } = await rig.poll();
      assert.deepEqual([created, eventIds()], [1, [two]]);
      assert.equal(rig.unacknowledged, 1);
      await rig.restart();
      rig.take();
      await rig.poll();
      assert.deepEqual(eventIds(), [two]);
    });

    it('do not come again behind one at which the flow throws', async () => {
      const [one = '', two = ''] = await restartedWith(2);
      await rig.acknowledge([one]);
      rig.onMessage = () => {
        throw new Error('flow broke');
      };
      await assert.rejects(rig.poll(), /flow broke/);
      assert.equal(rig.unacknowledged, 0);
      await rig.restart();
      rig.onMessage = () => undefined;
      await rig.poll();
      assert.deepEqual(eventIds(), [two]);
    });

    it('leave their room to others', async () => {
      const before = await restartedWith(4, { maxInFlight: 2 });
      await rig.acknowledge(before);
      await rig.poll();
      assert.deepEqual(await rig.pollAndTake(), ['CREATED 3', 'CREATED 4']);
    });

    it('come again all the same after a replay', async () => {
      const ids = await restartedWith(2);
      await rig.acknowledge(ids.slice(0, 1));
      await rig.replay('2026-01-31T00:00:00Z');
      await rig.acknowledge(ids.slice(1));
      await rig.poll();
      assert.deepEqual(eventIds(), ids);
    });
  });

  it('do not come again with the next poll while the flow has them', async () => {
    await given();
    rig.crm.create('company');
    assert.equal((await rig.pollAndTake()).length, 1);
    await rig.advance(900);
    assert.deepEqual(await rig.pollAndTake(), []);
    assert.equal(rig.unacknowledged, 1);
  });

  it('take the next version of a record for an update, though the first is not acknowledged', async () => {
    await given();
    const row = rig.crm.create('company');
    assert.deepEqual(await rig.pollAndTake(), [`CREATED ${row.id}`]);
    await rig.advance(2);
    rig.crm.update('company', row.id, { Comp_Name: 'Renamed' });
    assert.deepEqual(await rig.pollAndTake(), [`UPDATED ${row.id}`]);
    assert.equal(rig.unacknowledged, 2);
  });

  it('may be acknowledged in any order, twice, and by an id nobody knows', async () => {
    await given();
    rig.crm.many('company', 3);
    await rig.poll();
    const [one = '', two = '', three = ''] = eventIds();
    await rig.acknowledge([three, one]);
    await rig.acknowledge([one, 'unknown']);
    rig.take();
    await rig.restart();
    await rig.poll();
    assert.deepEqual(eventIds(), [two]);
  });

  it('keep the order of their dates when an older one comes late', async () => {
    await given();
    rig.crm.create('company', {}, { commitAt: rig.simulator.clock.now() + 30_000 });
    await rig.advance(10);
    const second = rig.crm.create('company');
    assert.deepEqual(await rig.pollAndTake(), [`CREATED ${second.id}`]);
    await rig.advance(30);
    assert.equal((await rig.pollAndTake()).length, 1);
    await rig.restart();
    await rig.poll();
    assert.deepEqual(rig.take(), ['CREATED 1', `CREATED ${second.id}`]);
  });

  describe('are handed over in such numbers as the flow may hold', () => {
    it('and the rest waits in the journal until it has room', async () => {
      await given({ maxInFlight: 4 });
      rig.crm.many('company', 10);
      const outcome = await rig.poll();
      assert.deepEqual([outcome.isWaiting, outcome.created, rig.received.length], [true, 4, 4]);
      await rig.acknowledge();
      assert.equal(rig.rooms, 1);
      await rig.poll();
      assert.equal(rig.received.length, 8);
      await rig.acknowledge();
      const last = await rig.poll();
      assert.deepEqual([last.isWaiting, rig.received.length], [false, 10]);
      assert.equal(new Set(eventIds()).size, 10);
    });

    it('and nothing is asked of the server meanwhile', async () => {
      await given({ maxInFlight: 2 });
      rig.crm.many('company', 3);
      await rig.poll();
      const asked = rig.simulator.requests.length;
      rig.crm.create('company');
      assert.equal((await rig.poll()).pages, 0);
      assert.equal(rig.simulator.requests.length, asked);
    });

    it('and room is told when half of it is there, not for each message', async () => {
      await given({ maxInFlight: 4 });
      rig.crm.many('company', 5);
      await rig.poll();
      const [first = '', second = ''] = eventIds();
      await rig.acknowledge([first]);
      assert.equal(rig.rooms, 0);
      await rig.acknowledge([second]);
      assert.equal(rig.rooms, 1);
    });

    it('and they go on after a restart where the flow had not acknowledged', async () => {
      await given({ maxInFlight: 2 });
      rig.crm.many('company', 5);
      await rig.poll();
      await rig.acknowledge();
      rig.take();
      await rig.restart({ maxInFlight: 10 });
      assert.deepEqual(await rig.pollAndTake(), ['CREATED 3', 'CREATED 4', 'CREATED 5']);
    });
  });

  describe('come again after a time', () => {
    it('when they are not acknowledged, each when its own time is over', async () => {
      await given({ redeliverAfterMs: 30 * MINUTE });
      rig.crm.create('company');
      await rig.poll();
      await rig.advance(20 * 60);
      rig.crm.create('company');
      await rig.poll();
      assert.deepEqual(rig.take(), ['CREATED 1', 'CREATED 2']);
      await rig.advance(10 * 60);
      assert.deepEqual(rig.take(), ['CREATED 1']);
      await rig.advance(20 * 60);
      assert.deepEqual(rig.take(), ['CREATED 2']);
      await rig.advance(10 * 60);
      assert.deepEqual(rig.take(), ['CREATED 1']);
    });

    it('but not once they are', async () => {
      await given({ redeliverAfterMs: 30 * MINUTE });
      rig.crm.create('company');
      await rig.poll();
      await rig.acknowledge();
      rig.take();
      await rig.advance(3600);
      assert.deepEqual(rig.take(), []);
    });

    it('and never by themselves when that is off', async () => {
      await given({ redeliverAfterMs: 0 });
      rig.crm.create('company');
      await rig.poll();
      rig.take();
      await rig.advance(86_400);
      assert.deepEqual(rig.take(), []);
      assert.deepEqual(rig.clock.pending(), []);
    });

    it('and no timer is left when the node closes', async () => {
      await given({ redeliverAfterMs: 30 * MINUTE });
      rig.crm.create('company');
      await rig.poll();
      assert.equal(rig.clock.pending().length, 1);
      await rig.restart();
      assert.deepEqual(rig.clock.pending(), []);
    });
  });

  it('start over with a replay, whatever the flow still holds', async () => {
    await given({ maxInFlight: 2 });
    rig.crm.many('company', 4);
    await rig.poll();
    const before = eventIds();
    await rig.replay('2026-01-31T00:00:00Z');
    assert.equal(rig.unacknowledged, 0);
    rig.received.length = 0;
    await rig.poll();
    assert.deepEqual(eventIds(), before);
    await rig.acknowledge(before);
    assert.equal(rig.unacknowledged, 0);
  });
}
