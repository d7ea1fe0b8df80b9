import { readAhead } from '../../effects/read-ahead';
import type { JournalEntry, PollStore } from '../../store/poll-store';
import type { PollLease } from '../lease';
import type { Commit, OnEmitted } from './commit';

/** Entries handed over at once; when they are committed on emission, what a crash may repeat at most. */
const SLICE = 100;
/** Entries read at once, if the flow may take so many: a reading waits for the disk several times. */
const MOST_READ = 4 * SLICE;

interface Drained {
  store: PollStore;
  commit: Commit;
  lease: Pick<PollLease, 'confirm'>;
  resource: string;
}

/**
 * Hands to the flow what the journal holds, in its order, slice by slice; what comes next is read
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
  const readings = readingsOf(drained);
  // Nearly always there is nothing, which need not cost a reading ahead.
  const first = await readings.next();
  if (first.done === true) return true;
  for await (const entries of readAhead(() => withFirst(first.value, readings), signal)) {
    for (let begin = 0; begin < entries.length; begin += SLICE) {
      // An instance that stood still would emit what another one has emitted meanwhile.
      await lease.confirm();
      // The node may have closed meanwhile: Node-RED drops what a closed flow sends.
      signal.throwIfAborted();
      const slice = entries.slice(begin, begin + SLICE);
      if (!(await commit.hand(resource, slice, signal, onEmitted))) return false;
    }
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

/** What the journal holds, without what is with the flow already. */
async function* readingsOf({
  store,
  commit,
  resource,
}: Drained): AsyncGenerator<JournalEntry[], void, void> {
  let after: string | undefined;
  for (;;) {
    // Taken before the read: what is acknowledged while it runs may still be in its answer.
    const inFlight = commit.keysInFlight(resource);
    const wanted = Math.max(SLICE, inFlight.size + commit.room);
    const entries = await store.readJournal(resource, Math.min(wanted, MOST_READ), after);
    if (entries.length === 0) return;
    yield entries.filter(({ key }) => !inFlight.has(key));
    after = entries.at(-1)?.key;
  }
}
