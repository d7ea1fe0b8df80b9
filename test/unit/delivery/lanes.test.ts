import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Lanes, Slots } from '../../../src/delivery/lanes';

/** A task that ends when told to. */
function gate() {
  let open: () => void = () => undefined;
  let fail: (error: Error) => void = () => undefined;
  const ended = new Promise<void>((resolve, reject) => {
    open = resolve;
    fail = reject;
  });
  return { open, fail, task: () => ended };
}

function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe('Lanes', () => {
  it('runs the tasks of one key one after the other, and other keys meanwhile', async () => {
    const lanes = new Lanes();
    const started: string[] = [];
    const first = gate();
    const enter = (name: string, task: () => Promise<void>) => () => {
      started.push(name);
      return task();
    };
    const all = [
      lanes.run('a', enter('a1', first.task)),
      lanes.run(
        'a',
        enter('a2', () => Promise.resolve()),
      ),
      lanes.run(
        'b',
        enter('b1', () => Promise.resolve()),
      ),
    ];
    await settle();
    assert.deepEqual(started, ['a1', 'b1']);
    first.open();
    await Promise.all(all);
    assert.deepEqual(started, ['a1', 'b1', 'a2']);
  });

  it('goes on after a task that fails, and gives the failure to its caller only', async () => {
    const lanes = new Lanes();
    const failing = lanes.run('a', () => Promise.reject(new Error('boom')));
    const next = lanes.run('a', () => Promise.resolve('fine'));
    await assert.rejects(failing, /boom/);
    assert.equal(await next, 'fine');
  });

  it('forgets keys that have nothing to do', async () => {
    const lanes = new Lanes();
    await Promise.all(['a', 'b', 'a'].map((key) => lanes.run(key, () => Promise.resolve())));
    await settle();
    assert.equal(lanes.size, 0);
  });

  it('keeps the order within every key, however long the tasks take', async () => {
    const task = fc.record({ key: fc.constantFrom('a', 'b', 'c'), turns: fc.nat(4) });
    await fc.assert(
      fc.asyncProperty(fc.array(task, { maxLength: 30 }), async (tasks) => {
        const lanes = new Lanes();
        const ended: { key: string; index: number }[] = [];
        await Promise.all(
          tasks.map(({ key, turns }, index) =>
            lanes.run(key, async () => {
              for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
              ended.push({ key, index });
            }),
          ),
        );
        for (const key of ['a', 'b', 'c']) {
          const order = ended.filter((one) => one.key === key).map(({ index }) => index);
          assert.deepEqual(
            order,
            [...order].sort((a, b) => a - b),
          );
        }
      }),
    );
  });
});

describe('Slots', () => {
  it('lets no more than its limit run at once', async () => {
    const slots = new Slots(3);
    let running = 0;
    let most = 0;
    const gates = Array.from({ length: 10 }, gate);
    const all = gates.map(({ task }) =>
      slots.run(async () => {
        running += 1;
        most = Math.max(most, running);
        await task();
        running -= 1;
      }),
    );
    for (const { open } of gates) {
      await settle();
      open();
    }
    await Promise.all(all);
    assert.equal(most, 3);
    assert.equal(running, 0);
  });

  it('serves those who wait in the order they came', async () => {
    const slots = new Slots(1);
    const first = gate();
    const order: number[] = [];
    const all = [
      slots.run(first.task),
      ...[1, 2, 3].map((n) =>
        slots.run(() => {
          order.push(n);
          return Promise.resolve();
        }),
      ),
    ];
    first.open();
    await Promise.all(all);
    assert.deepEqual(order, [1, 2, 3]);
  });

  it('frees the slot of a task that fails', async () => {
    const slots = new Slots(1);
    await assert.rejects(
      slots.run(() => Promise.reject(new Error('boom'))),
      /boom/,
    );
    assert.equal(await slots.run(() => Promise.resolve('next')), 'next');
  });

  it('lets go of those who are aborted while they wait, and keeps the slot for the others', async () => {
    const slots = new Slots(1);
    const first = gate();
    const stopping = new AbortController();
    const running = slots.run(first.task);
    const aborted = slots.run(() => Promise.resolve('never'), stopping.signal);
    const other = slots.run(() => Promise.resolve('other'));
    stopping.abort(new Error('stop'));
    await assert.rejects(aborted, /stop/);
    first.open();
    await running;
    assert.equal(await other, 'other');
    await assert.rejects(
      slots.run(() => Promise.resolve(), stopping.signal),
      /stop/,
    );
  });
});
