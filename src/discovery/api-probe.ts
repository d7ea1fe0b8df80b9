import type { ConfigCredentials, ConfigProperties } from '../config/config-properties';
import type { Resource } from '../config/resources';
import { SageCrmError, type ErrorCode } from '../errors/sagecrm-error';
import type { CrmRecord } from '../event/event';
import type { Api } from '../sagecrm/source';
import { resolveZone } from '../template/zone';
import { fixedApiOf, plainUrl, type ListForm } from './list-url';
import type { Prober } from './prober';

/** What asking one API for the first records has brought. */
export interface ApiAnswer {
  api: Api;
  rows: readonly CrmRecord[];
}

export interface ApiFindings {
  /** The APIs that were asked. */
  asked: Api[];
  answers: ApiAnswer[];
  /** Why the others did not answer. */
  refusals: { api: Api; error: SageCrmError }[];
  /** Set when the server was not reached or refused the log-on: nothing more can be asked. */
  fatal?: SageCrmError;
  /** Install names tried in place of the configured one, when nothing answered there. */
  triedInstalls: string[];
  /** The one of them that exists. */
  suggestedInstall?: string;
}

/** Something else answers at this path, or nothing: the other API may still be there. */
const NOT_HERE: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'NOT_FOUND',
  'NOT_JSON',
  'RESPONSE_SHAPE',
  'BAD_REQUEST',
]);

/** Names that Sage CRM's installer and its manuals use. */
const COMMON_INSTALLS = ['crm', 'crm2'];
const MOST_GUESSES = 2;

/** How many records a first look takes. */
export const SAMPLE_SIZE = 5;

export interface ApiProbeOptions {
  prober: Prober;
  properties: ConfigProperties;
  credentials: ConfigCredentials;
  /** The resource whose list is asked for. */
  resource: Resource;
}

/** Asks each API that the configuration allows for a few records. */
export async function probeApis(options: ApiProbeOptions): Promise<ApiFindings> {
  const findings: ApiFindings = { asked: [], answers: [], refusals: [], triedInstalls: [] };
  for (const api of apisToAsk(options)) {
    findings.asked.push(api);
    await ask(options, api, findings);
    if (findings.fatal !== undefined) return findings;
  }
  if (findings.answers.length === 0 && mayBeOtherInstall(options, findings)) {
    await guessInstall(options, findings);
  }
  return findings;
}

/**
 * Whether Sage CRM's own API may be asked: not when the hub is chosen, and not when only a hub's
 * secrets are set, since it would take the attempt for a wrong password.
 */
export function mayAskSData(properties: ConfigProperties, credentials: ConfigCredentials): boolean {
  if (properties.api !== 'auto') return properties.api === 'sdata';
  return credentials.username !== '';
}

function apisToAsk({ properties, credentials, resource }: ApiProbeOptions): Api[] {
  const fixed = fixedApiOf(resource);
  if (fixed !== undefined) return [fixed];
  const apis: Api[] = properties.api === 'sdata' ? [] : ['hub'];
  return mayAskSData(properties, credentials) ? [...apis, 'sdata'] : apis;
}

async function ask(options: ApiProbeOptions, api: Api, findings: ApiFindings): Promise<void> {
  try {
    findings.answers.push({ api, rows: await firstRows(options, api, options.properties.install) });
  } catch (error) {
    if (!(error instanceof SageCrmError) || error.code === 'ABORTED') throw error;
    findings.refusals.push({ api, error });
    const otherTookLogOn = findings.answers.length > 0 && error.code === 'LOGON_REFUSED';
    if (otherTookLogOn) options.prober.forgiveRefusal();
    else if (!NOT_HERE.has(error.code)) findings.fatal = error;
  }
}

function firstRows(
  { prober, properties, resource }: ApiProbeOptions,
  api: Api,
  install: string,
): Promise<readonly CrmRecord[]> {
  const serverZone = resolveZone(properties.timezone);
  const form: ListForm = { api, install, serverZone, dateLiteral: '@' };
  return prober.rows(plainUrl(resource, form, SAMPLE_SIZE), api);
}

function mayBeOtherInstall({ resource }: ApiProbeOptions, { refusals }: ApiFindings): boolean {
  if (fixedApiOf(resource) !== undefined) return false;
  return refusals.some(({ api, error }) => api === 'sdata' && error.code === 'NOT_FOUND');
}

/** An install that refuses the log-on exists all the same; then nothing more is tried. */
async function guessInstall(options: ApiProbeOptions, findings: ApiFindings): Promise<void> {
  for (const install of guesses(options.properties.install)) {
    findings.triedInstalls.push(install);
    try {
      await firstRows(options, 'sdata', install);
      findings.suggestedInstall = install;
      return;
    } catch (error) {
      if (!(error instanceof SageCrmError) || error.code === 'ABORTED') throw error;
      if (error.code === 'LOGON_REFUSED') findings.suggestedInstall = install;
      if (!NOT_HERE.has(error.code)) return;
    }
  }
}

/** The address shows the name with a `j` behind it, which is easily taken for a part of it. */
function guesses(install: string): string[] {
  const withoutJ = install.replace(/j$/i, '');
  const names = new Set([...(withoutJ === '' ? [] : [withoutJ]), ...COMMON_INSTALLS]);
  return [...names].filter((name) => name !== install).slice(0, MOST_GUESSES);
}
