import { setTimeout as pause } from 'node:timers/promises';

const LOOK_EVERY_MS = 10;
/** Many times what a machine with nothing else to do needs; only a test that fails waits so long. */
const PATIENCE_MS = 60_000;

/**
 * Waits until something holds that tells nobody of itself, such as the state of another process. It
 * is the only place in which tests let time pass: a pause proves nothing, and on a slow machine less.
 *
 * @param what ends the message of the error, as in `it took too long until accounts are polled`
 * @param holds asked again and again; may reject while what it asks cannot answer yet
 */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  patienceMs = PATIENCE_MS,
): Promise<void> {
  const end = performance.now() + patienceMs;
  let failure: unknown;
  for (;;) {
    try {
      if (await holds()) return;
    } catch (error) {
      failure = error;
    }
    if (performance.now() > end) {
      throw new Error(`it took too long until ${what}`, { cause: failure });
    }
    await pause(LOOK_EVERY_MS);
  }
}
