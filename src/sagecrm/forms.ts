import type { ApiChoice } from '../config/config-properties';
import type { ErrorCode, SageCrmError } from '../errors/sagecrm-error';
import { hubResourceIn, isSDataPath } from './entities';
import { splitUrl } from './request-url';
import type { DateLiteral } from './sdata-translation';
import type { Api } from './source';

/** One way to ask a query. */
export interface Form {
  api: Api;
  /** Set when the query has to be translated for Sage CRM's own API. */
  translation?: { dateLiteral: DateLiteral; ordered: boolean };
}

/** What is known of a server's ways; undefined where nothing is known yet. */
export interface Finding {
  api?: Api;
  dateLiteral?: DateLiteral;
  /** False once the server refused `orderBy`. */
  ordered?: boolean;
}

export interface FormRules {
  api: ApiChoice;
  /** Absent: found out. */
  dateLiteral?: DateLiteral | 'auto';
}

/** The server does not know the path, or something else answers there: try the other API. */
const NEXT_API: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['NOT_FOUND', 'NOT_JSON']);

/** The ways to ask for `url`, the most promising first. */
export function formsFor(url: string, rules: FormRules, found: Finding): Form[] {
  const { path } = splitUrl(url);
  if (isSDataPath(path)) return [{ api: 'sdata' }];
  const hub: Form = { api: 'hub' };
  if (rules.api === 'hub' || hubResourceIn(path) === undefined) return [hub];
  const translated = translations(rules, found);
  if (rules.api === 'sdata') return translated;
  return found.api === 'sdata' ? [...translated, hub] : [hub, ...translated];
}

function translations(rules: FormRules, found: Finding): Form[] {
  const { dateLiteral: chosen = 'auto' } = rules;
  const preferred = chosen === 'auto' ? (found.dateLiteral ?? '@') : chosen;
  const other = preferred === '@' ? "'" : '@';
  const literals: DateLiteral[] = chosen === 'auto' ? [preferred, other] : [preferred];
  const orders = found.ordered === false ? [false] : [true, false];
  return literals.flatMap((dateLiteral) =>
    orders.map((ordered): Form => ({ api: 'sdata', translation: { dateLiteral, ordered } })),
  );
}

/** The forms still worth trying after `failed` met `error`. A refused log-on ends the search. */
export function formsAfter(error: SageCrmError, failed: Form, left: readonly Form[]): Form[] {
  if (isUnknownPath(error)) return left.filter(({ api }) => api !== failed.api);
  if (error.code !== 'BAD_REQUEST' || failed.translation === undefined) return [];
  return left.filter(({ api }) => api === failed.api);
}

export function isUnknownPath(error: SageCrmError): boolean {
  return NEXT_API.has(error.code);
}

/** True when the server has already answered a query in just this form. */
export function isProven(form: Form, found: Finding): boolean {
  return (
    form.translation !== undefined &&
    found.api === form.api &&
    found.dateLiteral === form.translation.dateLiteral &&
    found.ordered === form.translation.ordered
  );
}

/** What an answer in `form` tells. */
export function learned(url: string, form: Form, found: Finding): Finding {
  if (hubResourceIn(splitUrl(url).path) === undefined) return found;
  return { ...found, api: form.api, ...form.translation };
}
