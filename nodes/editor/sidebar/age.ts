import { make, setAttribute, setText } from './elements';
import { locale, text } from './text';
import { fullTime, relativeTime } from './times';

const CLASS = 'sagecrm-sb-age';

/** An instant as its distance from now; `refreshAges` keeps it right. */
export function ageElement(): HTMLTimeElement {
  return make('time', CLASS);
}

/** @param at milliseconds since the Unix epoch; null: never, or none */
export function setAge(
  element: HTMLTimeElement,
  at: number | null,
  now: number,
  none: string,
): void {
  setAttribute(element, 'data-at', at === null ? undefined : String(at));
  setAttribute(element, 'datetime', at === null ? undefined : new Date(at).toISOString());
  setAttribute(element, 'title', at === null ? undefined : fullTime(at, locale()));
  setText(element, at === null ? none : ageText(at, now));
}

/** Brings every age below `root` up to date. */
export function refreshAges(root: HTMLElement, now: number): void {
  for (const element of root.querySelectorAll<HTMLTimeElement>(`.${CLASS}[data-at]`)) {
    setText(element, ageText(Number(element.dataset.at), now));
  }
}

function ageText(at: number, now: number): string {
  return relativeTime(at, now, locale()) ?? text('time.now');
}
