import type { Zone } from 'luxon';
import type { Resource } from '../config/resources';
import { entityOf, hubResourceIn, isSDataPath } from '../sagecrm/entities';
import { joinUrl, splitUrl, withoutParameters, withParameter } from '../sagecrm/request-url';
import { toSDataUrl, type DateLiteral } from '../sagecrm/sdata-translation';
import type { Api } from '../sagecrm/source';
import { compileUrlTemplate, type TemplateDates } from '../template/url-template';

/** How a server wants its questions. */
export interface ListForm {
  api: Api;
  install: string;
  serverZone: Zone;
  /** The zone dates are written in for Sage CRM's own API; absent: as the server's zone asks. */
  literalZone?: Zone;
  dateLiteral: DateLiteral;
}

/** Earlier than any record of any Sage CRM, and a date that every database has. */
export const LONG_AGO = Date.UTC(1990, 0, 1);

/** Where the entities of Sage CRM's own API are. */
export function sdataPath(install: string, name: string): string {
  return `/sdata/${install}j/sagecrm2/-/${name}`;
}

/**
 * The API a resource is had from, whatever is found: a path of Sage CRM's own API is used as
 * written, and only a hub path has another form. Undefined when the choice is open.
 */
export function fixedApiOf(resource: Pick<Resource, 'url'>): Api | undefined {
  const { path } = splitUrl(resource.url);
  if (isSDataPath(path)) return 'sdata';
  return hubResourceIn(path) === undefined ? 'hub' : undefined;
}

/** The entity a resource's URL leads to, as Sage CRM names it; undefined when it cannot be told. */
export function entityIn(resource: Pick<Resource, 'url'>): string | undefined {
  const { path } = splitUrl(resource.url);
  const hub = hubResourceIn(path);
  if (hub !== undefined) return entityOf(hub);
  return isSDataPath(path) ? /\/-\/([\w$]+)/.exec(path)?.[1] : undefined;
}

/** The resource's own question as a poll asks it, for at most `count` records. */
export function pollUrl(
  resource: Resource,
  dates: TemplateDates,
  form: ListForm,
  count: number,
): string {
  return limited(compileUrlTemplate(resource.url, form.serverZone).render(dates), form, count);
}

/** The same list without its conditions; `extra` parameters are for Sage CRM's own API. */
export function plainUrl(
  resource: Resource,
  form: ListForm,
  count: number,
  extra: Readonly<Record<string, string>> = {},
): string {
  const dates = { from: LONG_AGO, now: LONG_AGO };
  const rendered = compileUrlTemplate(resource.url, form.serverZone).render(dates);
  const bare = withoutParameters(splitUrl(rendered), ['where', 'orderBy', 'nextPage']);
  const url = splitUrl(limited(joinUrl(bare), form, count));
  return joinUrl(
    Object.entries(extra).reduce((built, [name, value]) => withParameter(built, name, value), url),
  );
}

function limited(url: string, form: ListForm, count: number): string {
  if (form.api === 'hub') return joinUrl(withParameter(splitUrl(url), 'pageSize', String(count)));
  const sdata = toSDataUrl(url, form) ?? url;
  return joinUrl(withParameter(splitUrl(sdata), 'count', String(count)));
}
