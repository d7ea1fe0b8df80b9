import assert from 'node:assert/strict';
import { checkIn } from '../../src/delivery/shared/check-in';
import { SharedTasks } from '../../src/delivery/shared/shared-tasks';
import { placeOf } from '../../src/delivery/shared/turn';
import { systemClock } from '../../src/effects/clock';
import { SageCrmError, type ErrorCode } from '../../src/errors/sagecrm-error';
import { LevelOutboxStore } from '../../src/store/level-outbox-store';
import { otherThan, type StoreKind } from '../../src/store/migration/movable';
import {
  isHeld,
  moveOutbox,
  type MovableOutbox,
  type MovedOutbox,
} from '../../src/store/migration/outbox-state';
import type { DeadLetter, DisabledTarget, NewEvent } from '../../src/store/outbox-store';
import { RedisServer } from '../support/redis-server';
import { sampleMessage } from '../unit/delivery/support/sample';
import { opensIn, opensShared, OutboxDesk } from './support/outbox-desk';
import { Crash, Fuse, newFolder, OutboxEnds } from './support/outbox-ends';

const OTHER = 'https://other.example/hook';

interface View {
  events: NewEvent[];
  letters: DeadLetter[];
  silenced: readonly DisabledTarget[];
}

function is(code: ErrorCode): (error: unknown) => boolean {
  return (error) => error instanceof SageCrmError && error.code === code;
}

