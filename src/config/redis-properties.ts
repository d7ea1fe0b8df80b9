import * as z from 'zod';
import { SageCrmError } from '../errors/sagecrm-error';
import { choice, compilesWith, numeric, text } from './fields';
import { configError, problemsOf } from './problems';
import { parseRedisAddress, type RedisAddress } from './redis-address';

/** Where state is kept: beside Node-RED, or on a Redis that several Node-RED share. */
export const redisProperties = {
  store: choice(['embedded', 'redis'], 'embedded'),
  /** Empty: from the environment. */
  redisUrl: text().superRefine((value, context) => {
    if (value !== '') compilesWith(parseRedisAddress)(value, context);
  }),
  /** The id of a `tls-config` node. */
  redisTls: text(),
  /** Stands in front of all keys, and so keeps installations apart that share a Redis. */
  redisPrefix: text('sagecrm').pipe(
    z
      .string()
      .transform((value) => (value === '' ? 'sagecrm' : value))
      .pipe(
        z.string().regex(/^[\w.-]{1,64}$/, {
          error: 'expected letters, digits, dots and hyphens, such as sagecrm',
        }),
      ),
  ),
};

/** The credentials for Redis; both may be empty. */
export const redisCredentialsSchema = z.object({
  redisUsername: text(),
  redisPassword: z.preprocess((value) => value ?? '', z.string({ error: 'expected text' })),
});

export type RedisCredentials = z.output<typeof redisCredentialsSchema>;

/** Where and how to connect. */
export interface RedisSettings {
  address: RedisAddress;
  username: string | undefined;
  password: string | undefined;
  prefix: string;
  /** How long work stays with an instance that gives no sign of life. */
  leaseMs: number;
}

const SECOND_MS = 1000;

const environmentSchema = z.object({
  SAGECRM_REDIS_URL: text(),
  SAGECRM_REDIS_USERNAME: text(),
  SAGECRM_REDIS_PASSWORD: z.string().default(''),
  SAGECRM_LEASE_SECONDS: numeric({ min: 1, max: 300, fallback: 30 }),
});

/**
 * The connection that properties and credentials describe; what is empty in them comes from
 * `SAGECRM_REDIS_URL`, `SAGECRM_REDIS_USERNAME` and `SAGECRM_REDIS_PASSWORD`, then from the URL.
 * The lease time comes from `SAGECRM_LEASE_SECONDS`.
 *
 * @throws SageCrmError `CONFIG_INVALID` without a URL, or with one that is not understood, or with a
 *   lease time that is no number from 1 to 300
 */
export function redisSettings(
  { redisUrl, redisPrefix }: { redisUrl: string; redisPrefix: string },
  { redisUsername, redisPassword }: RedisCredentials,
  env: Readonly<Record<string, string | undefined>>,
): RedisSettings {
  const variables = environmentOf(env);
  const url = redisUrl || variables.SAGECRM_REDIS_URL;
  if (url === '') throw noUrl();
  const address = parseRedisAddress(url);
  return {
    address,
    username: redisUsername || variables.SAGECRM_REDIS_USERNAME || address.username,
    password: redisPassword || variables.SAGECRM_REDIS_PASSWORD || address.password,
    prefix: redisPrefix,
    leaseMs: variables.SAGECRM_LEASE_SECONDS * SECOND_MS,
  };
}

function environmentOf(
  env: Readonly<Record<string, string | undefined>>,
): z.output<typeof environmentSchema> {
  const result = environmentSchema.safeParse(env);
  if (result.success) return result.data;
  throw configError(
    problemsOf(result.error),
    'correct this environment variable, or remove it, and restart Node-RED',
  );
}

function noUrl(): SageCrmError {
  return new SageCrmError(
    'CONFIG_INVALID',
    'the state is to be kept on Redis, but there is no Redis URL',
    'fill in the Redis URL, such as redis://host:6379, or set the environment variable SAGECRM_REDIS_URL',
    { details: { field: 'redisUrl' } },
  );
}
