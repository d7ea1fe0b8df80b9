import type { Zone } from 'luxon';
import type { Resource } from '../config/resources';
import type { Clock } from '../effects/clock';
import { SageCrmError } from '../errors/sagecrm-error';
import { toldError, type ToldError } from '../errors/told-error';
import { isoDate } from '../event/iso-date';
import { pollDateAt } from '../poll/changes';
import { createRecordReader, type RecordReader } from '../poll/candidate';
import { ColumnCheck } from '../poll/column-check';
import { lookBackMs, type Start } from '../poll/window';
import { isSDataPath } from '../sagecrm/entities';
import { joinUrl, parameter, splitUrl, withParameter } from '../sagecrm/request-url';
import type { Page, Query, Source } from '../sagecrm/source';
import { compileUrlTemplate } from '../template/url-template';
import { previewRecord, type PreviewRecord } from './preview-record';

export interface TryOptions {
  resource: Resource;
  /** Where a node that has polled nothing yet begins. */
  start: Start;
  overlapSeconds: number;
  /** The server's zone. */
  zone: Zone;
  source: Source;
  clock: Clock;
  instanceName: string;
  tags: readonly string[];
}

/**
 * What was asked for: the changes of the last days, those since the start date, or, where there were
 * none or the node starts with all, any records.
 */
export type TryWindow = 'recent' | 'date' | 'any';

/** What is wrong with the page as a whole. */
export interface TryProblem extends ToldError {
  /** Set when polls fail by it. */
  stops: boolean;
}

export interface TryOutcome {
  window: TryWindow;
  /** The instant asked from, ISO 8601 in UTC; absent for any records. */
  since?: string;
  /** How many days `recent` means. */
  days: number;
  /** Rows on the page, of which `records` holds the first few. */
  rows: number;
  /** True when more pages follow. */
  more: boolean;
  problems: TryProblem[];
  records: PreviewRecord[];
}

/** How far back is looked when the node starts with the changes from now on. */
const RECENT_DAYS = 30;
const DAY_MS = 86_400_000;
/** Rows asked for; a few more than are shown tell how full the page is. */
const PAGE_SIZE = 20;
/** Records shown. */
const MOST_RECORDS = 10;

/**
 * Reads one small page of a resource as its next poll would, and tells what the poll would make of
 * its records. Nothing is stored, and nothing is taken from what is stored. A page without rows is
 * followed by one question without a lower bound, so that there is something to look at.
 *
 * @throws SageCrmError as a poll does when the server gives no page
 */
export async function tryResource(options: TryOptions, signal: AbortSignal): Promise<TryOutcome> {
  const now = options.clock.now();
  const first = firstBound(options, now);
  const outcome = await readOnce(options, first, now, signal);
  if (outcome.rows > 0 || first.window === 'any') return outcome;
  return readOnce(options, ANY, now, signal);
}

interface Bound {
  window: TryWindow;
  from: number | null;
  floor: number | null;
}

const ANY: Bound = { window: 'any', from: null, floor: null };

function firstBound({ start, overlapSeconds, resource, zone }: TryOptions, now: number): Bound {
  switch (start.from) {
    case 'now':
      if (!compileUrlTemplate(resource.url, zone).hasLowerBound) return ANY;
      return { window: 'recent', from: now - RECENT_DAYS * DAY_MS, floor: null };
    case 'all':
      return ANY;
    case 'date': {
      const from = start.at - lookBackMs(overlapSeconds, resource.pollDelay);
      return { window: 'date', from, floor: start.at };
    }
  }
}

async function readOnce(
  options: TryOptions,
  bound: Bound,
  now: number,
  signal: AbortSignal,
): Promise<TryOutcome> {
  const { resource, zone } = options;
  const page = await firstPage(options, queryFor(options, bound.from ?? 0, now), signal);
  const pollBegan = page.serverTime ?? now;
  const reader = createRecordReader(resource, zone);
  const context = {
    ...{ resource, reader, zone, instanceName: options.instanceName, tags: options.tags },
    pollDate: pollDateAt(now),
    bounds: { from: bound.from, floor: bound.floor, pollBegan },
  };
  return {
    window: bound.window,
    ...(bound.from !== null && { since: isoDate(bound.from) }),
    days: RECENT_DAYS,
    rows: page.rows.length,
    more: page.more,
    problems: problemsOf(resource, reader, page),
    records: page.rows.slice(0, MOST_RECORDS).map((record) => previewRecord(record, context)),
  };
}

async function firstPage({ source }: TryOptions, query: Query, signal: AbortSignal): Promise<Page> {
  for await (const page of source.pages(query, signal)) return page;
  return { rows: [], more: false };
}

function queryFor({ resource, zone }: TryOptions, from: number, now: number): Query {
  const { key, url, pageSize = PAGE_SIZE, updated } = resource;
  return {
    resource: key,
    url: withSmallPage(compileUrlTemplate(url, zone).render({ from, now })),
    pageSize: Math.min(pageSize, PAGE_SIZE),
    updatedField: updated.field,
  };
}

/** A size that the URL itself names would count more than that of the query. */
function withSmallPage(text: string): string {
  const url = splitUrl(text);
  const name = isSDataPath(url.path) ? 'count' : 'pageSize';
  const written = Number(parameter(url, name) ?? 0);
  return written > PAGE_SIZE ? joinUrl(withParameter(url, name, String(PAGE_SIZE))) : text;
}

function problemsOf(resource: Resource, reader: RecordReader, page: Page): TryProblem[] {
  const problems: TryProblem[] = [];
  const note = (error: SageCrmError, stops: boolean): void => {
    problems.push({ ...toldError(error), stops });
  };
  const columns = new ColumnCheck(resource, reader, (warning) => {
    note(warning, false);
  });
  try {
    columns.check(page);
  } catch (error) {
    if (!(error instanceof SageCrmError)) throw error;
    note(error, true);
  }
  return problems;
}