describe('Moving the outbox of a callback node', function () {
  this.timeout(60_000);
  let server: RedisServer;
  let folder: string;
  let removeFolder: () => Promise<void>;
  let prefix: string;
  let ends: OutboxEnds;
  let running: OutboxDesk | undefined;
  let count = 0;

  before(async () => {
    server = await RedisServer.start({ isForgetful: true });
  });

  after(() => server.stop());

  beforeEach(begin);

  afterEach(end);

  async function begin(): Promise<void> {
    prefix = `outbox${(count += 1)}`;
    ({ folder, remove: removeFolder } = await newFolder());
    ends = await open();
  }

  async function end(): Promise<void> {
    await running?.outbox.close();
    running = undefined;
    await ends.close();
    await removeFolder();
  }

  /** What jobs do, by hand. */
  function tasks(): SharedTasks {
    return new SharedTasks(ends.store, 1);
  }

  function open(fuse?: Fuse): Promise<OutboxEnds> {
    return OutboxEnds.open({ folder, url: server.url, prefix }, fuse);
  }

  /** As after a crash: both ends know only what they have written. */
  async function reopen(fuse?: Fuse): Promise<void> {
    await ends.close();
    ends = await open(fuse);
  }

  /** An outbox in real use; the ends of the move are closed meanwhile. */
  async function atDesk(kind: StoreKind, use: (desk: OutboxDesk) => Promise<void>): Promise<void> {
    await ends.close();
    try {
      const desk = new OutboxDesk(
        kind === 'redis' ? opensShared(server.url, prefix) : opensIn(folder),
      );
      await use(desk);
      await desk.outbox.close();
    } finally {
      ends = await open();
    }
  }

  /** Letters 1 and 3; six events of three records, one of them for a receiver that is gone. */
  function fill(kind: StoreKind): Promise<void> {
    return atDesk(kind, async (desk) => {
      await desk.start({ schedule: [0, 60_000] });
      desk.reply = () => 400;
      for (const [index, id] of ['l1', 'l2', 'l3'].entries()) {
        await desk.take(id);
        await desk.outcomesAre(index + 1);
      }
      await desk.outbox.dropDead([2]);
      desk.reply = (_id, url) => (url === OTHER ? 410 : 503);
      await desk.take({ id: 'x', target: OTHER });
      await desk.until(() => desk.warnings.length === 1);
      await desk.take({ id: 'a1', record: 'a' }, { id: 'b1', record: 'b' });
      await desk.until(() => desk.retries.length === 2);
      await desk.take({ id: 'a2', record: 'a' }, { id: 'b2', record: 'b' });
      await desk.take({ id: 'a3', record: 'a' });
    });
  }

  async function takeAll(kind: StoreKind, events: readonly NewEvent[]): Promise<void> {
    if (kind === 'redis') {
      for (const event of events) await ends.store.take(event);
      return;
    }
    await ends.close();
    const store = await LevelOutboxStore.open(folder);
    await Promise.all(events.map((event) => store.take(event)));
    await store.close();
    ends = await open();
  }

  async function viewOf(kind: StoreKind): Promise<View> {
    const movable = ends.byKind[kind];
    const view: View = { events: [], letters: [], silenced: (await movable.head()).silenced };
    for await (const { events = [], letters = [] } of movable.slices()) {
      view.events.push(...events);
      view.letters.push(...letters);
    }
    return view;
  }

  function move(
    kind: StoreKind,
    byKind = ends.byKind,
    durable = () => Promise.resolve(),
  ): Promise<MovedOutbox | undefined> {
    return moveOutbox({
      ...{ from: byKind[kind], kind, to: byKind[otherThan(kind)], id: `move ${(count += 1)}` },
      durable,
    });
  }

  /** Whether a node would begin to deliver something from there. */
  async function canDeliver(kind: StoreKind): Promise<boolean> {
    if (!isHeld(await ends.byKind[kind].head())) return false;
    return (await openingOf(kind)) === undefined;
  }

  /** What hinders a node to open the outbox. */
  async function openingOf(kind: StoreKind): Promise<unknown> {
    try {
      if (kind === 'redis') {
        await checkIn(ends.store, () => Promise.resolve(false));
      } else {
        await ends.close();
        await LevelOutboxStore.open(folder).then((store) => store.close());
      }
      return undefined;
    } catch (error) {
      return error;
    } finally {
      if (kind === 'embedded') ends = await open();
    }
  }

  for (const kind of ['embedded', 'redis'] as const) {
    const other = otherThan(kind);

    describe(`from ${kind}`, () => {
      it('brings events, dead letters with their numbers and silenced receivers', async () => {
        await fill(kind);
        const before = await viewOf(kind);
        assert.deepEqual(
          before.letters.map(({ letter, attempts, reason }) => [
            letter,
            attempts,
            reason.statusCode,
          ]),
          [
            [1, 1, 400],
            [3, 1, 400],
          ],
        );
        assert.deepEqual(await move(kind), { events: 6, letters: 2, silenced: 1 });
        await reopen();
        assert.deepEqual(await viewOf(other), before);
      });

      it('leaves nothing behind, no job either, and refuses to be opened', async () => {
        await fill(kind);
        await move(kind);
        assert.ok(is('STATE_MOVED')(await openingOf(kind)));
        assert.deepEqual(await viewOf(kind), { events: [], letters: [], silenced: [] });
        if (kind === 'redis') {
          const counts = Object.values(await ends.queue.getJobCounts());
          assert.ok(counts.every((jobs) => jobs === 0));
        }
      });

      it('keeps the order of events that came at one time, in more than one slice', async () => {
        const names = Array.from({ length: 1_100 }, (_, index) => `e${index}`);
        const events = names.map((id, index) => eventOf(id, index % 3 === 0 ? 'a' : id));
        await takeAll(kind, events);
        assert.equal((await move(kind))?.events, 1_100);
        assert.deepEqual((await viewOf(other)).events, events);
      });

      it('goes on delivering in the order of each record, with letters to replay', async () => {
        await fill(kind);
        await move(kind);
        await atDesk(other, async (desk) => {
          await desk.start();
          await desk.outcomesAre(5);
          const ofRecord = (name: string) => desk.ids.filter((id) => id.startsWith(name));
          assert.deepEqual(ofRecord('a'), ['a1', 'a2', 'a3']);
          assert.deepEqual(ofRecord('b'), ['b1', 'b2']);
          assert.deepEqual((await desk.outbox.status()).gone, [OTHER]);
          assert.equal(await desk.outbox.replayDead([3]), 1);
          await desk.outcomesAre(6);
          assert.equal(desk.ids.at(-1), 'l3');
          desk.reply = () => 400;
          await desk.take('l4');
          await desk.outcomesAre(7);
          const letters = await desk.outbox.deadLetters({ order: 'oldest', limit: 10 });
          const ids = letters.map(({ event }) => event.message.event.eventId);
          assert.deepEqual(ids, ['l1', 'l4']);
          desk.reply = () => 200;
          await desk.outbox.enable();
          await desk.outcomesAre(8);
          assert.equal(desk.ids.at(-1), 'x');
        });
      });

      it('comes back as it was', async () => {
        await fill(kind);
        const before = await viewOf(kind);
        await move(kind);
        await reopen();
        await move(other);
        await reopen();
        assert.deepEqual(await viewOf(kind), before);
        assert.equal(await openingOf(kind), undefined);
        assert.ok(is('STATE_MOVED')(await openingOf(other)));
      });

      it('changes nothing where the other store holds something of its own', async () => {
        await fill(kind);
        await fill(other);
        const before = [await viewOf(kind), await viewOf(other)];
        await assert.rejects(move(kind), is('STATE_PRESENT'));
        assert.deepEqual([await viewOf(kind), await viewOf(other)], before);
      });

      it('goes where an outbox was used before and is empty', async () => {
        await atDesk(other, async (desk) => {
          await desk.start();
          await desk.take('earlier');
          await desk.outcomesAre(1);
        });
        await fill(kind);
        assert.equal((await move(kind))?.events, 6);
      });

      it('moves nothing twice, and nothing where nothing is', async () => {
        assert.equal(await move(kind), undefined);
        assert.equal(await openingOf(kind), undefined);
        await fill(kind);
        await move(kind);
        assert.equal(await move(kind), undefined);
        assert.equal((await viewOf(other)).events.length, 6);
      });

      it('survives a crash after any step', async () => {
        let steps = 1;
        for (let isWhole = false; !isWhole; steps += 1) {
          await end();
          await begin();
          await fill(kind);
          const before = await viewOf(kind);
          const fuse = new Fuse(steps);
          await reopen(fuse);
          try {
            await move(kind);
            isWhole = true;
          } catch (error) {
            if (!fuse.isBlown) throw error;
          }
          await reopen();
          const usable = [await canDeliver(kind), await canDeliver(other)];
          assert.ok(!usable.every(Boolean), `after ${steps} steps`);
          await move(kind);
          assert.deepEqual(await viewOf(other), before, `after ${steps} steps`);
          assert.ok(is('STATE_MOVED')(await openingOf(kind)));
          assert.equal(await openingOf(other), undefined);
        }
        assert.ok(steps > 12, `${steps} steps`);
      });

      it('is told to be unfinished, and can go on where it was, after a crash in the copy', async () => {
        await fill(kind);
        const stuck = { ...ends.byKind };
        stuck[kind] = failingIn(stuck[kind], 'leave');
        await assert.rejects(move(kind, stuck), Crash);
        await reopen();
        assert.ok(is('STATE_ELSEWHERE')(await openingOf(other)));
        await atDesk(kind, async (desk) => {
          await desk.start();
          await desk.take({ id: 'a4', record: 'a' }, 'c');
          await desk.outcomesAre(1);
        });
        const before = await viewOf(kind);
        await move(kind);
        assert.deepEqual(await viewOf(other), before);
      });

      it('does not leave before the copy is on disk', async () => {
        await fill(kind);
        const pulled = (): Promise<void> => Promise.reject(new Crash());
        await assert.rejects(move(kind, ends.byKind, pulled), Crash);
        await reopen();
        assert.ok(await canDeliver(kind));
        assert.ok(!(await canDeliver(other)));
      });

      it('comes back after a crash before the last step', async () => {
        await fill(kind);
        const before = await viewOf(kind);
        const stuck = { ...ends.byKind };
        stuck[other] = failingIn(stuck[other], 'enter');
        await assert.rejects(move(kind, stuck), Crash);
        await reopen();
        await move(other);
        assert.deepEqual(await viewOf(kind), before);
        assert.equal(await openingOf(kind), undefined);
      });
    });
  }

  it('takes along what was to share a webhook, and leaves nothing of that webhook on Redis', async () => {
    const options = { batchSize: 3, maxEvents: 3 };
    await atDesk('redis', async (desk) => {
      await desk.start({ ...options, schedule: [0, 60_000] });
      desk.reply = () => 503;
      await desk.take({ id: 'a1', record: 'a' }, { id: 'b1', record: 'b' });
      await desk.take({ id: 'a2', record: 'a' });
      await desk.until(() => desk.retries.length > 0);
      await desk.take({ id: 'a3', record: 'a' }, { id: 'c1', record: 'c' });
    });
    assert.equal((await move('redis'))?.events, 5);
    const left = (await server.ask('keys', `{${prefix}:outbox:*`)) as string[];
    const ofWebhooks = left.filter((key) => /:(batches|apart|leaders|pool|lane|due)/.test(key));
    assert.deepEqual(ofWebhooks, []);
    await move('embedded');
    await atDesk('redis', async (desk) => {
      await desk.start(options);
      await desk.outcomesAre(5);
      const events = desk.ids.flatMap((ids) => ids.split('+'));
      const ofA = events.filter((id) => id.startsWith('a'));
      assert.deepEqual(ofA, ['a1', 'a2', 'a3']);
      assert.deepEqual([...events].sort(), ['a1', 'a2', 'a3', 'b1', 'c1']);
    });
  });

  it('fails, and loses nothing, when another instance takes an event meanwhile', async () => {
    await fill('redis');
    const byKind = { ...ends.byKind };
    const [, first] = (await viewOf('redis')).events;
    assert.ok(first?.message.event.eventId === 'a1');
    const late = structuredClone(first);
    late.message.event.eventId = 'late';
    byKind.embedded = {
      ...byKind.embedded,
      async complete(head) {
        await ends.store.take(late);
        // One of the others is delivered meanwhile, so that their number is the same.
        const key = `${ends.store.keys.tag}:lock`;
        await server.ask('set', key, 'token');
        const turn = { ...placeOf(first), id: 'e5' };
        const lock = { key, token: 'token' };
        await tasks().settle(turn, [{ ...first, seq: 5 }], lock, 'delivered');
        await ends.embedded.complete(head);
      },
    };
    await assert.rejects(move('redis', byKind), is('LEASE_HELD'));
    await reopen();
    assert.ok(await canDeliver('redis'));
    assert.equal((await move('redis'))?.events, 6);
    assert.equal((await viewOf('embedded')).events.at(-1)?.message.event.eventId, 'late');
  });

  it('waits for no instance that has a webhook under way for longer than it may', async () => {
    const desk = new OutboxDesk(opensShared(server.url, prefix));
    running = desk;
    await desk.start();
    desk.reply = () => 'hang';
    await desk.take('a');
    await desk.until(() => desk.underWay === 1);
    await assert.rejects(ends.shared.idle(systemClock(), 0), is('LEASE_HELD'));
    await assert.rejects(move('redis'), is('LEASE_HELD'));
    await desk.outbox.close();
    running = undefined;
    await ends.shared.idle(systemClock(), 10_000);
  });

  it('stops an instance that goes on: it takes nothing, and begins no webhook', async () => {
    const desk = new OutboxDesk(opensShared(server.url, prefix));
    running = desk;
    await desk.start({ schedule: [60_000] });
    await desk.take('a', 'b');
    const [event] = (await viewOf('redis')).events;
    assert.ok(event !== undefined);
    const [due] = await ends.queue.getDelayed();
    const turn = { ...placeOf(event), id: due?.id ?? '' };
    const lock = { key: `${ends.store.keys.tag}:lock`, token: 'token' };
    await server.ask('set', lock.key, lock.token);
    await move('redis');
    await assert.rejects(desk.take('c'), is('STATE_MOVED'));
    const beginning = { lock, isFirstTry: true, isAdmitted: true, now: 0 };
    await assert.rejects(tasks().begin(turn, beginning), is('STATE_MOVED'));
    await assert.rejects(ends.store.replay('e1', event), is('STATE_MOVED'));
    assert.equal(desk.posted.length, 0);
  });

  it('gives no event a job before all have arrived', async () => {
    await fill('embedded');
    const byKind = { ...ends.byKind };
    byKind.embedded = failingIn(byKind.embedded, 'leave');
    await assert.rejects(move('embedded', byKind), Crash);
    assert.deepEqual(await ends.store.due(), []);
    await move('embedded');
    assert.equal((await ends.store.due()).length, 3);
  });

  it('lets one of two moves come to its end', async () => {
    await fill('embedded');
    const second = await newFolder();
    const byKind = { ...ends.byKind };
    byKind.embedded = {
      ...byKind.embedded,
      async *slices() {
        for await (const slice of ends.embedded.slices()) {
          await ends.shared.begin('another');
          yield slice;
        }
      },
    };
    const redis: MovableOutbox = Object.create(ends.shared, {
      begin: { value: (id: string) => first.shared.begin(id) },
      take: { value: (slice: object) => first.shared.take(slice) },
    }) as MovableOutbox;
    const first = await OutboxEnds.open({ folder: second.folder, url: server.url, prefix });
    await assert.rejects(move('embedded', { ...byKind, redis }), is('LEASE_HELD'));
    assert.ok(await canDeliver('embedded'));
    await first.close();
    await second.remove();
  });

  it('ends before its end when it is told to', async () => {
    await fill('embedded');
    const { embedded: from, redis: to } = ends.byKind;
    const signal = AbortSignal.abort(new Crash());
    const durable = (): Promise<void> => Promise.resolve();
    const journey = { from, to, kind: 'embedded', id: 'move', durable, signal } as const;
    await assert.rejects(moveOutbox(journey), Crash);
    assert.ok(await canDeliver('embedded'));
  });

  it('is asked for where Redis never had an outbox and another store has one', async () => {
    const elsewhere = (): Promise<boolean> => Promise.resolve(true);
    await assert.rejects(checkIn(ends.store, elsewhere), is('STATE_ELSEWHERE'));
    await fill('redis');
    await checkIn(ends.store, elsewhere);
  });
});

function eventOf(id: string, lane: string): NewEvent {
  const message = sampleMessage({ eventId: id, objectId: lane });
  return { message, target: '', instanceId: 'poll-1', lane, takenAt: 1_000 };
}

function failingIn(end: MovableOutbox, method: 'leave' | 'enter'): MovableOutbox {
  return Object.create(end, {
    [method]: { value: () => Promise.reject(new Crash()) },
  }) as MovableOutbox;
}
