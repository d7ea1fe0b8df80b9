import type { PollStore } from '../../store/poll-store';
import type { PollLease } from '../lease';
import type { Commit, OnEmitted } from './commit';

/** Entries read at once; when they are committed on emission, also what a crash may repeat at most. */
const SLICE = 200;

interface Drained {
  store: PollStore;
  commit: Commit;
  lease: Pick<PollLease, 'confirm'>;
  resource: string;
}

/**
 * Hands to the flow what the journal holds, in its order, slice by slice.
 *
 * @returns false when the flow is full and some of the journal has to wait
 */
export async function drainJournal(
  { store, commit, lease, resource }: Drained,
  signal: AbortSignal,
  onEmitted: OnEmitted,
): Promise<boolean> {
  let after: string | undefined;
  for (;;) {
    signal.throwIfAborted();
    // Taken before the read: what is acknowledged while it runs may still be in its answer.
    const inFlight = commit.keysInFlight(resource);
    const slice = await store.readJournal(resource, SLICE, after);
    if (slice.length === 0) return true;
    // An instance that stood still would emit what another one has emitted meanwhile.
    await lease.confirm();
    // The node may have closed meanwhile: Node-RED drops what a closed flow sends.
    signal.throwIfAborted();
    const fresh = slice.filter(({ key }) => !inFlight.has(key));
    if (!(await commit.hand(resource, fresh, signal, onEmitted))) return false;
    after = slice.at(-1)?.key;
  }
}
