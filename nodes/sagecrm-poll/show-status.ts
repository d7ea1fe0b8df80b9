import type { PollerStatus } from '../../src/poll/poller-status';
import type { Api } from '../../src/sagecrm/source';
import type { StatusLine } from '../runtime/status-line';

interface Shown {
  /** The API that was found, where finding out is left to us. */
  api: Api | undefined;
  /** Messages that wait for their acknowledgement. */
  unacknowledged: number;
}

/** Puts what a poller is doing into the node's status. */
export function showStatus(
  line: StatusLine,
  status: PollerStatus,
  { api, unacknowledged }: Shown,
): void {
  switch (status.kind) {
    case 'polling': {
      const { resource, position, count } = status;
      const records = status.records.toLocaleString('en-US');
      line.show('blue', 'dot', 'polling', { resource, position, count, records });
      return;
    }
    case 'idle':
      showIdle(line, status.changes, api);
      return;
    case 'waiting':
      line.show('yellow', 'ring', 'waiting', { number: unacknowledged });
      return;
    case 'elsewhere':
      line.show('grey', 'dot', 'elsewhere');
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

function showIdle(line: StatusLine, changes: number, api: Api | undefined): void {
  const key = changes === 0 ? 'idle' : 'changes';
  if (api === undefined) line.show('green', 'dot', key, { number: changes });
  else line.show('green', 'dot', `${key}Over`, { number: changes, api });
}
