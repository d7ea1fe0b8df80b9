import type { Slot } from './slot';

/** Where state comes from that a poller adopts. */
export interface Origin<Brought> {
  /** Undefined when there is nothing to bring. */
  bring: (resource: string) => Promise<Brought | undefined>;
  close: () => Promise<void>;
}

interface Adopting<Brought> {
  origin: Origin<Brought>;
  acquire: (slot: Slot) => Promise<void>;
  settle: (slot: Slot) => Promise<void>;
}

/**
 * Puts state from elsewhere in the place of what is stored, one resource after the other. One that
 * fails does not hold up the others.
 *
 * @returns what was brought
 * @throws the first failure, once all have been tried
 */
export async function adoptEach<Brought>(
  slots: readonly Slot[],
  { origin, acquire, settle }: Adopting<Brought>,
): Promise<Brought[]> {
  const all: Brought[] = [];
  const failures: unknown[] = [];
  for (const slot of slots) {
    try {
      await acquire(slot);
      const brought = await slot.poller.adopt(() => origin.bring(slot.name));
      if (brought !== undefined) {
        all.push(brought);
        slot.unblock();
      }
    } catch (error) {
      failures.push(error);
    }
    await settle(slot);
  }
  if (failures.length > 0) throw failures[0];
  return all;
}
