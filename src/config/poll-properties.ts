import * as z from 'zod';
import { defaultResources } from './defaults';
import { checkForEditor, choice, flag, isoDate, numeric, text } from './fields';
import type { Problem } from './problems';
import { resourcesSchema } from './resources';

const YEAR_MINUTES = 366 * 24 * 60;
const MONTH_SECONDS = 31 * 86_400;
const MONTH_HOURS = 31 * 24;
const MOST_IN_FLIGHT = 100_000;

/** Minutes between two polls, as a number or its text. */
export const intervalSchema = numeric({ min: 0, max: YEAR_MINUTES, fallback: 15 });

/** The properties of a `sagecrm-poll` node as a flow file holds them, brought to one form. */
export const pollPropertiesSchema = z
  .object({
    name: text(),
    /** Minutes; 0 polls only when a message comes in. */
    interval: intervalSchema,
    start: choice(['now', 'date', 'all'], 'now'),
    startDate: z.preprocess(
      (value) => (value === '' || value === null ? undefined : value),
      isoDate().optional(),
    ),
    /** Seconds that each poll reads again. */
    overlap: numeric({ min: 0, max: MONTH_SECONDS, fallback: 120 }),
    /** Hours that a poll reads again now and then, for commits later than the overlap; 0: never. */
    lateWindow: numeric({ min: 0, max: MONTH_HOURS, fallback: 24 }),
    /** When an event counts as handed over: when it was emitted, or when the flow says so. */
    commit: choice(['emitted', 'acknowledged'], 'emitted'),
    /** How many messages the flow may hold unacknowledged. */
    maxInFlight: numeric({ min: 1, max: MOST_IN_FLIGHT, whole: true, fallback: 1000 }),
    /** Minutes after which an unacknowledged message comes again; 0: after a restart only. */
    redeliverAfter: numeric({ min: 0, max: YEAR_MINUTES, fallback: 30 }),
    report: flag(false),
    resources: z.preprocess((value) => value ?? defaultResources(), resourcesSchema),
  })
  .refine((properties) => properties.start !== 'date' || properties.startDate !== undefined, {
    error: 'expected the date to start from, such as 2026-01-31T00:00:00Z',
    path: ['startDate'],
  });

export type PollProperties = z.output<typeof pollPropertiesSchema>;

/** What the editor shows beside the fields; environment variables are left to the runtime. */
export function checkPollProperties(value: unknown): Problem[] {
  return checkForEditor(pollPropertiesSchema, value);
}
