import type { PollerStatus } from '../../src/poll/poller-status';
import type { StatusLine } from '../runtime/status-line';

/** Puts what a poller is doing into the node's status. */
export function showStatus(line: StatusLine, status: PollerStatus): void {
  switch (status.kind) {
    case 'polling': {
      const { resource, position, count } = status;
      const records = status.records.toLocaleString('en-US');
      line.show('blue', 'dot', 'polling', { resource, position, count, records });
      return;
    }
    case 'idle':
      if (status.changes === 0) line.show('green', 'dot', 'idle');
      else line.show('green', 'dot', 'changes', { number: status.changes });
      return;
    case 'paused':
      line.show('grey', 'ring', 'paused');
      return;
    case 'refused':
      line.show('red', 'ring', 'refused');
      return;
    case 'failed':
      line.show('red', 'ring', 'failed', {
        resource: status.resource ?? '',
        code: status.error.code,
      });
  }
}
