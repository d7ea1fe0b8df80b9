import type { NodeAPI } from 'node-red';
import type { OutboxStatus } from '../../src/delivery/outbox-status';
import type { Retry } from '../../src/delivery/outcome';
import type { Clock } from '../../src/effects/clock';
import { SageCrmError } from '../../src/errors/sagecrm-error';
import type { StatusLine, StatusValues } from '../runtime/status-line';

/** The age of what waits is shown anew this often while nothing else happens. */
const REFRESH_MS = 30_000;

/** Shows in the node's status how deliveries go: how much waits, for how long, and why. */
export class DeliveryStatus {
  private delivered = 0;
  private retry: Retry | undefined;
  private refreshing = new AbortController();
  private isClosed = false;

  constructor(
    private readonly RED: NodeAPI,
    private readonly line: StatusLine,
    private readonly clock: Clock,
  ) {}

  noteDelivered(): void {
    this.delivered += 1;
    this.retry = undefined;
  }

  noteRetry(retry: Retry): void {
    this.retry = retry;
  }

  showFailure(error: SageCrmError): void {
    this.refreshing.abort();
    this.line.show('red', 'ring', 'stopped', { code: error.code });
  }

  show(status: OutboxStatus): void {
    const { depth, breaker, gone } = status;
    const values = this.valuesOf(status);
    if (gone.length > 0) this.line.show('red', 'ring', 'gone', values);
    else if (breaker === 'open') this.line.show('red', 'ring', 'open', values);
    else if (breaker === 'half-open') this.line.show('yellow', 'ring', 'halfOpen', values);
    else if (depth > 0 && this.retry !== undefined) this.showRetry(this.retry, values);
    else if (depth > 0) this.line.show('blue', 'dot', 'sending', values);
    else this.line.show('green', 'dot', 'delivered', values);
    this.refreshLater(status);
  }

  /** An outbox that ends may tell how it stands after that. */
  close(): void {
    this.isClosed = true;
    this.refreshing.abort();
    this.line.close();
  }

  private showRetry({ attempt, error }: Retry, values: StatusValues): void {
    this.line.show('yellow', 'ring', 'retry', { ...values, attempt, cause: causeOf(error) });
  }

  private valuesOf({ depth, oldestAt, dead }: OutboxStatus): StatusValues {
    const age = oldestAt === undefined ? '' : this.age(this.clock.now() - oldestAt);
    const letters = dead === 0 ? '' : this.RED._('sagecrm-callback.status.dead', { number: dead });
    return { number: this.delivered, depth, age, letters };
  }

  private age(ms: number): string {
    const seconds = Math.max(0, Math.round(ms / 1000));
    const [key, number] =
      seconds < 60
        ? ['seconds', seconds]
        : seconds < 3600
          ? ['minutes', Math.floor(seconds / 60)]
          : seconds < 172_800
            ? ['hours', Math.floor(seconds / 3600)]
            : ['days', Math.floor(seconds / 86_400)];
    return this.RED._(`sagecrm-callback.age.${key}`, { number });
  }

  private refreshLater(status: OutboxStatus): void {
    this.refreshing.abort();
    if (status.depth === 0 || this.isClosed) return;
    this.refreshing = new AbortController();
    const again = (): void => {
      this.show(status);
    };
    this.clock.sleep(REFRESH_MS, this.refreshing.signal).then(again, () => undefined);
  }
}

/** Short enough for a status: the HTTP status, else the code of what went wrong at last. */
function causeOf({ code, details, cause }: SageCrmError): string {
  if (cause instanceof SageCrmError) return causeOf(cause);
  return details.statusCode === undefined ? code : `HTTP ${details.statusCode}`;
}
