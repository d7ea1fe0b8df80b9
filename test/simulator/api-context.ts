import type { SimulatedCrm } from './data';
import type { SimulatorOptions } from './options';
import type { RowQueries } from './row-query';
import type { ServerDates } from './server-dates';

/** What both APIs work with; made anew for each request, as options may change between them. */
export interface ApiContext {
  crm: SimulatedCrm;
  options: SimulatorOptions;
  queries: RowQueries;
  dates: ServerDates;
}

/** The total an answer states: the true one, the page's own, or any number. */
export function statedTotal(
  total: number,
  returned: number,
  wrong: boolean | number | undefined,
): number {
  if (typeof wrong === 'number') return wrong;
  return wrong === true ? returned : total;
}

/** A parameter that counts something; NaN when it is not a whole number of at least `least`. */
export function countParameter(text: string | null, fallback: number, least: number): number {
  if (text === null) return fallback;
  return /^\d+$/.test(text) && Number(text) >= least ? Number(text) : Number.NaN;
}
