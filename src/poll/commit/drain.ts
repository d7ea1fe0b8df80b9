import { readAhead } from '../../effects/read-ahead';
import type { JournalEntry, PollStore } from '../../store/poll-store';
import type { PollLease } from '../lease';
import type { Commit, OnEmitted } from './commit';

/** Entries read at once; when they are committed on emission, also what a crash may repeat at most. */
const SLICE = 100;

interface Drained {
  store: PollStore;
  commit: Commit;
  lease: Pick<PollLease, 'confirm'>;
  resource: string;
}

/**
 * Hands to the flow what the journal holds, in its order, slice by slice; the next slice is read
 * meanwhile.
 *
 * @returns false when the flow is full and some of the journal has to wait
 */
export async function drainJournal(
  drained: Drained,
  signal: AbortSignal,
  onEmitted: OnEmitted,
): Promise<boolean> {
  signal.throwIfAborted();
  const { commit, lease, resource } = drained;
  const slices = slicesOf(drained);
  // Nearly always there is nothing, which need not cost a reading ahead.
  const first = await slices.next();
  if (first.done === true) return true;
  for await (const slice of readAhead(() => withFirst(first.value, slices), signal)) {
    // An instance that stood still would emit what another one has emitted meanwhile.
    await lease.confirm();
    // The node may have closed meanwhile: Node-RED drops what a closed flow sends.
    signal.throwIfAborted();
    if (!(await commit.hand(resource, slice, signal, onEmitted))) return false;
  }
  return true;
}

async function* withFirst<Value>(
  first: Value,
  rest: AsyncGenerator<Value, void, void>,
): AsyncGenerator<Value, void, void> {
  yield first;
  yield* rest;
}

/** Slices without what is with the flow already. */
async function* slicesOf({
  store,
  commit,
  resource,
}: Drained): AsyncGenerator<JournalEntry[], void, void> {
  let after: string | undefined;
  for (;;) {
    // Taken before the read: what is acknowledged while it runs may still be in its answer.
    const inFlight = commit.keysInFlight(resource);
    const slice = await store.readJournal(resource, SLICE, after);
    if (slice.length === 0) return;
    yield slice.filter(({ key }) => !inFlight.has(key));
    after = slice.at(-1)?.key;
  }
}
