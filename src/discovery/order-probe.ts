import type { Zone } from 'luxon';
import type { Resource } from '../config/resources';
import { SageCrmError } from '../errors/sagecrm-error';
import type { CrmRecord } from '../event/event';
import { readDates } from './columns';
import { plainUrl, type ListForm } from './list-url';
import type { Prober } from './prober';

export interface OrderFinding {
  /** Undefined when the records at hand cannot tell. */
  honoured: boolean | undefined;
  /** The column asked to order by. */
  column: string;
  /** Set when the server refuses the parameter. */
  refusal?: SageCrmError;
  /** With an honoured order, the records changed last. */
  newest: readonly CrmRecord[];
}

const PAGE = 5;

/**
 * Asks Sage CRM's own API for the same list in both directions. A server from before `orderBy`
 * ignores it, so the two pages themselves must show the order.
 */
export async function probeOrder(
  prober: Prober,
  resource: Resource,
  column: string,
  form: ListForm,
): Promise<OrderFinding> {
  const page = (direction: string): Promise<readonly CrmRecord[]> =>
    prober.rows(plainUrl(resource, form, PAGE, { orderBy: `${column} ${direction}` }), 'sdata');
  try {
    const down = await page('desc');
    const up = await page('asc');
    const honoured = isOrdered(down, up, resource, form.serverZone);
    return { honoured, column, newest: honoured === true ? down : [] };
  } catch (error) {
    if (!(error instanceof SageCrmError) || error.code !== 'BAD_REQUEST') throw error;
    return { honoured: false, column, refusal: error, newest: [] };
  }
}

function isOrdered(
  down: readonly CrmRecord[],
  up: readonly CrmRecord[],
  resource: Resource,
  serverZone: Zone,
): boolean | undefined {
  const falling = instants(down, resource, serverZone);
  const rising = instants(up, resource, serverZone);
  if (new Set([...falling, ...rising]).size < 2) return undefined;
  return isRising(rising) && isRising(falling.toReversed());
}

function instants(rows: readonly CrmRecord[], { updated }: Resource, serverZone: Zone): number[] {
  return readDates(rows, updated, serverZone).flatMap(({ at }) => (at === undefined ? [] : [at]));
}

function isRising(times: readonly number[]): boolean {
  return times.every((time, index) => index === 0 || time >= (times[index - 1] ?? time));
}
