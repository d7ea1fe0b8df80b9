import { Duration } from 'luxon';
import { intervalSchema } from '../../src/config/poll-properties';

/** What an interval means; `polls` and `every` are for people, in the language of the editor. */
export interface IntervalHint {
  key: 'never' | 'often';
  values: { every: string; polls: string };
}

const DAY_MINUTES = 1440;

/**
 * What the field of the interval means; undefined while it holds no interval, such as a variable.
 *
 * @param language as the editor names it, such as `en-US`
 */
export function intervalHint(value: unknown, language: string): IntervalHint | undefined {
  const read = intervalSchema.safeParse(value);
  if (!read.success) return undefined;
  const minutes = read.data;
  if (minutes === 0) return { key: 'never', values: { every: '', polls: '0' } };
  const every = Duration.fromObject({ minutes }, { locale: language }).rescale().toHuman();
  const polls = (DAY_MINUTES / minutes).toLocaleString(language, { maximumFractionDigits: 1 });
  return { key: 'often', values: { every, polls } };
}
