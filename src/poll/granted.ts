import type { Clock } from '../effects/clock';
import { SageCrmError } from '../errors/sagecrm-error';
import type { Grant } from './lease';

/** How long to wait for an instance that polls the resource at this moment. */
const PATIENCE_MS = 60_000;

/**
 * Waits for the right to change a resource.
 *
 * @throws SageCrmError `LEASE_HELD` when another instance polls it for a minute; and what `acquire`
 *   throws
 */
export async function granted(
  acquire: () => Promise<Grant>,
  { resource, clock, signal }: { resource: string; clock: Clock; signal?: AbortSignal },
): Promise<void> {
  const end = clock.monotonic() + PATIENCE_MS;
  for (;;) {
    const grant = await acquire();
    if (grant.granted) return;
    if (clock.monotonic() >= end) throw leaseHeld(resource, grant.holder);
    await clock.sleep(grant.retryInMs, signal);
  }
}

function leaseHeld(resource: string, holder: string | undefined): SageCrmError {
  return new SageCrmError(
    'LEASE_HELD',
    `${resource} is being polled by another instance${holder === undefined ? '' : `, ${holder}`}`,
    'send the message again later, or to that instance',
    { details: { resource } },
  );
}
