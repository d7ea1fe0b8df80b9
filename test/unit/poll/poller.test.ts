import assert from 'node:assert/strict';
import { PollerRig } from './support/fake-resource';

const MINUTES = 60;

describe('a poller', () => {
  let rig: PollerRig;

  afterEach(async () => {
    await rig.poller.stop();
  });

  describe('in its schedule', () => {
    it('polls every resource at start, then at the interval', async () => {
      rig = new PollerRig(['accounts', 'contacts']);
      await rig.start();
      assert.deepEqual(rig.times(), { accounts: [0], contacts: [0] });
      await rig.advance(15 * MINUTES - 1);
      assert.deepEqual(rig.times(), { accounts: [], contacts: [] });
      await rig.advance(1);
      await rig.advance(15 * MINUTES);
      assert.deepEqual(rig.times(), { accounts: [900, 1800], contacts: [900, 1800] });
    });

    it('polls one resource after the other, in their order', async () => {
      rig = new PollerRig();
      const end = rig.resource('accounts').lasts();
      await rig.start();
      await rig.advance(10);
      assert.deepEqual(rig.times(), { accounts: [0], contacts: [], leads: [] });
      end();
      await rig.settle();
      assert.deepEqual(rig.times(), { accounts: [], contacts: [10], leads: [10] });
    });

    it('measures the interval from the start of a cycle', async () => {
      rig = new PollerRig(['accounts']);
      const end = rig.resource('accounts').lasts();
      await rig.start();
      await rig.advance(40);
      end();
      await rig.settle();
      assert.deepEqual(rig.clock.pending(), [860_000]);
    });

    it('follows a poll longer than the interval at once, never beside it (S16)', async () => {
      rig = new PollerRig(['accounts'], { intervalMs: 60_000 });
      const end = rig.resource('accounts').lasts();
      await rig.start();
      await rig.advance(3 * MINUTES);
      assert.deepEqual(rig.times(), { accounts: [0] });
      end();
      await rig.settle();
      await rig.settle();
      assert.deepEqual(rig.times(), { accounts: [180] });
      assert.equal(rig.load.most, 1);
    });

    it('polls only on request with the interval at 0, and never by itself', async () => {
      rig = new PollerRig(['accounts'], { intervalMs: 0 });
      await rig.start();
      assert.deepEqual(rig.statuses, [{ kind: 'idle', changes: 0 }]);
      rig.resource('accounts').fails('SERVER_ERROR');
      await rig.poller.pollNow();
      assert.deepEqual(rig.clock.pending(), []);
      await rig.poller.pollNow();
      assert.deepEqual(rig.times(), { accounts: [0, 0] });
    });

    it('opens state that others share at start, also where it polls on request only', async () => {
      rig = new PollerRig(['accounts'], { intervalMs: 0, isShared: true });
      rig.failToOpen('REDIS_UNAVAILABLE', 'REDIS_UNAVAILABLE');
      await rig.start();
      assert.equal(rig.openings.length, 1);
      await rig.advance(2.5);
      await rig.advance(5);
      assert.equal(rig.openings.length, 3);
      assert.deepEqual(rig.errors, ['node REDIS_UNAVAILABLE', 'node REDIS_UNAVAILABLE']);
      assert.deepEqual(rig.times(), { accounts: [] });
      assert.deepEqual(rig.statuses.at(-1), { kind: 'idle', changes: 0 });
      assert.deepEqual(rig.clock.pending(), []);
    });

    it('counts the interval anew from a poll on request', async () => {
      rig = new PollerRig(['accounts']);
      await rig.start();
      await rig.advance(5 * MINUTES);
      await rig.poller.pollNow();
      assert.deepEqual(rig.clock.pending(), [900_000]);
    });
  });

  describe('asked for polls while one runs', () => {
    it('makes one further poll of all the requests', async () => {
      rig = new PollerRig(['accounts', 'contacts']);
      const end = rig.resource('accounts').lasts();
      await rig.start();
      const requests = [rig.poller.pollNow(), rig.poller.pollNow(), rig.poller.pollNow()];
      end();
      await Promise.all(requests);
      assert.deepEqual(rig.times(), { accounts: [0, 0], contacts: [0, 0] });
    });

    it('takes a request during the further poll for another one', async () => {
      rig = new PollerRig(['accounts']);
      await rig.start();
      const end = rig.resource('accounts').lasts();
      const second = rig.poller.pollNow();
      await rig.settle();
      const third = rig.poller.pollNow();
      end();
      await Promise.all([second, third]);
      assert.equal(rig.times().accounts?.length, 3);
    });

    it('never polls two at a time, whoever asks (S16)', async () => {
      rig = new PollerRig(['accounts', 'contacts'], { intervalMs: 1000 });
      const ends = [rig.resource('accounts').lasts(), rig.resource('contacts').lasts()];
      await rig.start();
      const asked = [rig.poller.pollNow(), rig.poller.replay(0), rig.poller.resume()];
      await rig.advance(5);
      for (const end of ends) {
        end();
        await rig.settle();
      }
      await Promise.all(asked);
      assert.equal(rig.load.most, 1);
    });
  });

  describe('when the flow is full', () => {
    it('shows that it waits, and goes on with what waited as soon as there is room', async () => {
      rig = new PollerRig(['accounts', 'contacts']);
      rig.resource('accounts').then(() => Promise.resolve({ created: 4, isWaiting: true }));
      await rig.start();
      assert.deepEqual(rig.statuses.at(-1), { kind: 'waiting', resource: 'accounts' });
      rig.times();
      await rig.advance(20);
      await rig.poller.flowHasRoom();
      assert.deepEqual(rig.times(), { accounts: [20], contacts: [] });
      assert.deepEqual(rig.statuses.at(-1), { kind: 'idle', changes: 0 });
    });

    it('tries at the interval, too', async () => {
      rig = new PollerRig(['accounts']);
      const waits = () => Promise.resolve({ isWaiting: true });
      rig.resource('accounts').then(waits, waits);
      await rig.start();
      await rig.advance(15 * MINUTES);
      assert.deepEqual(rig.times(), { accounts: [0, 900] });
    });

    it('does not go on while it is paused', async () => {
      rig = new PollerRig(['accounts']);
      rig.resource('accounts').then(() => Promise.resolve({ isWaiting: true }));
      await rig.start();
      rig.poller.pause();
      await rig.poller.flowHasRoom();
      assert.deepEqual(rig.times(), { accounts: [0] });
    });
  });

  describe('after a failure', () => {
    it('polls the others, and reports which one failed', async () => {
      rig = new PollerRig();
      rig.resource('contacts').fails('BAD_REQUEST');
      await rig.start();
      assert.deepEqual(rig.times(), { accounts: [0], contacts: [0], leads: [0] });
      assert.deepEqual(rig.errors, ['contacts BAD_REQUEST']);
      assert.deepEqual(
        rig.reports.map(({ resource, error }) => [resource, error?.code]),
        [
          ['accounts', undefined],
          ['contacts', 'BAD_REQUEST'],
          ['leads', undefined],
        ],
      );
      const last = rig.statuses.at(-1);
      assert.ok(last?.kind === 'failed' && last.resource === 'contacts');
    });

    it('tries that resource alone again, with growing delays, when the failure may pass', async () => {
      rig = new PollerRig(['accounts', 'contacts']);
      rig.resource('contacts').fails('SERVER_ERROR', {}, 3);
      await rig.start();
      for (let second = 0; second < 60; second += 0.5) await rig.advance(0.5);
      assert.deepEqual(rig.times(), { accounts: [0], contacts: [0, 2.5, 7.5, 17.5] });
      assert.deepEqual(rig.statuses.at(-1), { kind: 'idle', changes: 0 });
    });

    it('goes back to the interval once it works again', async () => {
      rig = new PollerRig(['accounts']);
      rig.resource('accounts').fails('UNREACHABLE');
      await rig.start();
      await rig.advance(2.5);
      assert.deepEqual(rig.clock.pending(), [900_000]);
      assert.equal(rig.poller.status()[0]?.failures, 0);
    });

    it('never waits longer than the interval, however often it failed', async () => {
      rig = new PollerRig(['accounts']);
      rig.resource('accounts').fails('TIMEOUT', {}, 40);
      await rig.start();
      for (let count = 0; count < 39; count += 1) {
        const [next = 0] = rig.clock.pending();
        assert.ok(next > 0 && next <= 900_000);
        await rig.advance(next / 1000);
      }
      assert.deepEqual(rig.clock.pending(), [900_000]);
    });

    it('waits for the interval when the failure will not pass by itself', async () => {
      rig = new PollerRig(['accounts']);
      rig.resource('accounts').fails('NOT_FOUND');
      await rig.start();
      assert.deepEqual(rig.clock.pending(), [900_000]);
    });

    it('waits as long as the server asks, also beyond the interval', async () => {
      rig = new PollerRig(['accounts', 'contacts']);
      rig.resource('accounts').fails('RATE_LIMITED', { retryAfterMs: 3_600_000 });
      await rig.start();
      for (let count = 0; count < 4; count += 1) await rig.advance(15 * MINUTES);
      assert.deepEqual(rig.times(), { accounts: [0, 3600], contacts: [0, 900, 1800, 2700, 3600] });
    });

    it('takes an unexpected error for INTERNAL and goes on', async () => {
      rig = new PollerRig(['accounts']);
      rig.resource('accounts').then(() => Promise.reject(new TypeError('boom')));
      await rig.start();
      assert.deepEqual(rig.errors, ['accounts INTERNAL']);
      await rig.advance(15 * MINUTES);
      assert.deepEqual(rig.times(), { accounts: [0, 900] });
    });
  });

  describe('paused', () => {
    it('ends the poll under way, begins no other, and goes on at once when resumed', async () => {
      rig = new PollerRig();
      const end = rig.resource('accounts').lasts();
      await rig.start();
      rig.poller.pause();
      end();
      await rig.settle();
      assert.deepEqual(rig.times(), { accounts: [0], contacts: [], leads: [] });
      assert.equal(rig.poller.paused, true);
      assert.deepEqual(rig.statuses.at(-1), { kind: 'paused' });
      assert.deepEqual(rig.clock.pending(), []);
      await rig.poller.pollNow();
      await rig.poller.resume();
      assert.deepEqual(rig.times(), { accounts: [0], contacts: [0], leads: [0] });
      assert.deepEqual(rig.clock.pending(), [900_000]);
    });

    it('does not poll at the interval', async () => {
      rig = new PollerRig(['accounts']);
      await rig.start();
      rig.poller.pause();
      await rig.advance(60 * MINUTES);
      assert.deepEqual(rig.times(), { accounts: [0] });
    });
  });

  describe('when the log-on is refused (401)', () => {
    beforeEach(async () => {
      rig = new PollerRig();
      rig.resource('contacts').fails('LOGON_REFUSED', { statusCode: 401 });
      await rig.start();
    });

    it('stops every resource, and does not hammer', async () => {
      assert.deepEqual(rig.times(), { accounts: [0], contacts: [0], leads: [] });
      assert.equal(rig.statuses.at(-1)?.kind, 'refused');
      assert.equal(rig.poller.paused, true);
      await rig.advance(60 * MINUTES);
      await rig.poller.pollNow();
      assert.deepEqual(rig.times(), { accounts: [], contacts: [], leads: [] });
      assert.deepEqual(rig.errors, ['contacts LOGON_REFUSED']);
    });

    it('polls all again on resume', async () => {
      rig.times();
      await rig.poller.resume();
      assert.deepEqual(rig.times(), { accounts: [0], contacts: [0], leads: [0] });
      assert.equal(rig.statuses.at(-1)?.kind, 'idle');
    });
  });

  describe('when one resource waits for the user', () => {
    it('goes on with the others after a 403, and takes it up again on resume', async () => {
      rig = new PollerRig(['accounts', 'contacts']);
      rig.resource('accounts').fails('LOGON_REFUSED', { statusCode: 403 });
      await rig.start();
      await rig.advance(15 * MINUTES);
      assert.deepEqual(rig.times(), { accounts: [0], contacts: [0, 900] });
      assert.equal(rig.poller.paused, false);
      const last = rig.statuses.at(-1);
      assert.ok(last?.kind === 'failed' && last.resource === 'accounts');
      await rig.poller.resume();
      assert.deepEqual(rig.times(), { accounts: [900], contacts: [900] });
    });

    it('keeps a resource with corrupt state still until it is replayed', async () => {
      rig = new PollerRig(['accounts', 'contacts']);
      rig.resource('accounts').fails('STATE_CORRUPT');
      await rig.start();
      await rig.advance(15 * MINUTES);
      await rig.poller.resume();
      assert.deepEqual(rig.times().accounts, [0]);
      assert.equal(rig.poller.status()[0]?.nextPollInMs, null);
      await rig.poller.replay(5, ['accounts']);
      assert.deepEqual(rig.resource('accounts').replays, [5]);
      assert.deepEqual(rig.times().accounts, [900]);
    });
  });

  describe('asked to replay', () => {
    it('starts every resource over and polls', async () => {
      rig = new PollerRig(['accounts', 'contacts']);
      await rig.start();
      await rig.poller.replay(7);
      assert.deepEqual(rig.resource('accounts').replays, [7]);
      assert.deepEqual(rig.resource('contacts').replays, [7]);
      assert.deepEqual(rig.times(), { accounts: [0, 0], contacts: [0, 0] });
    });

    it('starts over only those that are named', async () => {
      rig = new PollerRig();
      await rig.start();
      await rig.poller.replay(7, ['leads']);
      assert.deepEqual(
        rig.resources.map(({ replays }) => replays),
        [[], [], [7]],
      );
    });

    it('refuses a resource it does not poll, names those it does, and touches none', async () => {
      rig = new PollerRig(['accounts', 'contacts']);
      await rig.start();
      await assert.rejects(rig.poller.replay(7, ['accounts', 'projects']), {
        code: 'INPUT_INVALID',
        message: /projects is not polled.*accounts, contacts/,
      });
      assert.deepEqual(rig.resource('accounts').replays, []);
      assert.deepEqual(rig.times(), { accounts: [0], contacts: [0] });
    });

    it('waits for the poll under way', async () => {
      rig = new PollerRig(['accounts']);
      const end = rig.resource('accounts').lasts();
      await rig.start();
      const replayed = rig.poller.replay(7);
      await rig.settle();
      assert.deepEqual(rig.resource('accounts').replays, []);
      end();
      await replayed;
      assert.deepEqual(rig.resource('accounts').replays, [7]);
    });

    it('starts over while paused, and polls once resumed', async () => {
      rig = new PollerRig(['accounts']);
      await rig.start();
      rig.poller.pause();
      await rig.poller.replay(7);
      assert.deepEqual(rig.times(), { accounts: [0] });
      await rig.poller.resume();
      assert.deepEqual(rig.times(), { accounts: [0] });
      assert.deepEqual(rig.resource('accounts').replays, [7]);
    });
  });

  describe('when the state cannot be opened', () => {
    it('polls once it can be opened, and goes on at the interval', async () => {
      rig = new PollerRig(['accounts']);
      rig.failToOpen('STATE_LOCKED');
      await rig.start();
      await rig.advance(2.5);
      assert.deepEqual(rig.times(), { accounts: [2.5] });
      assert.deepEqual(rig.clock.pending(), [900_000]);
    });

    it('says so once for the node, without a resource', async () => {
      rig = new PollerRig(['accounts']);
      rig.failToOpen('STATE_IO');
      await rig.start();
      assert.deepEqual(rig.errors, ['node STATE_IO']);
      const last = rig.statuses.at(-1);
      assert.ok(last?.kind === 'failed' && last.resource === undefined);
      assert.deepEqual(rig.poller.status(), []);
    });

    it('tries again sooner when the lock may go, and at the interval otherwise', async () => {
      rig = new PollerRig(['accounts']);
      rig.failToOpen('STATE_LOCKED', 'STATE_IO');
      await rig.start();
      assert.deepEqual(rig.clock.pending(), [2500]);
      await rig.advance(2.5);
      assert.deepEqual(rig.clock.pending(), [900_000]);
      assert.deepEqual(rig.openings, [false, false]);
    });

    it('tries again on request', async () => {
      rig = new PollerRig(['accounts']);
      rig.failToOpen('STATE_IO');
      await rig.start();
      await rig.poller.pollNow();
      assert.deepEqual(rig.times(), { accounts: [0] });
    });

    it('leaves corrupt state alone, and puts it aside for a replay only', async () => {
      rig = new PollerRig(['accounts']);
      rig.failToOpen('STATE_CORRUPT', 'STATE_CORRUPT');
      await rig.start();
      assert.deepEqual(rig.clock.pending(), []);
      await rig.poller.pollNow();
      assert.deepEqual(rig.openings, [false, false]);
      await rig.poller.replay(7);
      assert.deepEqual(rig.openings, [false, false, true]);
      assert.deepEqual(rig.resource('accounts').replays, [7]);
      assert.deepEqual(rig.times(), { accounts: [0] });
      assert.deepEqual(rig.clock.pending(), [900_000]);
    });

    it('replays all or nothing when the state of all is damaged', async () => {
      rig = new PollerRig(['accounts', 'contacts']);
      rig.failToOpen('STATE_CORRUPT');
      await rig.start();
      await assert.rejects(rig.poller.replay(7, ['accounts']), { code: 'INPUT_INVALID' });
      assert.deepEqual(rig.openings, [false]);
    });

    it('does not put state aside that is only locked', async () => {
      rig = new PollerRig(['accounts']);
      rig.failToOpen('STATE_LOCKED', 'STATE_LOCKED');
      await rig.start();
      await assert.rejects(rig.poller.replay(7), { code: 'STATE_LOCKED' });
      assert.deepEqual(rig.openings, [false, false]);
    });
  });

  describe('stopped', () => {
    it('aborts the poll under way and waits until it has ended', async () => {
      rig = new PollerRig(['accounts', 'contacts']);
      let end = (): void => undefined;
      const ended = new Promise<void>((resolve) => (end = resolve));
      let aborted = false;
      rig.resource('accounts').then(async (signal) => {
        signal.addEventListener('abort', () => (aborted = true));
        await ended;
        throw signal.reason;
      });
      await rig.start();
      let stopped = false;
      const stopping = rig.poller.stop().then(() => (stopped = true));
      await rig.settle();
      assert.equal(aborted, true);
      assert.equal(stopped, false);
      end();
      await stopping;
      assert.deepEqual(rig.times(), { accounts: [0], contacts: [] });
      assert.deepEqual(rig.errors, []);
      assert.deepEqual(rig.reports, []);
    });

    it('leaves no timer behind, and does nothing any more', async () => {
      rig = new PollerRig(['accounts']);
      await rig.start();
      await rig.poller.stop();
      assert.deepEqual(rig.clock.pending(), []);
      await rig.poller.pollNow();
      await rig.poller.resume();
      await rig.advance(60 * MINUTES);
      assert.deepEqual(rig.times(), { accounts: [0] });
    });

    it('drops the requests that wait', async () => {
      rig = new PollerRig(['accounts']);
      const end = rig.resource('accounts').lasts();
      await rig.start();
      const waiting = rig.poller.pollNow();
      const stopping = rig.poller.stop();
      end();
      await Promise.all([waiting, stopping]);
      assert.deepEqual(rig.times(), { accounts: [0] });
    });
  });

  describe('telling what it does', () => {
    it('shows each resource with its place and progress, and the outcome', async () => {
      rig = new PollerRig(['accounts', 'contacts']);
      rig.resource('accounts').then((_signal, onProgress) => {
        onProgress(200);
        return Promise.resolve({ created: 2, updated: 1 });
      });
      await rig.start();
      assert.deepEqual(rig.statuses, [
        { kind: 'polling', resource: 'accounts', position: 1, count: 2, records: 0 },
        { kind: 'polling', resource: 'accounts', position: 1, count: 2, records: 200 },
        { kind: 'polling', resource: 'contacts', position: 2, count: 2, records: 0 },
        { kind: 'idle', changes: 3 },
      ]);
    });

    it('reports each poll, and keeps the last cursor through a failure', async () => {
      rig = new PollerRig(['accounts']);
      const cursor = Date.parse('2026-01-31T10:00:00Z');
      rig.resource('accounts').then(() => Promise.resolve({ created: 2, pages: 3, cursor }));
      await rig.start();
      rig.resource('accounts').fails('BAD_REQUEST');
      await rig.advance(15 * MINUTES);
      const common = { resource: 'accounts', durationMs: 0, cursor: '2026-01-31T10:00:00Z' };
      assert.deepEqual(rig.reports, [
        { ...common, created: 2, updated: 0, pages: 3 },
        {
          ...common,
          created: 0,
          updated: 0,
          pages: 0,
          error: { code: 'BAD_REQUEST', message: 'accounts failed: wait' },
        },
      ]);
      assert.deepEqual(rig.poller.status(), [
        {
          resource: 'accounts',
          cursor: common.cursor,
          nextPollInMs: 900_000,
          failures: 1,
          lastReport: rig.reports[1],
        },
      ]);
    });

    it('tells how long a poll took and when the next one comes', async () => {
      rig = new PollerRig(['accounts']);
      const end = rig.resource('accounts').lasts();
      await rig.start();
      await rig.advance(12);
      end();
      await rig.settle();
      assert.equal(rig.reports[0]?.durationMs, 12_000);
      await rig.advance(60);
      assert.equal(rig.poller.status()[0]?.nextPollInMs, 828_000);
    });
  });
});
