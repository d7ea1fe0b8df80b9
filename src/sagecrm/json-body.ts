import { SageCrmError } from '../errors/sagecrm-error';

/**
 * Parses an answer's text.
 *
 * @throws SageCrmError `NOT_JSON` for a page or plain text, `JSON_CUT` for JSON that breaks off or
 *   is damaged
 */
export function readJson(text: string, contentType: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const start = text.trimStart().charAt(0);
    if (start === '{' || start === '[') throw cutError(cause);
    throw notJsonError(text, contentType);
  }
}

function cutError(cause: unknown): SageCrmError {
  return new SageCrmError(
    'JSON_CUT',
    'Sage CRM sent JSON that breaks off or is damaged',
    'polling goes on by itself; if it stays, try a smaller page size or look for a proxy that cuts answers',
    // The parser's message may quote the body, which holds customer data.
    { cause: cause instanceof Error ? new Error(cause.name) : undefined },
  );
}

function notJsonError(text: string, contentType: string): SageCrmError {
  const kind =
    text.trim() === '' ? 'an empty answer' : (/^[^;]+/.exec(contentType)?.[0] ?? 'plain text');
  return new SageCrmError(
    'NOT_JSON',
    `Sage CRM sent ${kind} instead of JSON`,
    'check the subdomain, the install name and that the web API is switched on; a log-on page or a proxy page looks like this',
  );
}
