import type { Resource } from '../config/resources';
import { SageCrmError } from '../errors/sagecrm-error';
import type { DateLiteral } from '../sagecrm/sdata-translation';
import { plainUrl, type ListForm } from './list-url';
import type { Prober } from './prober';

export interface LiteralFinding {
  /** The style that works; undefined when neither does. */
  literal: DateLiteral | undefined;
  /** True when a clause that nothing meets finds records all the same. */
  whereIgnored: boolean;
  /** What the server said to the styles it refused. */
  refusals: SageCrmError[];
}

const STYLES: Readonly<Record<DateLiteral, readonly DateLiteral[]>> = {
  '@': ['@', "'"],
  "'": ["'", '@'],
};
/** Before and after every record, without a zone, so that no zone matters. */
const PAST = '1990-01-01T00:00:00';
const FUTURE = '2100-01-01T00:00:00';

/**
 * Finds out how Sage CRM's own API takes dates in a where clause. A style works when it is accepted
 * and finds the records that are known to be there. That of `form` is tried first.
 *
 * @param column a date column that holds dates in the first records
 */
export async function probeLiteral(
  prober: Prober,
  resource: Resource,
  column: string,
  form: ListForm,
): Promise<LiteralFinding> {
  const finds = async (literal: DateLiteral, date: string): Promise<boolean> => {
    const where = `${column} gt ${literal}${date}${literal}`;
    const rows = await prober.rows(plainUrl(resource, form, 1, { where }), 'sdata');
    return rows.length > 0;
  };
  const refusals: SageCrmError[] = [];
  for (const literal of STYLES[form.dateLiteral]) {
    try {
      if (!(await finds(literal, PAST))) continue;
      const whereIgnored = await finds(literal, FUTURE);
      return { literal, whereIgnored, refusals };
    } catch (error) {
      if (!(error instanceof SageCrmError) || error.code !== 'BAD_REQUEST') throw error;
      refusals.push(error);
    }
  }
  return { literal: undefined, whereIgnored: false, refusals };
}
