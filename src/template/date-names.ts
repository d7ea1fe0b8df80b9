import { Info } from 'luxon';

/** Java's English names; the order of all lists is that of the calendar, weekdays from Monday. */
const ENGLISH = { locale: 'en-US' };

export const LONG_MONTHS: readonly string[] = Info.months('long', ENGLISH);
export const SHORT_MONTHS: readonly string[] = Info.months('short', ENGLISH);
export const LONG_WEEKDAYS: readonly string[] = Info.weekdays('long', ENGLISH);
export const SHORT_WEEKDAYS: readonly string[] = Info.weekdays('short', ENGLISH);
export const ERAS: readonly string[] = Info.eras('short', ENGLISH);
export const MERIDIEMS: readonly string[] = Info.meridiems(ENGLISH);
