import type { Random } from '../../../src/effects/random';
import type { CrashAt } from './messages';
import { seededRandom } from '../../support/random';

/** A crash comes this soon after the work has begun, ms. */
const LONGEST_PAUSE_MS = 1;

/** Ends this process with SIGKILL at one point of its work; without one, never. */
export class Crash {
  private left: number;

  /** @param random says at which moment of a write it comes, `during` it */
  constructor(
    private readonly at: CrashAt | undefined,
    private readonly random: Random = seededRandom(at?.nth ?? 0),
  ) {
    this.left = at?.nth ?? 0;
  }

  /** Does the work of a point. */
  around<Result>(point: string, work: () => Result): Result {
    const { at } = this;
    if (at?.point !== point || !this.isTurn()) return work();
    if (at.when === 'before') die();
    const result = work();
    if (at.when === 'during') dieSoon(this.random);
    if (!(result instanceof Promise)) die();
    return result.then(die, die) as Result;
  }

  /** Comes by a point that is no call. */
  pass(point: string, when: CrashAt['when']): void {
    const { at } = this;
    if (at?.point === point && at.when === when && this.isTurn()) die();
  }

  private isTurn(): boolean {
    this.left -= 1;
    return this.left === 0;
  }
}

/** Makes a point of every method, named `{name}.{method}`, also of the object in `part`. */
export function watched<Target extends object>(
  target: Target,
  name: string,
  crash: Crash,
  part?: string,
): Target {
  return new Proxy(target, {
    get: (_target, key) => {
      const value: unknown = Reflect.get(target, key);
      const point = `${name}.${String(key)}`;
      if (typeof value === 'function') {
        return (...given: unknown[]): unknown =>
          crash.around(point, (): unknown => Reflect.apply(value, target, given));
      }
      return key === part ? watched(value as object, point, crash) : value;
    },
  });
}

/** Makes a point of methods that all objects with this prototype share. */
export function watchMethods(
  prototype: object,
  point: string,
  methods: readonly string[],
  crash: Crash,
): void {
  for (const name of methods) {
    const method: unknown = Reflect.get(prototype, name);
    if (typeof method !== 'function') throw new Error(`there is no method ${name}`);
    Reflect.set(prototype, name, function (this: unknown, ...given: unknown[]): unknown {
      return crash.around(point, (): unknown => Reflect.apply(method, this, given));
    });
  }
}

/** Other threads go on for a random while, so that a write is cut off at any place. */
function dieSoon(random: Random): never {
  const end = performance.now() + random() * LONGEST_PAUSE_MS;
  while (performance.now() < end);
  return die();
}

function die(): never {
  process.kill(process.pid, 'SIGKILL');
  for (;;);
}
