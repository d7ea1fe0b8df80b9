import { z } from 'zod';
import { SageCrmError, type ErrorCode, type ErrorDetails } from '../errors/sagecrm-error';
import { retryAfterMs } from '../http/retry-after';
import { parsedJson } from '../json/parsed-json';

/** What an answer's status line, headers and body say when it is not a page of records. */
export interface FailedAnswer {
  status: number;
  headers: Readonly<Record<string, string>>;
  body: string;
}

/** How much of a server's own words goes into an error. */
const LONGEST_SERVER_MESSAGE = 300;

const hubErrorSchema = z.looseObject({
  message: z.string().optional(),
  requestId: z.string().optional(),
  providerMessage: z.string().optional(),
});

const diagnosesSchema = z.looseObject({
  $diagnoses: z.array(
    z.looseObject({
      $message: z.string().optional(),
      $sdataCode: z.string().optional(),
      $applicationCode: z.coerce.string().optional(),
    }),
  ),
});

interface ServerWords {
  text?: string;
  requestId?: string;
}

/**
 * The error for an answer with a status of 300 or more.
 *
 * @param user the user name of the log-on, for the message of a refusal
 */
export function statusError(answer: FailedAnswer, user: string, now: number): SageCrmError {
  const { status } = answer;
  const words = serverWords(answer);
  const hint = { retryAfter: answer.headers['retry-after'], date: answer.headers.date };
  const details: ErrorDetails = {
    statusCode: status,
    retryAfterMs: retryAfterMs(hint, now),
    requestId: words.requestId ?? answer.headers['elements-request-id'],
  };
  const [code, what, nextStep] = explain(status, user);
  const said = words.text === undefined ? '' : ` ("${words.text}")`;
  const reference = details.requestId === undefined ? '' : ` [request ${details.requestId}]`;
  return new SageCrmError(code, `${what}${said}${reference}`, nextStep, { details });
}

function explain(status: number, user: string): [ErrorCode, string, string] {
  if (status === 401) {
    return [
      'LOGON_REFUSED',
      `Sage CRM refused the log-on ${who(user)}`,
      'check the user name and password in the configuration node; polling stays paused until it is deployed again or a message with topic "resume" comes in',
    ];
  }
  if (status === 403) {
    return [
      'LOGON_REFUSED',
      `Sage CRM refused to show this, with the log-on ${who(user)} (403)`,
      'ask the administrator of Sage CRM for the right to use the web API and this entity; then deploy again or send a message with topic "resume"',
    ];
  }
  if (status === 404) {
    return [
      'NOT_FOUND',
      'Sage CRM does not know this address (404)',
      'check the resource URL, the subdomain and the install name',
    ];
  }
  if (status === 429) {
    return [
      'RATE_LIMITED',
      'Sage CRM asks for fewer requests (429)',
      'polling goes on by itself; a longer interval avoids it',
    ];
  }
  if (status >= 500) {
    return [
      'SERVER_ERROR',
      `Sage CRM failed with status ${status}`,
      'polling goes on by itself; if it stays, look into the server log',
    ];
  }
  if (status < 400) {
    return [
      'REDIRECTED',
      `Sage CRM answered with a redirect (${status})`,
      'write the address it leads to in the configuration node; a redirect to a log-on page means that the web API is off',
    ];
  }
  return [
    'BAD_REQUEST',
    `Sage CRM refused the request with status ${status}`,
    'check the resource URL and its where clause',
  ];
}

function who(user: string): string {
  return user === '' ? 'without a user name' : `for user ${user}`;
}

function serverWords(answer: FailedAnswer): ServerWords {
  const json = parsedJson(answer.body);
  const sdata = diagnosesSchema.safeParse(Array.isArray(json) ? { $diagnoses: json } : json);
  if (sdata.success) {
    const [first] = sdata.data.$diagnoses;
    return { text: short([first?.$sdataCode, first?.$message]) };
  }
  const hub = hubErrorSchema.safeParse(json);
  if (!hub.success) return {};
  const { message, providerMessage, requestId } = hub.data;
  return { text: short([message, providerMessage]), requestId };
}

function short(parts: readonly (string | undefined)[]): string | undefined {
  const said = parts.filter((part) => part !== undefined && part !== '');
  // A gateway may pass on the provider's message as its own.
  const text = [...new Set(said)].join(': ');
  if (text === '') return undefined;
  return text.length > LONGEST_SERVER_MESSAGE ? `${text.slice(0, LONGEST_SERVER_MESSAGE)}…` : text;
}
