import * as z from 'zod';
import { compileDatePattern } from '../template/java-date-pattern';
import { compileUrlTemplate } from '../template/url-template';
import { resolveZone } from '../template/zone';
import { compilesWith, flag, numeric, objectOrJson, requiredText, zoneName } from './fields';
import { check, type Problem } from './problems';

/** How to read one date of a record. */
export interface DateColumn {
  field: string;
  /** A Java `SimpleDateFormat` pattern, or `milliseconds`. */
  format: string;
  /** The zone of a date that carries none. */
  timezone: string;
}

/** One resource of a poll node, with every default filled in. */
export interface Resource {
  /** Its name in the configuration: the `objectType` of its events. */
  key: string;
  enabled: boolean;
  /** Path and query below the server's address, with template variables. */
  url: string;
  /** A column, or a path such as `user.id`. */
  idField: string;
  updated: DateColumn;
  created?: DateColumn;
  /** Drop records older than the window on this side too. */
  filterByUpdatedDate: boolean;
  /** Drop records updated after the poll began; the next poll brings them. */
  filterByCurrentDate: boolean;
  /** Up to this many seconds between the created and the updated date still mean "created". */
  createdCheckTolerance: number;
  /** Records asked for per page; absent: the API's own default. */
  pageSize?: number;
  /** Seconds by which each poll looks further back. */
  pollDelay: number;
  /** Whether deletions are found by comparing the ids known with the ids present. */
  deletes: 'off' | 'reconcile';
  /** Minutes between two such comparisons. */
  deletesInterval: number;
  /** Percent of the known records that may vanish at once without the user confirming it. */
  deletesLimit: number;
  /** Whether events tell which columns changed. */
  changes: boolean;
}

/** A resource as written in a flow or an instance file. */
export type RawResource = Record<string, unknown>;
export type RawResources = Record<string, RawResource>;

/** The format of a date column that names none. */
export const DEFAULT_FORMAT = "yyyy-MM-dd'T'HH:mm:ss'Z'";
const DAY_SECONDS = 86_400;
/** The largest page the hub API gives. */
const LARGEST_PAGE = 5000;

const pattern = z.preprocess(
  (value) => (value === undefined || value === null || value === '' ? DEFAULT_FORMAT : value),
  z.string({ error: 'expected a date format' }).superRefine(compilesWith(compileDatePattern)),
);

const datesSchema = z.preprocess(
  withLowerFirstLetters,
  z
    .object(
      {
        updatedDateField: requiredText('the column that holds the updated date'),
        updatedDateFormat: pattern,
        updatedDateTimezone: zoneName('GMT'),
        createdDateField: z.string({ error: 'expected a column' }).trim().nullish(),
        createdDateFormat: pattern,
        createdDateTimezone: zoneName('GMT'),
        createdCheckTolerance: z.unknown(),
      },
      { error: 'expected the date settings of the resource' },
    )
    .partial({ createdCheckTolerance: true }),
);

/** Configurations in the wild write `UpdatedDateTimezone`; the documented key starts small. */
function withLowerFirstLetters(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key.charAt(0).toLowerCase() + key.slice(1), item]),
  );
}

const tolerance = numeric({ min: 0, max: DAY_SECONDS, fallback: 10 });

const resourceSchema = z.object(
  {
    url: requiredText('the path of the resource, such as /hubs/crm/accounts')
      .refine((url) => /^\/(?!\/)/.test(url), {
        error: 'expected a path that starts with one /, such as /hubs/crm/accounts',
      })
      .superRefine(compilesWith((url) => compileUrlTemplate(url, resolveZone('UTC')))),
    idField: requiredText('the column that holds the id, such as key'),
    datesConfiguration: datesSchema,
    enabled: flag(true),
    filterByUpdatedDate: flag(true),
    filterByCurrentDate: flag(false),
    createdCheckTolerance: z.unknown(),
    pageSize: z.preprocess(
      (value) => (value === '' || value === null ? undefined : value),
      numeric({ min: 1, max: LARGEST_PAGE, whole: true, fallback: 0 }).optional(),
    ),
    pollDelay: numeric({ min: 0, max: 30 * DAY_SECONDS, fallback: 0 }),
    deletes: z.preprocess(
      (value) => (value === undefined || value === null || value === '' ? 'off' : value),
      z.enum(['off', 'reconcile'], { error: 'expected off or reconcile' }),
    ),
    deletesInterval: numeric({ min: 1, max: 366 * 24 * 60, fallback: 24 * 60 }),
    deletesLimit: numeric({ min: 0, max: 100, fallback: 10 }),
    changes: flag(false),
  },
  { error: 'expected the settings of the resource' },
);

/** One resource: the documented shape in, a `Resource` without its key out. */
const resolvedResourceSchema = resourceSchema
  .partial({ createdCheckTolerance: true })
  .transform((raw, context): Omit<Resource, 'key'> => {
    const { datesConfiguration: dates, createdCheckTolerance: outer, pageSize, ...rest } = raw;
    const seconds = tolerance.safeParse(outer ?? dates.createdCheckTolerance);
    if (!seconds.success) {
      const message = seconds.error.issues[0]?.message ?? 'expected a number of seconds';
      context.addIssue({ code: 'custom', message, path: ['createdCheckTolerance'] });
      return z.NEVER;
    }
    // The spread ones last: in front they would make another hidden class for each resource.
    return {
      createdCheckTolerance: seconds.data,
      updated: {
        field: dates.updatedDateField,
        format: dates.updatedDateFormat,
        timezone: dates.updatedDateTimezone,
      },
      ...(dates.createdDateField ? { created: createdColumn(dates) } : {}),
      ...(pageSize === undefined ? {} : { pageSize }),
      ...rest,
    };
  });

function createdColumn(dates: z.output<typeof datesSchema>): DateColumn {
  return {
    field: dates.createdDateField ?? '',
    format: dates.createdDateFormat,
    timezone: dates.createdDateTimezone,
  };
}

/** The `resources` property: an object keyed by resource name, or its JSON text. */
export const resourcesSchema = objectOrJson(
  z
    .record(z.string().regex(/^[^\s!]+$/), resolvedResourceSchema, {
      error: ({ code }) =>
        code === 'invalid_key'
          ? 'expected a resource name without blanks'
          : 'expected an object keyed by resource name',
    })
    .refine((resources) => Object.keys(resources).length > 0, {
      error: 'expected at least one resource',
    })
    .transform((resources) =>
      Object.entries(resources).map(([key, resource]): Resource => ({ key, ...resource })),
    ),
);

/** The same object, unresolved: what an instance file holds and a form edits. */
export const rawResourcesSchema = objectOrJson(
  z.record(
    z.string(),
    z.record(z.string(), z.unknown(), { error: 'expected the settings of the resource' }),
    { error: 'expected an object keyed by resource name' },
  ),
);

/** The problems of one resource, with paths below `resources.{key}`. */
export function checkResource(key: string, value: unknown): Problem[] {
  return check(resourcesSchema, { [key]: value }, 'resources');
}
