import assert from 'node:assert/strict';
import type { PollRig, RigOptions, StartRig } from '../../../support/poll-rig';

const PAGES_OF_TWO: RigOptions = { raw: { pageSize: 2 } };

/** What polling does, wherever it keeps its state. */
export function itPollsAResource(startRig: StartRig): void {
  let rig: PollRig;

  async function given(options: RigOptions = {}): Promise<void> {
    rig = await startRig(options);
  }

  afterEach(async () => {
    await rig.close();
  });

  describe('emits each change once', () => {
    it('tells created from updated records', async () => {
      await given();
      const first = rig.crm.create('company');
      await rig.advance(60);
      rig.crm.update('company', first.id, { Comp_Name: 'Renamed' });
      const second = rig.crm.create('company');
      assert.deepEqual(await rig.pollAndTake(), [`UPDATED ${first.id}`, `CREATED ${second.id}`]);
    });

    it('gives the record as sent and describes the change', async () => {
      await given();
      const row = rig.crm.create('company', { Comp_Name: 'Cedar Works' });
      await rig.advance(30);
      await rig.poll();
      const [message] = rig.received;
      assert.equal(message?.topic, 'accounts');
      assert.equal(message.payload.Comp_Name, 'Cedar Works');
      const { eventId, ...event } = message.event;
      assert.match(eventId, /^[\w-]{24}$/);
      assert.deepEqual(event, {
        eventType: 'CREATED',
        objectType: 'accounts',
        objectId: row.id,
        date: '2026-01-31T10:00:00Z',
        pollDate: '2026-01-31T10:00:30Z',
        elementKey: 'sagecrm',
        hubKey: 'crm',
        instanceName: 'rig',
        tags: ['test'],
      });
    });

    it('keeps silent on the next poll, and the cursor where it is (S15)', async () => {
      await given();
      rig.crm.create('company');
      const first = await rig.poll();
      rig.take();
      await rig.advance(900);
      const second = await rig.poll();
      assert.deepEqual(rig.take(), []);
      assert.equal(second.cursor, first.cursor);
    });

    it('orders messages by date, ties by id as a number, across pages', async () => {
      await given({ ...PAGES_OF_TWO, simulator: { hub: { rowOrder: 'shuffled' } } });
      rig.crm.many(
        'company',
        12,
        {},
        { stamp: (index) => Date.parse('2026-01-31T09:00:00Z') + Math.floor(index / 3) * 1000 },
      );
      await rig.poll();
      const order = rig.received.map(({ event }) => [event.date, Number(event.objectId)]);
      const sorted = order.toSorted(([dateA = '', idA], [dateB = '', idB]) =>
        dateA === dateB ? Number(idA) - Number(idB) : dateA < dateB ? -1 : 1,
      );
      assert.equal(order.length, 12);
      assert.deepEqual(order, sorted);
    });
  });

  describe('in the second it has already read', () => {
    it('finds a record written after the poll (S1)', async () => {
      await given();
      const early = rig.crm.create('company');
      assert.deepEqual(await rig.pollAndTake(), [`CREATED ${early.id}`]);
      const late = rig.crm.create('company');
      assert.deepEqual(await rig.pollAndTake(), [`CREATED ${late.id}`]);
    });

    it('finds it even with the overlap at 0', async () => {
      await given({ overlapSeconds: 0 });
      const early = rig.crm.create('company');
      assert.deepEqual(await rig.pollAndTake(), [`CREATED ${early.id}`]);
      const late = rig.crm.create('company');
      assert.deepEqual(await rig.pollAndTake(), [`CREATED ${late.id}`]);
    });

    it('keeps the order of two edits in that second, though both wait for the flow', async () => {
      for (let round = 0; round < 8; round += 1) {
        await given({ commit: 'acknowledged' });
        const row = rig.crm.create('company');
        await rig.poll();
        const names = ['one', 'two', 'three'].map((name) => `${name} of ${round}`);
        for (const name of names) {
          rig.crm.update('company', row.id, { Comp_Name: name });
          await rig.poll();
        }
        rig.received.length = 0;
        await rig.restart();
        await rig.poll();
        const again = rig.received.map(({ payload }) => payload.Comp_Name);
        assert.deepEqual(again.slice(1), names);
        if (round < 7) await rig.close();
      }
    });

    it('finds a second edit of a record (S5), as an update', async () => {
      await given();
      const row = rig.crm.create('company', { Comp_Name: 'One' });
      assert.deepEqual(await rig.pollAndTake(), [`CREATED ${row.id}`]);
      rig.crm.update('company', row.id, { Comp_Name: 'Two' });
      assert.deepEqual(await rig.pollAndTake(), [`UPDATED ${row.id}`]);
      assert.deepEqual(await rig.pollAndTake(), []);
    });
  });

  describe('with ties and shifting pages', () => {
    it('reads a tie group larger than a page, through a failure inside it (S2)', async () => {
      await given(PAGES_OF_TWO);
      rig.crm.many('company', 7, {}, { stamp: '2026-01-31T09:59:00Z' });
      rig.simulator.faults.when(({ query }) => query.nextPage !== undefined, {
        kind: 'status',
        status: 500,
      });
      await assert.rejects(rig.poll(), { code: 'SERVER_ERROR' });
      assert.deepEqual(rig.take(), []);
      assert.equal((await rig.pollAndTake()).length, 7);
      assert.deepEqual(await rig.pollAndTake(), []);
    });

    it('misses nothing when a row moves behind the reader while paging (S6)', async () => {
      await given({ ...PAGES_OF_TWO, simulator: { hub: { rowOrder: 'date' } } });
      const rows = rig.crm.many(
        'company',
        6,
        {},
        {
          stamp: (index) => Date.parse('2026-01-31T09:00:00Z') + index * 60_000,
        },
      );
      let moved = false;
      rig.simulator.options.beforePage = ({ offset }) => {
        if (offset !== 2 || moved) return;
        moved = true;
        rig.crm.update('company', rows[0]?.id ?? '', { Comp_Name: 'Moved' });
      };
      await rig.poll();
      await rig.poll();
      const ids = new Set(rig.received.map(({ event }) => event.objectId));
      assert.equal(ids.size, 6);
      const names = rig.received.map(
        ({ event, payload }) => `${event.objectId} ${String(payload.Comp_Name)}`,
      );
      assert.equal(new Set(names).size, names.length);
      assert.ok(names.includes(`${rows[0]?.id ?? ''} Moved`));
    });

    it('reads once more when a row comes while paging, and no oftener', async () => {
      await given(PAGES_OF_TWO);
      rig.crm.many('company', 5, {}, { stamp: '2026-01-31T09:00:00Z' });
      let created = false;
      rig.simulator.options.beforePage = ({ offset }) => {
        if (offset === 4 && !created) rig.crm.create('company');
        created ||= offset === 4;
      };
      assert.equal((await rig.pollAndTake()).length, 6);
      const passes = rig.simulator.requests.filter(({ query }) => query.nextPage === undefined);
      assert.equal(passes.length, 2);
    });

    it('misses nothing when a row is deleted while paging', async () => {
      await given(PAGES_OF_TWO);
      const rows = rig.crm.many('company', 6, {}, { stamp: '2026-01-31T09:00:00Z' });
      let removed = false;
      rig.simulator.options.beforePage = ({ offset }) => {
        if (offset !== 2 || removed) return;
        removed = true;
        rig.crm.remove('company', rows[0]?.id ?? '');
      };
      await rig.poll();
      assert.equal(new Set(rig.take()).size, 6);
    });

    it('gives up on a server that repeats a page, and says so (S19)', async () => {
      await given({ ...PAGES_OF_TWO, simulator: { hub: { repeatToken: true } } });
      rig.crm.many('company', 7);
      await assert.rejects(rig.poll(), { code: 'PAGING_LOOP' });
    });

    it('does not believe a wrong total (S19)', async () => {
      await given({ ...PAGES_OF_TWO, simulator: { hub: { totalCountWrong: 1 } } });
      rig.crm.many('company', 7);
      assert.equal((await rig.pollAndTake()).length, 7);
    });
  });

  describe('when commits come late', () => {
    it('finds one inside the overlap (S3)', async () => {
      await given();
      const at = rig.simulator.clock.now();
      const late = rig.crm.create('company', {}, { commitAt: at + 60_000 });
      await rig.advance(30);
      const prompt = rig.crm.create('company');
      assert.deepEqual(await rig.pollAndTake(), [`CREATED ${prompt.id}`]);
      await rig.advance(60);
      assert.deepEqual(await rig.pollAndTake(), [`CREATED ${late.id}`]);
    });

    it('finds a lower id of the same second (S4)', async () => {
      await given();
      const at = rig.simulator.clock.now();
      const lower = rig.crm.create('company', {}, { commitAt: at + 5000 });
      const higher = rig.crm.create('company');
      assert.deepEqual(await rig.pollAndTake(), [`CREATED ${higher.id}`]);
      await rig.advance(5);
      assert.deepEqual(await rig.pollAndTake(), [`CREATED ${lower.id}`]);
    });
  });

  describe('when commits come later than the overlap (S3)', () => {
    const late: RigOptions = { lateWindowHours: 24, start: { from: 'date', at: 0 } };

    async function givenOneLateBy(seconds: number): Promise<{ late: string; prompt: string }> {
      await given(late);
      const at = rig.simulator.clock.now();
      const slow = rig.crm.create('company', {}, { commitAt: at + seconds * 1000 });
      await rig.advance(300);
      const prompt = rig.crm.create('company');
      assert.deepEqual(await rig.pollAndTake(), [`CREATED ${prompt.id}`]);
      await rig.advance(seconds);
      return { late: slow.id, prompt: prompt.id };
    }

    it('finds them within hours, counts them and says what to do', async () => {
      const { late: id } = await givenOneLateBy(3600);
      assert.deepEqual(await rig.pollAndTake(), []);
      await rig.advance(5 * 3600);
      const outcome = await rig.poll();
      assert.deepEqual([rig.take(), outcome.late], [[`CREATED ${id}`], 1]);
      const [warning] = rig.warnings;
      assert.equal(warning?.code, 'LATE_COMMITS');
      assert.match(warning.message, /1 change of accounts .* 120 s .* overlap/);
    });

    it('looks so far back every six hours only, and again when the clock was set back', async () => {
      await givenOneLateBy(600);
      async function looksBack(): Promise<boolean> {
        await rig.poll();
        const asked = decodeURIComponent(rig.simulator.requests.at(-1)?.query.where ?? '');
        const from = Date.parse(/'([^']+)'/.exec(asked)?.[1] ?? '');
        return rig.simulator.clock.now() - from > 23 * 3_600_000;
      }
      const looked = [];
      for (let hours = 0; hours < 13; hours += 1) {
        looked.push(await looksBack());
        await rig.advance(3600);
        rig.crm.create('company');
      }
      assert.deepEqual(
        looked.flatMap((yes, hour) => (yes ? [hour] : [])),
        [6, 12],
      );
      rig.clock.step(-3 * 3_600_000);
      assert.equal(await looksBack(), true);
    });

    it('repeats nothing of what it sees again', async () => {
      await given(late);
      for (let hours = 0; hours < 30; hours += 1) {
        const row = rig.crm.create('company');
        await rig.poll();
        await rig.advance(1800);
        rig.crm.update('company', row.id, { Comp_Name: `Renamed ${hours}` });
        await rig.poll();
        await rig.advance(1800);
      }
      const ids = new Set(rig.received.map(({ event }) => event.eventId));
      assert.deepEqual([ids.size, rig.received.length], [60, 60]);
      assert.deepEqual(rig.warnings, []);
    });

    it('does so when a poll fails in between, over a restart, and never when it is off', async () => {
      const { late: id } = await givenOneLateBy(600);
      await rig.advance(7 * 3600);
      rig.simulator.faults.when(() => true, { kind: 'status', status: 500 });
      await assert.rejects(rig.poll());
      rig.simulator.faults.clear();
      await rig.restart();
      assert.deepEqual(await rig.pollAndTake(), [`CREATED ${id}`]);
      await rig.restart({ lateWindowHours: 0 });
      rig.crm.create('company', {}, { stamp: '2026-01-31T10:01:00Z' });
      await rig.advance(30 * 3600);
      assert.deepEqual(await rig.pollAndTake(), []);
    });
  });

  describe('with a zone of its own for each bound (S9)', () => {
    const url =
      "/hubs/crm/accounts?where=Comp_UpdatedDate>='${dateTimeZone:America/New_York:yyyy-MM-dd'T'HH:mm:ss}'" +
      " and Comp_UpdatedDate<='${nowTimeZone:America/New_York:yyyy-MM-dd'T'HH:mm:ss}'";
    const stamps = {
      updatedDateField: 'Comp_UpdatedDate',
      updatedDateFormat: "yyyy-MM-dd'T'HH:mm:ss",
      updatedDateTimezone: 'America/New_York',
      createdDateField: 'Comp_CreatedDate',
      createdDateFormat: "yyyy-MM-dd'T'HH:mm:ss",
      createdDateTimezone: 'America/New_York',
    };
    const newYork: RigOptions = {
      timezone: 'America/New_York',
      raw: { url, datesConfiguration: stamps },
      simulator: { zone: 'America/New_York', dateStyle: 'none' },
    };

    it('applies it to the lower and the upper one', async () => {
      await given(newYork);
      await rig.poll();
      await rig.advance(600);
      const row = rig.crm.create('company');
      assert.deepEqual(await rig.pollAndTake(), [`CREATED ${row.id}`]);
      await rig.advance(60);
      await rig.poll();
      const where = decodeURIComponent(rig.simulator.requests.at(-1)?.query.where ?? '');
      // 10:10:00Z less the overlap of two minutes, and 10:11:00Z.
      assert.match(where, />='2026-01-31T05:08:00' .*<='2026-01-31T05:11:00'/);
    });

    it('does not let it leak into another node of the same process', async () => {
      await given(newYork);
      const other = await startRig({ beside: rig, timezone: 'America/New_York' });
      try {
        await Promise.all([rig.poll(), other.poll()]);
        await rig.advance(600);
        const row = rig.crm.create('company');
        await Promise.all([rig.poll(), other.poll()]);
        assert.deepEqual(rig.take(), [`CREATED ${row.id}`]);
        assert.equal(other.received.length, 1);
        const asked = rig.simulator.requests.map(({ query }) =>
          decodeURIComponent(query.where ?? ''),
        );
        const local = asked.filter((where) => where.includes('>='));
        const gmt = asked.filter((where) => !where.includes('>='));
        assert.ok(local.every((where) => /'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d'/.test(where)));
        assert.ok(gmt.every((where) => where.includes("Z'")));
        assert.equal(local.length, gmt.length);
      } finally {
        await other.close();
      }
    });
  });

  describe('with two nodes on one entity (S17)', () => {
    it('keeps their states apart: each takes every change, once', async () => {
      await given();
      const other = await startRig({ beside: rig });
      try {
        const first = rig.crm.create('company');
        assert.deepEqual(await rig.pollAndTake(), [`CREATED ${first.id}`]);
        await rig.advance(30);
        const second = rig.crm.create('company');
        assert.deepEqual(await other.pollAndTake(), [
          `CREATED ${first.id}`,
          `CREATED ${second.id}`,
        ]);
        await other.replay('2026-01-31T00:00:00Z');
        assert.deepEqual(await rig.pollAndTake(), [`CREATED ${second.id}`]);
        assert.equal((await other.pollAndTake()).length, 2);
        assert.deepEqual([await rig.pollAndTake(), await other.pollAndTake()], [[], []]);
      } finally {
        await other.close();
      }
    });

    it('gives the same change the same id on both', async () => {
      await given();
      const other = await startRig({ beside: rig });
      try {
        rig.crm.many('company', 3);
        await Promise.all([rig.poll(), other.poll()]);
        const ids = ({ received }: PollRig): string[] => received.map(({ event }) => event.eventId);
        assert.deepEqual(ids(rig), ids(other));
      } finally {
        await other.close();
      }
    });
  });

  describe('when clocks are wrong', () => {
    for (const minutes of [-10, 10]) {
      it(`does not mind this machine being ${minutes} minutes off (S7)`, async () => {
        await given({ clockSkewMs: minutes * 60_000, start: { from: 'now' } });
        rig.crm.create('company', {}, { stamp: '2026-01-31T09:55:00Z' });
        assert.deepEqual(await rig.pollAndTake(), []);
        await rig.advance(60);
        const row = rig.crm.create('company');
        assert.deepEqual(await rig.pollAndTake(), [`CREATED ${row.id}`]);
        rig.clock.step(-minutes * 120_000);
        await rig.advance(60);
        const next = rig.crm.create('company');
        assert.deepEqual(await rig.pollAndTake(), [`CREATED ${next.id}`]);
      });
    }

    it("survives the server's date jumping ahead for a while (S7)", async () => {
      await given();
      rig.crm.create('company');
      await rig.poll();
      rig.take();
      rig.simulator.options.dateHeaderSkewMs = 86_400_000;
      await rig.poll();
      rig.simulator.options.dateHeaderSkewMs = 0;
      await rig.advance(60);
      const row = rig.crm.create('company');
      assert.deepEqual(await rig.pollAndTake(), [`CREATED ${row.id}`]);
    });
  });

  describe('in a zone with daylight saving (S8)', () => {
    const local: RigOptions = {
      timezone: 'Europe/Berlin',
      raw: {
        url: "/hubs/crm/accounts?where=Comp_UpdatedDate>'${date:yyyy-MM-dd'T'HH:mm:ss}'",
        datesConfiguration: {
          updatedDateField: 'Comp_UpdatedDate',
          updatedDateFormat: "yyyy-MM-dd'T'HH:mm:ss",
          updatedDateTimezone: 'Europe/Berlin',
          createdDateField: 'Comp_CreatedDate',
          createdDateFormat: "yyyy-MM-dd'T'HH:mm:ss",
          createdDateTimezone: 'Europe/Berlin',
        },
      },
      simulator: { zone: 'Europe/Berlin', dateStyle: 'none' },
    };

    for (const [season, begin] of [
      ['the repeated hour of autumn', '2026-10-24T23:30:00Z'],
      ['the missing hour of spring', '2026-03-28T23:30:00Z'],
    ] as const) {
      it(`loses and repeats nothing through ${season}`, async () => {
        await given(local);
        rig.simulator.clock.set(begin);
        rig.clock.step(Date.parse(begin) - rig.clock.now());
        const created: string[] = [];
        for (let quarter = 0; quarter < 14; quarter += 1) {
          created.push(rig.crm.create('company').id);
          await rig.poll();
          await rig.advance(900);
        }
        const ids = rig.received.map(({ event }) => event.objectId);
        assert.deepEqual(ids.toSorted(), created.toSorted());
      });
    }
  });

  describe('at the first poll (S10)', () => {
    it('from now: takes nothing older, and misses nothing created while starting', async () => {
      await given({ start: { from: 'now' } });
      rig.crm.create('company', {}, { stamp: '2026-01-31T09:59:59Z' });
      await rig.advance(3);
      const meanwhile = rig.crm.create('company');
      await rig.advance(3);
      const found = [...(await rig.pollAndTake()), ...(await rig.pollAndTake())];
      assert.deepEqual(found, [`CREATED ${meanwhile.id}`]);
    });

    it('from now: misses nothing while the server is down at first', async () => {
      await given({ start: { from: 'now' } });
      rig.simulator.faults.when(() => true, { kind: 'reset' });
      await assert.rejects(rig.poll());
      await rig.advance(60);
      const meanwhile = rig.crm.create('company');
      await rig.advance(3600);
      assert.deepEqual(await rig.pollAndTake(), [`CREATED ${meanwhile.id}`]);
    });

    it('from now: counts from the first start, though the server was down until the second', async () => {
      await given({ start: { from: 'now' } });
      rig.simulator.faults.when(() => true, { kind: 'reset' });
      await assert.rejects(rig.poll());
      await rig.advance(600);
      const meanwhile = rig.crm.create('company');
      await rig.advance(600);
      await rig.restart();
      rig.simulator.faults.when(() => true, { kind: 'reset' });
      await assert.rejects(rig.poll());
      assert.deepEqual(await rig.pollAndTake(), [`CREATED ${meanwhile.id}`]);
    });

    it('from a date: takes that second and what is newer', async () => {
      await given({ start: { from: 'date', at: Date.parse('2026-01-31T09:00:00Z') } });
      rig.crm.create('company', {}, { stamp: '2026-01-31T08:59:59Z' });
      const exact = rig.crm.create('company', {}, { stamp: '2026-01-31T09:00:00Z' });
      const newer = rig.crm.create('company', {}, { stamp: '2026-01-31T09:30:00Z' });
      assert.deepEqual(await rig.pollAndTake(), [`CREATED ${exact.id}`, `CREATED ${newer.id}`]);
    });

    it('from all: takes everything', async () => {
      await given({ start: { from: 'all' } });
      rig.crm.create('company', {}, { stamp: '1999-12-31T23:59:59Z' });
      assert.equal((await rig.pollAndTake()).length, 1);
    });
  });

  describe('over a restart (S11)', () => {
    it('goes on from the cursor, with nothing lost and nothing twice', async () => {
      await given({ start: { from: 'now' } });
      await rig.poll();
      await rig.advance(10);
      const before = rig.crm.create('company');
      assert.deepEqual(await rig.pollAndTake(), [`CREATED ${before.id}`]);
      await rig.advance(10);
      const during = rig.crm.create('company');
      await rig.restart();
      await rig.advance(10);
      assert.deepEqual(await rig.pollAndTake(), [`CREATED ${during.id}`]);
    });

    it('repeats nothing when the overlap is made longer', async () => {
      await given({ overlapSeconds: 10 });
      for (let count = 0; count < 5; count += 1) {
        rig.crm.create('company');
        await rig.poll();
        await rig.advance(60);
      }
      rig.take();
      await rig.restart({ overlapSeconds: 3600 });
      assert.deepEqual(await rig.pollAndTake(), []);
    });
  });

  describe('when a poll fails (S13)', () => {
    const failures = [
      ['500', { kind: 'status', status: 500 }, 'SERVER_ERROR'],
      ['a reset connection', { kind: 'reset' }, 'UNREACHABLE'],
      ['JSON cut by the connection', { kind: 'cutJson' }, 'JSON_CUT'],
      ['JSON cut by the server', { kind: 'cutJson', complete: true }, 'JSON_CUT'],
      ['a page of HTML', { kind: 'html' }, 'NOT_JSON'],
      ['429', { kind: 'status', status: 429, headers: { 'Retry-After': '7' } }, 'RATE_LIMITED'],
      ['404', { kind: 'status', status: 404 }, 'NOT_FOUND'],
      ['a refused log-on (S23)', { kind: 'refuse' }, 'LOGON_REFUSED'],
    ] as const;

    for (const [name, fault, code] of failures) {
      it(`with ${name} on page 2: code ${code}, and the cursor stays`, async () => {
        await given(PAGES_OF_TWO);
        rig.crm.many('company', 5);
        rig.simulator.faults.when(({ query }) => query.nextPage !== undefined, fault);
        await assert.rejects(rig.poll(), { code });
        assert.deepEqual(rig.take(), []);
        await rig.restart();
        assert.equal((await rig.pollAndTake()).length, 5);
      });
    }

    it('after the newest records only: the older ones still come', async () => {
      await given(PAGES_OF_TWO);
      const hour = 3_600_000;
      const newest = Date.parse('2026-01-31T09:00:00Z');
      rig.crm.many('company', 6, {}, { stamp: (index) => newest - index * hour });
      rig.simulator.faults.when(({ query }) => query.nextPage !== undefined, { kind: 'reset' });
      await assert.rejects(rig.poll());
      await rig.restart();
      assert.equal((await rig.pollAndTake()).length, 6);
    });

    it('with a time-out: code TIMEOUT', async () => {
      await given();
      rig.simulator.faults.next({ kind: 'hang' });
      const polling = assert.rejects(rig.poll(), { code: 'TIMEOUT' });
      await rig.clock.untilSleeping();
      await rig.clock.advance(30_000);
      await polling;
    });

    it('does not hold events back for ever when one page always fails', async () => {
      await given(PAGES_OF_TWO);
      rig.crm.many('company', 5);
      rig.simulator.faults.when(
        ({ query }) => query.nextPage !== undefined,
        { kind: 'status', status: 500 },
        3,
      );
      for (let count = 0; count < 3; count += 1) await assert.rejects(rig.poll());
      assert.equal(rig.take().length, 2);
      assert.equal((await rig.pollAndTake()).length, 3);
      assert.deepEqual(await rig.pollAndTake(), []);
    });

    it('after k of n messages: the rest comes on the next poll (S14)', async () => {
      await given();
      rig.crm.many('company', 5);
      rig.onMessage = () => {
        if (rig.received.length === 2) throw new Error('flow broke');
      };
      await assert.rejects(rig.poll());
      rig.onMessage = () => undefined;
      await rig.poll();
      assert.equal(rig.received.length, 5);
      assert.equal(new Set(rig.received.map(({ event }) => event.eventId)).size, 5);
    });
  });

  describe('with odd dates (S18, S21)', () => {
    it('drops none, takes each once and keeps its cursor', async () => {
      await given({ simulator: { hub: { honoursWhere: false } } });
      const [none, broken, future] = rig.crm.many('company', 3);
      rig.crm.setRaw('company', none?.id ?? '', { Comp_UpdatedDate: null });
      rig.crm.setRaw('company', broken?.id ?? '', { Comp_UpdatedDate: 'yesterday' });
      rig.crm.setRaw('company', future?.id ?? '', { Comp_UpdatedDate: '2031-01-01T00:00:00Z' });
      const sane = rig.crm.create('company');
      const outcome = await rig.poll();
      assert.equal(rig.take().length, 4);
      assert.equal(outcome.cursor, Date.parse('2026-01-31T10:00:00Z'));
      await rig.advance(600);
      assert.deepEqual(await rig.pollAndTake(), []);
      const next = rig.crm.create('company');
      assert.deepEqual(await rig.pollAndTake(), [`CREATED ${next.id}`]);
      assert.notEqual(next.id, sane.id);
    });

    it('takes a version whose date moved backwards inside the window', async () => {
      await given();
      const row = rig.crm.create('company');
      await rig.poll();
      rig.take();
      rig.crm.setRaw('company', row.id, {
        Comp_Name: 'Moved back',
        Comp_UpdatedDate: '2026-01-31T09:59:00Z',
      });
      assert.deepEqual(await rig.pollAndTake(), [`UPDATED ${row.id}`]);
    });
  });

  describe('when the server ignores the where clause', () => {
    it('drops what is older than the window on this side', async () => {
      await given({
        simulator: { hub: { honoursWhere: false } },
        start: { from: 'date', at: Date.parse('2026-01-31T09:00:00Z') },
      });
      rig.crm.create('company', {}, { stamp: '2025-01-01T00:00:00Z' });
      const row = rig.crm.create('company');
      assert.deepEqual(await rig.pollAndTake(), [`CREATED ${row.id}`]);
    });

    it('takes it when filterByUpdatedDate is off, each version once', async () => {
      await given({
        raw: { filterByUpdatedDate: false },
        simulator: { hub: { honoursWhere: false } },
      });
      rig.crm.create('company', {}, { stamp: '2025-01-01T00:00:00Z' });
      rig.crm.create('company');
      assert.equal((await rig.pollAndTake()).length, 2);
      await rig.advance(3600);
      assert.deepEqual(await rig.pollAndTake(), []);
    });
  });

  describe('columns', () => {
    it('says which columns there are when none is the id', async () => {
      await given({ raw: { idField: 'nonsense' } });
      rig.crm.create('company');
      await assert.rejects(rig.poll(), { code: 'ID_FIELD_MISSING', message: /key/ });
    });

    it('warns once when no record has the updated date, and still emits', async () => {
      await given({
        raw: { datesConfiguration: { updatedDateField: 'Comp_Nonsense' } },
      });
      rig.crm.create('company');
      assert.equal((await rig.pollAndTake()).length, 1);
      assert.deepEqual(await rig.pollAndTake(), []);
      assert.deepEqual(
        rig.warnings.map(({ code }) => code),
        ['DATE_INVALID'],
      );
    });
  });

  describe('replay', () => {
    it('brings everything since a date again, with the same event ids', async () => {
      await given();
      rig.crm.create('company', {}, { stamp: '2026-01-31T08:00:00Z' });
      rig.crm.create('company');
      await rig.poll();
      const before = rig.received.splice(0).map(({ event }) => event.eventId);
      await rig.replay('2026-01-31T09:00:00Z');
      await rig.poll();
      const again = rig.received.map(({ event }) => event.eventId);
      assert.deepEqual(again, before.slice(1));
    });
  });
}
