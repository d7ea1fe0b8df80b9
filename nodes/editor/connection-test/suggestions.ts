import type { TestStep } from '../../../src/discovery/test-step';
import { isValidZone, resolveZone } from '../../../src/template/zone';

/** A value that a step of the test has found for a field of the form. */
export interface Suggestion {
  field: 'api' | 'install' | 'timezone' | 'dateLiteral';
  value: string;
}

/**
 * What a step has found out that the form says otherwise.
 *
 * @param properties those the test was made with
 * @param here the time zone of the browser: it stands for an offset that it has now, since an offset
 *   by itself knows no summer time
 * @param now epoch milliseconds
 */
export function suggestionsOf(
  { id, outcome, facts = {} }: TestStep,
  properties: Readonly<Record<string, unknown>>,
  here: string,
  now: number,
): Suggestion[] {
  const { suggestedInstall, suggestedTimezone, api, dateLiteral } = facts;
  const found: Suggestion[] = [];
  if (id === 'install' && typeof suggestedInstall === 'string') {
    found.push({ field: 'install', value: suggestedInstall });
  }
  if (id === 'zone' && typeof suggestedTimezone === 'string') {
    found.push({ field: 'timezone', value: zoneAt(suggestedTimezone, here, now) });
  }
  if (id === 'api' && typeof api === 'string') found.push({ field: 'api', value: api });
  if (id === 'dateLiteral' && outcome === 'failure' && typeof dateLiteral === 'string') {
    found.push({ field: 'dateLiteral', value: dateLiteral });
  }
  return found.filter(({ field, value }) => properties[field] !== value);
}

function zoneAt(offset: string, here: string, now: number): string {
  const isHere =
    isValidZone(here) && resolveZone(here).offset(now) === resolveZone(offset).offset(now);
  return isHere ? here : offset;
}
