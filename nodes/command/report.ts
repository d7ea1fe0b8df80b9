import { SageCrmError } from '../../src/errors/sagecrm-error';
import { otherThan, type StoreKind } from '../../src/store/migration/movable';
import type { MovedOutbox } from '../../src/store/migration/outbox-state';
import type { MovedPoll } from '../../src/store/migration/poll-state';
import type { MigrateOptions } from './arguments';
import type { FoundNode } from './find-nodes';

const NAMES: Readonly<Record<StoreKind, string>> = {
  embedded: 'the embedded store',
  redis: 'Redis',
};

const KINDS: Readonly<Record<FoundNode['kind'], string>> = {
  poll: 'sagecrm-poll',
  callback: 'sagecrm-callback',
};

interface Terminal {
  print: (line: string) => void;
  complain: (line: string) => void;
}

/** Tells on the terminal what was moved, and what was not. */
export class Report {
  failures = 0;

  constructor(private readonly terminal: Terminal) {}

  began({ from, userDir, isDryRun }: MigrateOptions, nodes: number): void {
    const route = `from ${NAMES[from]} to ${NAMES[otherThan(from)]}`;
    const act = isDryRun ? 'Would move (nothing is changed)' : 'Moving';
    const some = nodes === 1 ? '1 node' : `${nodes} nodes`;
    const what = nodes === 0 ? 'nothing, as no node has state there' : some;
    this.terminal.print(`${act} ${route}, user directory ${userDir}: ${what}`);
  }

  node({ kind, id }: FoundNode): void {
    this.terminal.print(`${KINDS[kind]} ${id}`);
  }

  /** @param moved undefined: there was nothing, or it was moved before */
  line(name: string, moved = 'nothing to move'): void {
    this.terminal.print(`  ${name}: ${moved}`);
  }

  failed(error: unknown): void {
    this.failures += 1;
    const known = error instanceof SageCrmError ? error : undefined;
    const text = error instanceof Error ? error.message : String(error);
    this.terminal.complain(`  ${known?.code ?? 'INTERNAL'}: ${isLocked(known) ? STOP_IT : text}`);
  }

  ended({ from, isDryRun }: MigrateOptions): void {
    if (isDryRun) return;
    if (this.failures > 0) {
      this.terminal.print('Not all was moved; nothing is lost, and what was moved stays moved.');
      return;
    }
    const to = NAMES[otherThan(from)];
    this.terminal.print(`Done. Start Node-RED, and choose ${to} as the store in the server node.`);
  }
}

const STOP_IT =
  'Node-RED, or another process, works with this user directory: stop it, then run the command again';

function isLocked(error: SageCrmError | undefined): boolean {
  return error?.code === 'STATE_LOCKED';
}

export function pollText({ events, seen, versions, known }: MovedPoll): string {
  return `${events} events not handed over, ${seen} ids seen, ${versions} versions, ${known} ids listed`;
}

export function outboxText({ events, letters, silenced }: MovedOutbox): string {
  return `${events} events waiting, ${letters} dead letters, ${silenced} silenced receivers`;
}
