import assert from 'node:assert/strict';
import { startCluster, WatchedPair } from './support/kinds';
import { OutboxDesk, opensShared } from './support/outbox-desk';

const RECORDS = ['r', 's', 't', 'u', 'v'];
const EVENTS = 6;

describe('The outbox of a callback node on Redis', function () {
  this.timeout(60_000);

  it('lies in a cluster, all of it in one slot', async () => {
    const server = await startCluster();
    const desk = new OutboxDesk(opensShared(`redis+cluster://${server.host}`, 'cluster'));
    try {
      await desk.start({ batchSize: 3, maxEvents: 10, flushMs: 100, rateLimit: 500 });
      desk.reply = (id) => (id === 'a+b+c' ? 410 : id === 'x' ? 422 : 200);
      await desk.take('a', 'b', 'c');
      await desk.until(() => desk.warnings.length === 1);
      const target = 'https://other.example/hook';
      await desk.take({ id: 'x', target }, { id: 'y', target, type: 'contacts' });
      await desk.outcomesAre(2);
      desk.reply = () => 'hang';
      await desk.outbox.enable();
      await desk.until(() => desk.underWay === 1);
      assert.equal(await desk.outbox.replayDead(), 1);
      await desk.until(() => desk.underWay === 2);
      const keys = (await server.ask('keys', '*')) as string[];
      const slots = await Promise.all(keys.map((key) => server.ask('cluster', 'keyslot', key)));
      assert.ok(keys.length > 10);
      assert.equal(new Set(slots).size, 1);
      desk.reply = () => 200;
      await desk.outbox.close();
      await desk.start({ batchSize: 3, maxEvents: 10 });
      await desk.outcomesAre(6);
      const { depth, dead } = await desk.outbox.status();
      assert.deepEqual({ depth, dead }, { depth: 0, dead: 0 });
    } finally {
      await desk.outbox.close();
      await server.stop();
    }
  });

  for (const batchSize of [1, 3]) {
    it(`goes on when a replica takes over, with up to ${batchSize} in a webhook`, async () => {
      const pair = await WatchedPair.start();
      const desk = new OutboxDesk(opensShared(pair.url, 'sentinel'));
      try {
        await desk.start({ batchSize, maxEvents: 10, flushMs: 20, concurrency: 2 });
        let answered = 0;
        desk.reply = () => ((answered += 1) > 4 ? 'hang' : 200);
        const events = Array.from({ length: EVENTS }, (_, number) =>
          RECORDS.map((record) => ({ id: `${record}-${number}`, record })),
        ).flat();
        await desk.take(...events);
        await desk.until(() => answered > 4);
        const before = await pair.master();
        await pair.failOver();
        desk.stopHanging();
        desk.reply = () => 200;
        await desk.until(() => deliveredBy(desk).size === events.length);
        assert.notEqual((await pair.master()).port, before.port);
        for (const record of RECORDS) {
          const all = desk.ids.flatMap((id) => id.split('+')).filter((id) => id.startsWith(record));
          assert.deepEqual(
            [...new Set(all)],
            Array.from({ length: EVENTS }, (_, number) => `${record}-${number}`),
          );
        }
        const { depth, dead } = await desk.outbox.status();
        assert.deepEqual({ depth, dead }, { depth: 0, dead: 0 });
      } finally {
        await desk.outbox.close();
        await pair.stop();
      }
    });
  }
});

function deliveredBy(desk: OutboxDesk): Set<string> {
  return new Set(desk.outcomes.map(({ entry }) => entry.message.event.eventId));
}
