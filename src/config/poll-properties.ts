import { z } from 'zod';
import { defaultResources } from './defaults';
import { flag, isoDate, numeric, text, checkForEditor } from './fields';
import type { Problem } from './problems';
import { resourcesSchema } from './resources';

const YEAR_MINUTES = 366 * 24 * 60;
const MONTH_SECONDS = 31 * 86_400;

/** Minutes between two polls, as a number or its text. */
export const intervalSchema = numeric({ min: 0, max: YEAR_MINUTES, fallback: 15 });

/** The properties of a `sagecrm-poll` node as a flow file holds them, brought to one form. */
export const pollPropertiesSchema = z
  .object({
    name: text(),
    /** Minutes; 0 polls only when a message comes in. */
    interval: intervalSchema,
    start: z.preprocess(
      (value) => (value === undefined || value === null || value === '' ? 'now' : value),
      z.enum(['now', 'date', 'all'], { error: 'expected now, date or all' }),
    ),
    startDate: z.preprocess(
      (value) => (value === '' || value === null ? undefined : value),
      isoDate().optional(),
    ),
    /** Seconds that each poll reads again. */
    overlap: numeric({ min: 0, max: MONTH_SECONDS, fallback: 120 }),
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
