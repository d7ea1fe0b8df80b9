import { SageCrmError } from '../../../src/errors/sagecrm-error';
import { sampleMessage } from '../../unit/delivery/support/sample';
import type { FromProcess, ToProcess } from './outbox-member';
import { sharedOutbox } from './shared-outbox';

/** A Node.js process with one instance's part of a shared outbox, steered by its parent. */
function tell(message: FromProcess): void {
  process.send?.(message);
}

async function main(): Promise<void> {
  const [redisUrl = '', url = '', prefix = '', lockMs = ''] = process.argv.slice(2);
  const outbox = sharedOutbox({
    ...{ redisUrl, url, prefix, lockMs: Number(lockMs), concurrency: 8 },
    schedule: [0, ...Array.from({ length: 50 }, () => 200)],
    onOutcome: ({ entry, status }) => {
      tell({ kind: 'outcome', id: entry.message.event.eventId, status });
    },
    onError: (error) => {
      tell({ kind: 'fault', text: String(error) });
    },
  });
  await outbox.start();
  process.on('message', (message: ToProcess) => {
    if (message.kind === 'close') {
      void outbox.close().then(() => process.exit(0));
      return;
    }
    const { id, record } = message;
    const taken = sampleMessage({ eventId: id, objectId: record });
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
