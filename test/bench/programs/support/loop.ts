import type { Pace } from '../../pace';

/** How many requests are under way at once; also what an outbox has by default. */
export const IN_FLIGHT = 8;

/** How long a loop is measured at a time. */
const SLICE_MS = 250;

/** How often something is run before it is measured, so that it is compiled. */
const WARM_UP_TURNS = 1500;

/** Runs `act` again and again, `IN_FLIGHT` at once, for `SLICE_MS`. */
export function loop(act: () => Promise<void>): Promise<Pace> {
  return paceOf(async () => {
    const begin = performance.now();
    let turns = 0;
    await together(IN_FLIGHT, async () => {
      while (performance.now() - begin < SLICE_MS) {
        await act();
        turns += 1;
      }
    });
    return turns;
  });
}

export async function warmUp(act: () => Promise<void>): Promise<void> {
  await eachOf(Array.from({ length: WARM_UP_TURNS }), IN_FLIGHT, act);
}

/** @param run returns how many turns it took */
export async function paceOf(run: () => Promise<number>): Promise<Pace> {
  const cpu = process.cpuUsage();
  const begin = performance.now();
  const turns = await run();
  const seconds = (performance.now() - begin) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { perSecond: turns / seconds, cpuUs: (user + system) / turns };
}

/** Runs `act` once for each item, `callers` at once. */
export async function eachOf<Item>(
  items: readonly Item[],
  callers: number,
  act: (item: Item) => Promise<void>,
): Promise<void> {
  const left = items.values();
  await together(callers, async () => {
    for (const item of left) await act(item);
  });
}

/** Runs something so many times, and measures whichever goes first later in every other round. */
export async function inRounds<One, Other>(
  rounds: number,
  one: () => Promise<One>,
  other: () => Promise<Other>,
): Promise<{ one: One; other: Other }[]> {
  const results: { one: One; other: Other }[] = [];
  for (let round = 0; round < rounds; round += 1) {
    if (round % 2 === 0) {
      const first = await one();
      results.push({ one: first, other: await other() });
    } else {
      const first = await other();
      results.push({ one: await one(), other: first });
    }
  }
  return results;
}

async function together(callers: number, call: () => Promise<void>): Promise<void> {
  await Promise.all(Array.from({ length: callers }, call));
}
