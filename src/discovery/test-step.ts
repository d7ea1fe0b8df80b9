import type { ConfigCredentials } from '../config/config-properties';
import { blackOut } from '../errors/black-out';
import { SageCrmError, type ErrorCode } from '../errors/sagecrm-error';

export type TestStepId =
  | 'address'
  | 'logon'
  | 'api'
  | 'install'
  | 'clock'
  | 'zone'
  | 'entities'
  | 'resource'
  | 'orderBy'
  | 'dateLiteral';

export type TestFacts = Record<string, string | number | boolean | string[]>;

/** What one step of the connection test has found; safe to show, without secrets. */
export interface TestStep {
  id: TestStepId;
  /** The resource key, for steps with the id `resource`. */
  resource?: string;
  outcome: 'pass' | 'warning' | 'failure' | 'skipped';
  message: string;
  /** What the user can do; absent when there is nothing to do. */
  nextStep?: string;
  facts?: TestFacts;
}

/** A step's finding before it is known which step it belongs to. */
export interface Verdict extends Omit<TestStep, 'id' | 'resource'> {
  /** When set, nothing after this step can be tested. */
  ends?: boolean;
}

/** After one of these every further request would fail alike. */
const ENDING: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['UNREACHABLE', 'TIMEOUT', 'TLS_FAILED']);

export function passed(message: string, facts?: TestFacts): Verdict {
  return { outcome: 'pass', message, ...(facts && { facts }) };
}

export function skipped(message: string, nextStep?: string): Verdict {
  return { outcome: 'skipped', message, ...(nextStep && { nextStep }) };
}

export function warned(message: string, nextStep: string, facts?: TestFacts): Verdict {
  return { outcome: 'warning', message, nextStep, ...(facts && { facts }) };
}

export function failed(message: string, nextStep: string, facts?: TestFacts): Verdict {
  return { outcome: 'failure', message, nextStep, ...(facts && { facts }) };
}

/** The verdict on a step whose request failed. */
export function failedBy(error: SageCrmError): Verdict {
  const refused = error.code === 'LOGON_REFUSED' && error.details.statusCode === 401;
  return {
    ...failed(error.what, nextStepAfter(error), { code: error.code }),
    ends: refused || ENDING.has(error.code),
  };
}

/** The errors of the client speak of polling; somebody who is testing has other ways on. */
const NEXT_STEPS: Readonly<Partial<Record<ErrorCode, string>>> = {
  LOGON_REFUSED:
    'check the user name and the password, then test again; Sage CRM locks an account after too many attempts',
  UNREACHABLE: 'check the subdomain, the port, the network and the proxy',
  TIMEOUT: 'check the subdomain, the network and the proxy, or set a longer time-out',
  RATE_LIMITED: 'wait a little, then test again',
  SERVER_ERROR: 'look into the log of the server, then test again',
  JSON_CUT: 'test again; if it stays, look for a proxy that cuts answers',
};

const RIGHTS_NEXT_STEP =
  'ask the administrator of Sage CRM for the right to use the web API and to read this entity';

/** What somebody who is testing can do about an error. */
function nextStepAfter(error: SageCrmError): string {
  if (error.code === 'LOGON_REFUSED' && error.details.statusCode === 403) return RIGHTS_NEXT_STEP;
  return NEXT_STEPS[error.code] ?? error.nextStep;
}

/**
 * Blacks out secrets in a text, also as Basic authentication carries them: a server's own words are
 * shown, and nobody knows what it repeats in them.
 */
export function redactor(credentials: ConfigCredentials): (text: string) => string {
  const { username, password, userSecret, organizationSecret, elementToken } = credentials;
  const pair = Buffer.from(`${username}:${password}`, 'utf8').toString('base64');
  return blackOut([password, userSecret, organizationSecret, elementToken, pair]);
}

/** The error for somebody who is testing, without secrets; one that is not ours stays as it is. */
export function withoutSecrets(error: unknown, credentials: ConfigCredentials): unknown {
  if (!(error instanceof SageCrmError)) return error;
  const redact = redactor(credentials);
  const { field } = error.details;
  return new SageCrmError(error.code, redact(error.what), redact(nextStepAfter(error)), {
    details: { ...(field !== undefined && { field }) },
  });
}
