import { SageCrmError } from '../errors/sagecrm-error';
import { compileUrlTemplate } from '../template/url-template';
import { resolveZone } from '../template/zone';
import { toSDataUrl } from './sdata-translation';

/** Any date will do: whether a clause can be translated does not hang on it. */
const SAMPLE_DATE = Date.UTC(2026, 0, 31, 10);

/**
 * Checks that a resource's URL can be translated for Sage CRM's own API, before any poll.
 *
 * @param timezone the server's zone
 * @throws SageCrmError `WHERE_INVALID` with the position in the where clause
 */
export function checkTranslatable(resource: string, url: string, timezone: string): void {
  const zone = resolveZone(timezone);
  const sample = compileUrlTemplate(url, zone).render({ from: SAMPLE_DATE, now: SAMPLE_DATE });
  try {
    toSDataUrl(sample, { install: 'crm', serverZone: zone, dateLiteral: '@' });
  } catch (error) {
    if (!(error instanceof SageCrmError)) throw error;
    throw new SageCrmError(error.code, `resources.${resource}.url: ${error.what}`, error.nextStep, {
      cause: error,
      details: { ...error.details, resource, field: `resources.${resource}.url` },
    });
  }
}
