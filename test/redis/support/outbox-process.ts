import { SageCrmError } from '../../../src/errors/sagecrm-error';
import { sampleMessage } from '../../unit/delivery/support/sample';
import type { FromProcess, MemberOptions, ToProcess } from './outbox-member';
import { sharedOutbox } from './shared-outbox';

/** What is under way then is dealt with. */
const LONGEST_CLOSING_MS = 60_000;

/** A Node.js process with one instance's part of a shared outbox, steered by its parent. */
function tell(message: FromProcess): void {
  process.send?.(message);
}

async function main(): Promise<void> {
  const options = JSON.parse(process.argv[2] ?? '') as MemberOptions;
  const outbox = sharedOutbox({
    ...{ ...options, concurrency: 8 },
    schedule: [0, ...Array.from({ length: 50 }, () => 200)],
    onOutcome: ({ entry, status }) => {
      tell({ kind: 'outcome', id: entry.message.event.eventId, status });
    },
    onAnswer: () => {
      tell({ kind: 'answered' });
    },
    onError: (error) => {
      tell({ kind: 'fault', text: String(error) });
    },
  });
  await outbox.start();
  process.on('message', (message: ToProcess) => {
    if (message.kind === 'close') {
      void outbox.close(LONGEST_CLOSING_MS).then(() => process.exit(0));
      return;
    }
    const { id, record } = message;
    const sample = sampleMessage({ eventId: id, objectId: record });
    // A webhook of several events tells no ids of theirs.
    const taken = { ...sample, payload: { ...sample.payload, Comp_Name: id } };
    outbox.take({ message: taken, target: '', instanceId: 'poll-1' }).then(
      () => {
        tell({ kind: 'taken', id });
      },
      (error: unknown) => {
        tell({ kind: 'refused', id, code: error instanceof SageCrmError ? error.code : '' });
      },
    );
  });
  process.on('disconnect', () => process.exit(0));
  tell({ kind: 'ready' });
}

void main();
