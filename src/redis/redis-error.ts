import { SageCrmError } from '../errors/sagecrm-error';
import { networkFaultOf } from '../http/network-fault';

/** What Redis answers to a log-on that it does not take, or that may not do what we do. */
const REFUSED = /^(WRONGPASS|NOAUTH|NOPERM|ERR invalid password|ERR AUTH)/;
/** Redis has no room, or cannot write to its disk. */
const FULL = /^(OOM|MISCONF)/;

/**
 * Redis cannot be reached, or refuses to work. What is wrong is told by its words alone: the errors of
 * the client hold the commands, and with them passwords and records.
 */
export function redisUnavailable(cause: unknown): SageCrmError {
  const fault = networkFaultOf(cause);
  if (fault.kind === 'tls') return noSecureConnection(fault.code);
  const words = wordsOf(cause);
  return new SageCrmError(
    'REDIS_UNAVAILABLE',
    `Redis is not available (${words})`,
    nextStep(words),
  );
}

/** The words of OpenSSL say less than the code. */
function noSecureConnection(code = ''): SageCrmError {
  return new SageCrmError(
    'REDIS_UNAVAILABLE',
    `there is no secure connection to Redis (${code})`,
    'choose a TLS configuration for Redis that trusts its certificate, fits its host name and has the certificate that it asks for; or none, and redis:// in the URL, for a Redis without TLS',
  );
}

function wordsOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
  return cause.message || code || cause.name;
}

function nextStep(words: string): string {
  if (REFUSED.test(words)) {
    return 'check the user name, the password and the rights of the user on Redis; work goes on by itself once they are right';
  }
  if (FULL.test(words)) return 'give Redis more memory or disk; work goes on by itself then';
  return 'check that Redis runs and can be reached from here, and that the URL begins with rediss:// where it expects TLS; work goes on by itself then';
}

/** Another instance has taken over what this one had begun. */
export function leaseLost(resource: string): SageCrmError {
  return new SageCrmError(
    'LEASE_LOST',
    `another instance has taken over the polling of ${resource}`,
    'nothing needs to be done: what was not written yet is done there',
    { details: { resource } },
  );
}
