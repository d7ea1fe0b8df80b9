import assert from 'node:assert/strict';
import { DeadLetterBox } from '../../../src/delivery/dead-letters';
import type { SageCrmError } from '../../../src/errors/sagecrm-error';
import type { DeadLetter, DeadLetters } from '../../../src/store/outbox-store';
import { ManualClock } from '../../support/manual-clock';
import { OutboxRig, type RigOptions } from './support/outbox-rig';

const DAY = 86_400_000;

describe('DeadLetterBox', () => {
  let rig: OutboxRig;

  async function start(options: RigOptions = {}): Promise<void> {
    rig = await OutboxRig.start(options);
    rig.respond = () => 400;
  }

  afterEach(async () => {
    await rig.close();
  });

  async function bury(from: number, to: number): Promise<void> {
    for (let number = from; number <= to; number += 1) await rig.takeAll(`e${number}`);
  }

  async function left(): Promise<string[]> {
    const letters = await rig.outbox.deadLetters({ order: 'oldest', limit: 1_000 });
    return letters.map(({ event }) => event.message.event.eventId);
  }

  it('lists page by page, from either end', async () => {
    await start();
    await bury(1, 5);
    for (const order of ['oldest', 'newest'] as const) {
      const pages: string[][] = [];
      for (let after: number | undefined; pages.length < 4;) {
        const page = await rig.outbox.deadLetters({
          ...{ order, limit: 2 },
          ...(after === undefined ? {} : { after }),
        });
        pages.push(page.map(({ event }) => event.message.event.eventId));
        after = page.at(-1)?.letter ?? after;
      }
      const expected = ['e1', 'e2', 'e3', 'e4', 'e5'];
      if (order === 'newest') expected.reverse();
      assert.deepEqual(pages.flat(), expected);
    }
  });

  it('warns once before letters would be dropped, and once when they are', async () => {
    await start({ mostLetters: 5 });
    await bury(1, 3);
    assert.equal(rig.warnings.length, 0);
    await bury(4, 5);
    const codes = (): SageCrmError['code'][] => rig.warnings.map(({ code }) => code);
    assert.deepEqual(codes(), ['DEAD_LETTERS_FULL']);
    assert.deepEqual(await left(), ['e1', 'e2', 'e3', 'e4', 'e5']);
    await bury(6, 8);
    assert.deepEqual(codes(), ['DEAD_LETTERS_FULL', 'DEAD_LETTERS_FULL']);
    assert.deepEqual(await left(), ['e4', 'e5', 'e6', 'e7', 'e8']);
  });

  it('warns anew after there was room again', async () => {
    await start({ mostLetters: 5 });
    await bury(1, 4);
    await rig.outbox.dropDead();
    await bury(5, 8);
    assert.equal(rig.warnings.length, 2);
  });

  it('drops what is too old, with a warning a while before', async () => {
    await start();
    await bury(1, 1);
    await rig.advance(10 * DAY);
    await bury(2, 2);
    await rig.advance(13 * DAY);
    assert.equal(rig.warnings.length, 0);
    await rig.advance(DAY);
    assert.equal(rig.warnings.length, 1);
    await rig.advance(6 * DAY);
    assert.deepEqual(await left(), ['e1', 'e2']);
    await rig.advance(3_600_000);
    assert.deepEqual(await left(), ['e2']);
    assert.equal(rig.warnings.length, 2);
  });

  it('drops what became too old while it was closed', async () => {
    await start({ letterAgeMs: DAY });
    await bury(1, 1);
    rig.clock.step(2 * DAY);
    await rig.restart();
    assert.deepEqual(await left(), []);
  });

  it('replays and drops many in steps, and none of those given up meanwhile', async () => {
    await start();
    const ids = Array.from({ length: 450 }, (_, index) => `e${index}`);
    await rig.takeAll(...ids);
    assert.equal((await rig.outbox.status()).dead, 450);
    assert.equal(await rig.outbox.replayDead(), 450);
    await rig.settle();
    assert.equal(rig.posted.length, 900);
    assert.equal((await rig.outbox.status()).dead, 450);
    assert.equal(await rig.outbox.dropDead(), 450);
    assert.equal((await rig.outbox.status()).dead, 0);
  });

  it('counts a letter named twice, or not there, once or not at all', async () => {
    await start();
    await bury(1, 2);
    const [first] = await rig.outbox.deadLetters({ order: 'oldest', limit: 1 });
    assert.equal(await rig.outbox.dropDead([first?.letter ?? 0, first?.letter ?? 0, 77]), 1);
    assert.equal(await rig.outbox.replayDead([]), 0);
    assert.deepEqual(await left(), ['e2']);
  });
});

describe('DeadLetterBox, while it looks', () => {
  it('looks again for what is given up meanwhile', async () => {
    const letters = new ListedLetters(1);
    const codes: string[] = [];
    const box = new DeadLetterBox({
      ...{ letters, clock: new ManualClock(), most: 2, maxAgeMs: DAY },
      onWarning: ({ code }) => codes.push(code),
    });
    const listed = letters.hold();
    const first = box.tidy();
    await listed;
    letters.numbers.push(2, 3, 4);
    const later = [box.tidy(), box.tidy()];
    letters.goOn();
    await Promise.all([first, ...later]);
    assert.deepEqual(letters.numbers, [3, 4]);
    assert.deepEqual(codes, ['DEAD_LETTERS_FULL']);
  });
});

/** Letters in memory, whose listing can be held up once it is made. */
class ListedLetters implements DeadLetters {
  count = 0;
  numbers: number[];
  goOn: () => void = () => undefined;
  private held: Promise<void> = Promise.resolve();
  private onListed: () => void = () => undefined;

  constructor(...numbers: number[]) {
    this.numbers = numbers;
  }

  /** The next listing waits for `goOn`; resolves once it is made. */
  hold(): Promise<void> {
    this.held = new Promise((resolve) => (this.goOn = resolve));
    return new Promise((resolve) => (this.onListed = resolve));
  }

  async list(): Promise<DeadLetter[]> {
    this.count = this.numbers.length;
    const found = this.numbers.map((letter) => ({ letter }) as DeadLetter);
    this.onListed();
    await this.held;
    return found;
  }

  drop(dropped: readonly number[]): Promise<void> {
    this.numbers = this.numbers.filter((letter) => !dropped.includes(letter));
    return Promise.resolve();
  }

  read(): Promise<DeadLetter[]> {
    return Promise.resolve([]);
  }

  replay(): Promise<void> {
    return Promise.resolve();
  }
}
