import path from 'node:path';
import type { CrashAt } from './messages';
import { makeFirstVersion } from './older-state';
import type { Tally } from './oracle';
import { World, type End, type LifeSettings, type Settings } from './world';

/** One life that is killed. */
export interface Step {
  end: End;
  life?: LifeSettings;
  /** How many changes there are to find, at least. */
  rows?: number;
  /** By default the life begins with what the one before has left. */
  state?: 'new' | 'of version 1';
}

export interface Scenario {
  settings: Settings;
  seed: number;
  steps: (world: World) => Iterable<Step>;
}

export interface Count extends Tally {
  kills: number;
  /** See `Oracle`. */
  mostEmittedAgain: number;
}

const USUAL_ROWS = 30;
const LANES = 2;

const JOURNALED: End = { by: 'itself', at: { point: 'write2', when: 'after', nth: 1 } };

/** Lives through all scenarios, at most two at a time; each must end with everything received. */
export async function playAll(program: string, scenarios: readonly Scenario[]): Promise<Count[]> {
  const waiting = [...scenarios];
  const counts: Count[] = [];
  const lane = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      counts.push(await play(program, next));
    }
  };
  const lanes = await Promise.allSettled(Array.from({ length: LANES }, lane));
  for (const result of lanes) {
    if (result.status === 'rejected') throw result.reason;
  }
  return counts;
}

async function play(program: string, { settings, seed, steps }: Scenario): Promise<Count> {
  const world = await World.start(program, settings, seed);
  try {
    for (const step of steps(world)) await take(world, step);
    await world.settle();
    const { kills, oracle } = world;
    return { kills, ...oracle.tally, mostEmittedAgain: oracle.mostEmittedAgain };
  } catch (error) {
    throw new Error(`after ${world.kills} kills with seed ${seed}`, { cause: error });
  } finally {
    await world.close();
  }
}

async function take(world: World, { end, life, rows = USUAL_ROWS, state }: Step): Promise<void> {
  world.office.work(rows);
  if (state === 'new') world.forgetState();
  if (state === 'of version 1') {
    await world.liveUntil(JOURNALED);
    await makeFirstVersion(path.join(world.stateFolder, 'poll'));
  }
  await world.liveUntil(end, life);
  // What was cut off must be taken up again.
  if (state === 'new') await world.liveUntil(JOURNALED);
}

/** One life for each point written as `outbox.remove during 1 4`: a place, and the occurrences. */
export function stepsAt(points: readonly string[], step: Omit<Step, 'end'> = {}): Step[] {
  return points.flatMap((text) => {
    const [point = '', when = '', ...numbers] = text.split(' ');
    const moments = when === 'all' ? MOMENTS : MOMENTS.filter((moment) => moment === when);
    if (moments.length === 0 || numbers.length === 0) throw new Error(`${text} is no point`);
    return numbers.map(Number).flatMap((nth) =>
      moments.map((moment): Step => {
        return { ...step, end: { by: 'itself', at: { point, when: moment, nth } } };
      }),
    );
  });
}

/** One life for each request that arrives there as the `nth` of its life. */
export function stepsOnRequest(
  by: 'server' | 'receiver',
  numbers: readonly number[],
  step: Omit<Step, 'end'> = {},
): Step[] {
  return numbers.map((nth) => ({ ...step, end: { by, nth } }));
}

const MOMENTS: readonly CrashAt['when'][] = ['before', 'during', 'after'];
