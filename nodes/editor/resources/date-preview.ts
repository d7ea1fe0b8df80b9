import { DateTime } from 'luxon';
import { SageCrmError } from '../../../src/errors/sagecrm-error';
import { compileDatePattern } from '../../../src/template/java-date-pattern';
import { resolveZone } from '../../../src/template/zone';

/** One instant as a date column writes it, and as the server's clock shows it. */
export interface DateSample {
  written: string;
  local: string;
}

/**
 * How the present moment looks in a date column; undefined while its format or zone is not valid.
 *
 * @param now epoch milliseconds
 */
export function dateSample(
  { format, timezone }: { format: string; timezone: string },
  serverZone: string,
  now: number,
): DateSample | undefined {
  try {
    const local = DateTime.fromMillis(now, { zone: resolveZone(serverZone) });
    return {
      written: compileDatePattern(format).format(now, resolveZone(timezone)),
      local: local.toFormat('yyyy-MM-dd HH:mm:ss'),
    };
  } catch (error) {
    if (error instanceof SageCrmError) return undefined;
    throw error;
  }
}
