import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { RedisServer } from '../support/redis-server';
import { until } from '../support/until';
import { bundled } from './support/bundle';
import { Member } from './support/outbox-member';

const LOCK_MS = 1_500;
/** Where no process is to lose a lock, however slow the machine is. */
const LONG_LOCK_MS = 60_000;
const RECORDS = 12;
const EVENTS = 8;

type Answer = (status: number) => void;

interface Joining {
  batchSizes: number[];
  flushMs: number;
  lockMs?: number;
}

/** A receiver that keeps what came first, and answers when it is told to. */
class Witness {
  /** The ids in the order of their first appearance. */
  readonly first: string[] = [];
  readonly times = new Map<string, number>();
  /** How many events each webhook had. */
  readonly sizes: number[] = [];
  answer: (id: string, answer: Answer) => void = (_id, answer) => {
    answer(200);
  };
  private readonly server = http.createServer((request, response) => {
    void this.take(request, response);
  });
  private readonly came = new EventEmitter().setMaxListeners(0);

  async start(): Promise<void> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/hook`;
  }

  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await once(this.came, 'request');
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private async take(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const ids = idsIn(body);
    this.sizes.push(ids.length);
    for (const id of ids) {
      if (!this.times.has(id)) this.first.push(id);
      this.times.set(id, (this.times.get(id) ?? 0) + 1);
    }
    this.answer(ids.join('+'), (status) => {
      response.writeHead(status);
      response.end();
    });
    this.came.emit('request');
  }
}

/** In the order of the webhook, each once. */
function idsIn(body: string): string[] {
  return [...new Set(body.match(/r\d+-\d+/g))];
}

describe('An outbox shared by several processes', function () {
  this.timeout(120_000);
  let folder: string;
  let program: string;
  let redis: RedisServer;
  let witness: Witness;
  let members: Member[];
  let count = 0;

  before(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'sagecrm-outbox-'));
    program = await bundled('outbox-process', folder);
    redis = await RedisServer.start();
  });

  after(async () => {
    await redis.stop();
    await rm(folder, { recursive: true });
  });

  beforeEach(async () => {
    witness = new Witness();
    await witness.start();
    members = [];
  });

  afterEach(async () => {
    await Promise.all(
      members.map((member) => {
        member.thaw();
        return member.kill();
      }),
    );
    await witness.stop();
  });

  /** @param batchSizes of each of them */
  async function join(...batchSizes: number[]): Promise<Member[]> {
    return joinWith({ batchSizes, flushMs: 20 });
  }

  async function joinWith({ batchSizes, flushMs, lockMs = LOCK_MS }: Joining): Promise<Member[]> {
    count += 1;
    const options = { redisUrl: redis.url, url: witness.url, prefix: `p${count}`, lockMs };
    members = await Promise.all(
      batchSizes.map((batchSize) => Member.start(program, { ...options, batchSize, flushMs })),
    );
    return members;
  }

  /** Hands in the events of each record one after the other, each to some member, until it is taken. */
  async function handIn(): Promise<void> {
    await Promise.all(Array.from({ length: RECORDS }, (_, record) => handInRecord(record)));
  }

  async function handInRecord(record: number): Promise<void> {
    for (let number = 0; number < EVENTS; number += 1) {
      const id = `r${record}-${number}`;
      let turn = record + number;
      // As its poll node does: an event that is not taken is handed in again later.
      await until(`${id} is taken`, async () => {
        const member = members[turn % members.length];
        turn += 1;
        return (await member?.take(id, `r${record}`)) === true;
      });
    }
  }

  async function allHaveCome(): Promise<void> {
    await witness.until(() => witness.first.length === RECORDS * EVENTS);
    for (let record = 0; record < RECORDS; record += 1) {
      const own = witness.first.filter((id) => id.startsWith(`r${record}-`));
      assert.deepEqual(
        own,
        Array.from({ length: EVENTS }, (_, number) => `r${record}-${number}`),
        'first appearances keep the order of the record',
      );
    }
  }

  /** Some answers take a while, and some are refusals that pass. */
  function beSlow(): void {
    let number = 0;
    witness.answer = (_id, answer) => {
      number += 1;
      const status = number % 7 === 0 ? 503 : 200;
      setTimeout(() => {
        answer(status);
      }, 30);
    };
  }

  /** It reads the refusal, has lost the job, and ends once it is done with it. */
  async function letGoOn(frozen: Member | undefined): Promise<void> {
    const answered = frozen?.answered();
    frozen?.thaw();
    await answered;
    await frozen?.close();
  }

  function deadLetters(): Promise<unknown> {
    return redis.ask('zcard', `{p${count}:outbox:callback}:letters`);
  }

  for (const { what, three } of [
    { what: 'one event', three: [1, 1, 1] },
    { what: 'another number of events in each process', three: [5, 1, 3] },
  ]) {
    const two = three.slice(0, 2);
    const one = three.slice(0, 1);

    describe(`with ${what} in a webhook`, () => {
      it('delivers each event once and in the order of its record', async () => {
        await joinWith({ batchSizes: three, flushMs: 20, lockMs: LONG_LOCK_MS });
        await handIn();
        await allHaveCome();
        assert.deepEqual([...new Set(witness.times.values())], [1]);
        const shares = members.map(({ outcomes }) => outcomes.length);
        assert.ok(shares.filter((share) => share > 0).length > 1, 'several of them deliver');
      });

      it('loses nothing when a process is killed while it delivers', async () => {
        const [first] = await join(...three);
        beSlow();
        const handing = handIn();
        await witness.until(() => witness.first.length >= 20);
        await first?.kill();
        await handing;
        await allHaveCome();
        assert.equal(await deadLetters(), 0);
      });

      it('loses nothing when all processes are killed', async () => {
        await join(...two);
        beSlow();
        await handIn();
        await Promise.all(members.map((member) => member.kill()));
        count -= 1;
        await join(...one);
        await allHaveCome();
      });

      it('goes on after Redis was killed and started again', async () => {
        await join(...two);
        beSlow();
        const handing = handIn();
        await witness.until(() => witness.first.length >= 20);
        await redis.kill();
        await until('all know it', () => members.every(({ errors }) => errors.length > 0));
        await redis.launch();
        await handing;
        await allHaveCome();
        assert.equal(await deadLetters(), 0);
      });

      it('goes on after its connections were cut', async () => {
        await join(...two);
        beSlow();
        const handing = handIn();
        for (const due of [15, 40, 65]) {
          await witness.until(() => witness.first.length >= due);
          await redis.ask('client', 'kill', 'type', 'normal');
        }
        await handing;
        await allHaveCome();
        assert.equal(await deadLetters(), 0);
      });
    });
  }

  it('takes over from a frozen process, which then buries nothing that is no more its own', async () => {
    const [frozen] = await join(1);
    const answers: Answer[] = [];
    witness.answer = (id, answer) => {
      if (id === 'r0-0') answers.push(answer);
      else answer(200);
    };
    assert.ok(await frozen?.take('r0-0', 'r0'));
    assert.ok(await frozen?.take('r0-1', 'r0'));
    await witness.until(() => answers.length === 1);
    frozen?.freeze();
    answers[0]?.(400);
    count -= 1;
    const [other] = await join(1);
    members.push(...(frozen === undefined ? [] : [frozen]));
    await witness.until(() => answers.length === 2);
    await letGoOn(frozen);
    assert.equal(await deadLetters(), 0);
    assert.equal(witness.times.has('r0-1'), false, 'the next event waits for its turn');
    answers[1]?.(200);
    await witness.until(() => witness.times.has('r0-1'));
    assert.equal(await deadLetters(), 0);
    assert.deepEqual(
      frozen?.outcomes.filter(({ id }) => id === 'r0-0'),
      [],
    );
    assert.deepEqual(witness.first, ['r0-0', 'r0-1']);
    assert.ok(other !== undefined);
  });

  it('takes a webhook over from a frozen process, which then takes nothing apart', async () => {
    const [frozen] = await joinWith({ batchSizes: [3], flushMs: 60_000 });
    const answers: Answer[] = [];
    witness.answer = (_id, answer) => answers.push(answer);
    for (const record of ['r0', 'r1', 'r2']) {
      assert.ok(await frozen?.take(`${record}-0`, record));
    }
    await witness.until(() => answers.length === 1);
    frozen?.freeze();
    answers[0]?.(400);
    count -= 1;
    await join(1);
    members.push(...(frozen === undefined ? [] : [frozen]));
    await witness.until(() => answers.length === 2);
    await letGoOn(frozen);
    assert.deepEqual(witness.sizes, [3, 3], 'the same webhook, though another size is set there');
    assert.equal(await redis.ask('hlen', `{p${count}:outbox:callback}:apart`), 0);
    answers[1]?.(200);
    const isEmpty = async () =>
      (await redis.ask('hlen', `{p${count}:outbox:callback}:events`)) === 0;
    await until('nothing waits', isEmpty);
    assert.deepEqual(witness.sizes, [3, 3]);
    assert.deepEqual(frozen?.outcomes, []);
    assert.equal(await deadLetters(), 0);
  });
});
