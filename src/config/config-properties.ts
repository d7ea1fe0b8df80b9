import * as z from 'zod';
import {
  choice,
  compilesWith,
  numeric,
  requiredText,
  text,
  textList,
  checkForEditor,
  zoneName,
} from './fields';
import type { Problem } from './problems';
import { isValidZone } from '../template/zone';
import { redisProperties } from './redis-properties';
import { parseServerAddress } from './server-address';

/** The properties of a `sagecrm-config` node as a flow file holds them, brought to one form. */
export const configPropertiesSchema = z.object({
  name: text(),
  subdomain: requiredText('the host of the Sage CRM server').superRefine(
    compilesWith(parseServerAddress),
  ),
  api: choice(['auto', 'hub', 'sdata'], 'auto'),
  install: text('crm').pipe(
    z
      .string()
      .transform((value) => (value === '' ? 'crm' : value))
      .pipe(
        z.string().regex(/^[\w-]+$/, { error: 'expected the install name, such as crm or crm2' }),
      ),
  ),
  timezone: zoneName('UTC'),
  /** How dates are quoted for Sage CRM's own API. */
  dateLiteral: choice(['auto', '@', "'"], 'auto'),
  /** The zone dates are written in for Sage CRM's own API; empty: as the server's zone asks. */
  literalZone: z.preprocess(
    (value) => value ?? '',
    z
      .string({ error: 'expected a time zone' })
      .refine((value) => value === '' || isValidZone(value), {
        error: 'expected a time zone such as UTC or Europe/Berlin, or nothing',
      }),
  ),
  /** Requests a second that all nodes of this server share; 0: as many as they like. */
  rateLimit: numeric({ min: 0, max: 1000, fallback: 10 }),
  tls: text(),
  proxy: text(),
  timeout: numeric({ min: 1, max: 3600, fallback: 30 }),
  tags: textList(),
  ...redisProperties,
});

export type ConfigProperties = z.output<typeof configPropertiesSchema>;

/** Which API a configuration speaks, or `auto` to find out. */
export type ApiChoice = ConfigProperties['api'];

/** The credentials of a `sagecrm-config` node; every one but the user name is a secret. */
export const configCredentialsSchema = z.object({
  username: text(),
  password: z.preprocess((value) => value ?? '', z.string({ error: 'expected text' })),
  userSecret: text(),
  organizationSecret: text(),
  elementToken: text(),
});

export type ConfigCredentials = z.output<typeof configCredentialsSchema>;

/** What the editor shows beside the fields; environment variables are left to the runtime. */
export function checkConfigProperties(value: unknown): Problem[] {
  return checkForEditor(configPropertiesSchema, value);
}
