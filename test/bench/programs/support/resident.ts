import { setTimeout as sleep } from 'node:timers/promises';

const SAMPLE_MS = 50;
/** Garbage is collected when the process rests; it is not forced, since nobody forces it there. */
const REST_MS = 3000;

/** Resident memory in bytes, after a rest. */
export async function settledMemory(): Promise<number> {
  await sleep(REST_MS);
  return process.memoryUsage.rss();
}

/** Watches resident memory until it is asked for the most it was, in bytes. */
export function watchMemory(): { most: () => number } {
  let most = process.memoryUsage.rss();
  const timer = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss());
  }, SAMPLE_MS);
  return {
    most: () => {
      clearInterval(timer);
      return Math.max(most, process.memoryUsage.rss());
    },
  };
}
