import { SageCrmError } from '../errors/sagecrm-error';
import type { Envelope, RenderedEnvelope } from '../event/envelopes/envelope';
import type { OutboxEntry } from '../store/outbox-store';

/** So many faults of the receiver's program are put down to one event among several. */
const FAULTS_OF_A_BATCH = 2;

/** Statuses of a receiver that is not there at the moment, whatever it is sent. */
const ABSENT_STATUSES = new Set([502, 503, 504]);

/**
 * The time in a body is that of taking or of putting together, so that it is the same in each try.
 *
 * @param entries one or more, in the order of taking
 * @param sealedAt when they were put together
 * @throws SageCrmError for what the envelope cannot carry
 */
export function render(
  envelope: Envelope,
  entries: readonly OutboxEntry[],
  sealedAt: number | undefined,
): RenderedEnvelope {
  const [first, ...rest] = entries;
  if (first === undefined) throw new RangeError('a webhook without events');
  return envelope.render([first.message, ...rest.map(({ message }) => message)], {
    instanceId: first.instanceId,
    now: rest.length === 0 ? first.takenAt : (sealedAt ?? first.takenAt),
  });
}

/** Whether a fault of the receiver's program answered, such as 500. */
export function isFault(statusCode: number | undefined): boolean {
  return statusCode !== undefined && statusCode >= 500 && !ABSENT_STATUSES.has(statusCode);
}

/** Whether so many faults mean that one event spoils the webhook for the others. */
export function mustBeTakenApart(events: number, faults: number): boolean {
  return events > 1 && faults >= FAULTS_OF_A_BATCH;
}

/** What a fault in putting a webhook together counts as. */
export function asSageCrmError(error: unknown): SageCrmError {
  if (error instanceof SageCrmError) return error;
  return new SageCrmError(
    'INTERNAL',
    'The webhook could not be put together',
    'report this, with the event of the dead letter',
    { cause: error },
  );
}
