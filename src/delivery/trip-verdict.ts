import type { SageCrmError } from '../errors/sagecrm-error';
import type { Breaker, Permit } from './breaker';
import type { Verdict } from './verdict';

/** What one try came to, or that there is nothing that could be sent. */
export type TripVerdict = Verdict | { kind: 'unsendable'; error: SageCrmError };

/** Tells a target's breaker what came of a request; undefined when it was stopped. */
export function tellBreaker(
  breaker: Breaker,
  permit: Permit,
  verdict: TripVerdict | undefined,
): void {
  switch (verdict?.kind) {
    case undefined:
    case 'unsendable':
      breaker.withdrawn(permit);
      return;
    case 'retry':
      breaker.failed(permit);
      return;
    case 'final':
      // Without a status the request never reached the target.
      if (verdict.error.details.statusCode === undefined) breaker.withdrawn(permit);
      else breaker.succeeded();
      return;
    case 'delivered':
    case 'gone':
      breaker.succeeded();
  }
}
