import type { Clock } from '../../effects/clock';
import type { StoreKind } from './movable';

/** With its usual settings Redis writes to its disk once a second, and at the latest after two. */
const REDIS_ON_DISK_MS = 2000;

/** Waits until what was moved outlasts a power cut; the embedded store has waited by itself. */
export function onDiskIn(to: StoreKind, clock: Clock): () => Promise<void> {
  return async () => {
    if (to === 'redis') await clock.sleep(REDIS_ON_DISK_MS);
  };
}
