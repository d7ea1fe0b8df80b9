import type { PreviewDate, PreviewRecord } from '../../../src/preview/preview-record';
import type { SentRequest } from '../../../src/preview/recorded-client';
import type { TryOutcome, TryProblem } from '../../../src/preview/try-resource';

/** What `POST /sagecrm-poll/try` answers. */
export interface TryAnswer extends TryOutcome {
  request: SentRequest;
  durationMs: number;
}

/** The text for a key below `try`. */
export type TryText = (key: string, values?: Record<string, unknown>) => string;

/** Shows what one page of a resource holds, and what a poll would make of it. */
export function answerView(answer: TryAnswer, text: TryText): JQuery {
  const { request, rows, more, records, problems, durationMs, days, since = '' } = answer;
  const key = rows === 0 ? 'nothing' : answer.window;
  const count = more ? `${rows}+` : String(rows);
  const view = $('<div>').append(
    $('<p class="sagecrm-try-window">').text(text(key, { days, since, count })),
    $('<div class="sagecrm-hint sagecrm-preview">').text(readable(request.url)),
    $('<div class="sagecrm-hint">').text(
      text('asked', { api: text(`api.${request.api}`), rows, ms: durationMs }),
    ),
    ...problems.map((problem) => problemView(problem, text)),
  );
  if (records.length === 0) return view;
  const list = $('<ol class="sagecrm-try-records">').attr('aria-label', text('records'));
  return view.append(list.append(records.map((record) => recordView(record, text))));
}

/** A failure, or what is wrong with the page, with what to do. */
export function problemView(
  { message, nextStep, stops }: Pick<TryProblem, 'message' | 'nextStep' | 'stops'>,
  text: TryText,
): JQuery {
  return $('<div class="sagecrm-try-problem">')
    .toggleClass('sagecrm-try-warning', !stops)
    .append(
      $('<i aria-hidden="true">').addClass(`fa ${stops ? 'fa-times-circle' : 'fa-warning'}`),
      $('<strong>').text(message),
      $('<div>').text(nextStep === '' ? '' : text('next', { step: nextStep })),
    );
}

function recordView(found: PreviewRecord, text: TryText): JQuery {
  const { record, id, updated, created, event, dropped } = found;
  const head = $('<div class="sagecrm-try-head">').append(
    event === undefined
      ? badge('dropped', text('dropped'))
      : badge(event.eventType.toLowerCase(), event.eventType),
    $('<code>').text(id === '' ? text('noId') : id),
  );
  if (dropped !== undefined) head.append($('<span>').text(text(`reason.${dropped}`)));
  const dates = $('<dl>').append(dateView(updated, text('updated'), text));
  if (created !== undefined) dates.append(dateView(created, text('created'), text));
  const fold = $('<details>').append(
    $('<summary>').text(text('record')),
    $('<pre tabindex="0">')
      .attr('aria-label', text('record'))
      .text(JSON.stringify(record, null, 2)),
  );
  return $('<li>').append(head, dates, fold);
}

function badge(kind: string, label: string): JQuery {
  return $('<span>').addClass(`sagecrm-try-badge sagecrm-try-${kind}`).text(label);
}

function dateView(
  { field, raw, utc, local, orLater }: PreviewDate,
  what: string,
  text: TryText,
): JQuery {
  const entry = $('<dd>').append($('<code>').text(raw === null ? text('noValue') : plain(raw)));
  if (utc === undefined) {
    if (raw !== null) entry.append($('<strong>').text(text('unreadable')));
  } else {
    const shown = local === undefined || local === utc ? utc : text('understood', { utc, local });
    entry.append($('<span>').text(shown));
    if (orLater !== undefined) entry.append($('<span>').text(text('orLater', { utc: orLater })));
  }
  return $('<dt>').text(`${what} · ${field}`).add(entry);
}

function plain(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function readable(url: string): string {
  try {
    return decodeURIComponent(url);
  } catch {
    return url;
  }
}
