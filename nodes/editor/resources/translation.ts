import type { Problem } from '../../../src/config/problems';
import { SageCrmError } from '../../../src/errors/sagecrm-error';
import { checkTranslatable } from '../../../src/sagecrm/translatable';
import { isValidZone } from '../../../src/template/zone';
import { readResources } from './set';

/** The properties of a `sagecrm-config` node; missing when none is chosen, or nobody knows it. */
export type ServerProperties = Readonly<Record<string, unknown>> | null | undefined;

/**
 * Why a resource's URL cannot be put to the chosen server, whose API needs it translated. Undefined
 * where it can, where the API is not known before the flow runs, and for a fault of the URL itself.
 */
export function translationProblem(
  resource: string,
  url: unknown,
  server: ServerProperties,
): Problem | undefined {
  if (server?.api !== 'sdata' || typeof url !== 'string') return undefined;
  try {
    checkTranslatable(resource, url, zoneOf(server));
    return undefined;
  } catch (error) {
    if (!(error instanceof SageCrmError)) throw error;
    if (error.code !== 'WHERE_INVALID') return undefined;
    // The cause says the same without the name of the field, which the problem's path holds.
    const { message } = error.cause instanceof SageCrmError ? error.cause : error;
    return { path: error.details.field ?? resource, message };
  }
}

/** The same for every resource of a poll node's `resources` property. */
export function translationProblems(property: unknown, server: ServerProperties): Problem[] {
  return (readResources(property) ?? []).flatMap(
    ({ key, value }) => translationProblem(key, value.url, server) ?? [],
  );
}

/** The zone of a server; UTC for one that the editor does not know, such as that of a variable. */
export function zoneOf(server: ServerProperties): string {
  const timezone = server?.timezone;
  return typeof timezone === 'string' && isValidZone(timezone) ? timezone : 'UTC';
}
