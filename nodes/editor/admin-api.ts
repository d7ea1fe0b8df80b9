import { text } from './sidebar/text';
import { isObject, textOf } from './values';

/** Why a request to an admin route failed, in words for the user. */
export class AdminFailure extends Error {
  override readonly name = 'AdminFailure';

  constructor(
    /** The code of a `SageCrmError`, or `NOT_ALLOWED`, `NOT_REACHED` or `INTERNAL`. */
    readonly code: string,
    message: string,
    /** What the user can do; empty where there is nothing to say. */
    readonly nextStep: string,
    /** The property or JSON path at fault. */
    readonly field?: string,
  ) {
    super(message);
  }
}

/** Whether the logged-on user may do what a permission such as `sagecrm-poll.write` covers. */
export function mayWrite(permission: string): boolean {
  return RED.user.hasPermission(permission);
}

/**
 * Posts `body` as JSON to an admin route, with the log-on of the editor's user.
 *
 * @param path such as `/sagecrm-config/test`
 * @throws AdminFailure
 */
export function postAdmin<T>(path: string, body: unknown): Promise<T> {
  return new Promise((resolve, reject) => {
    $.ajax({
      // Node-RED adds the log-on and the root of its API to relative paths only.
      url: relative(path),
      method: 'POST',
      contentType: 'application/json; charset=utf-8',
      data: JSON.stringify(body),
      dataType: 'json',
      success: (value: T) => {
        resolve(value);
      },
      error: ({ status, responseText }) => {
        reject(failureOf(status, responseText));
      },
    });
  });
}

/**
 * The same for a route that answers with newline-delimited JSON: `onLine` is told each value as it
 * arrives.
 *
 * @throws AdminFailure also for a last line `{"error": …}`, and for an answer that breaks off
 * @throws DOMException `AbortError` once the signal is aborted
 */
export async function postAdminLines(
  path: string,
  body: unknown,
  onLine: (value: unknown) => void,
  signal: AbortSignal,
): Promise<void> {
  const response = await posted(path, body, signal);
  if (!response.ok) throw failureOf(response.status, await response.text());
  const take = (line: string): void => {
    if (line === '') return;
    const value: unknown = JSON.parse(line);
    if (isObject(value) && isObject(value.error)) throw readFailure(value.error);
    onLine(value);
  };
  try {
    await eachLine(response, take);
  } catch (error) {
    throw error instanceof AdminFailure || signal.aborted ? error : failureOf(0, '');
  }
}

async function posted(path: string, body: unknown, signal: AbortSignal): Promise<Response> {
  const tokens = RED.settings.get('auth-tokens');
  const headers: Record<string, string> = { 'content-type': 'application/json; charset=utf-8' };
  if (isObject(tokens)) headers.authorization = `Bearer ${String(tokens.access_token)}`;
  try {
    return await fetch(`${RED.settings.apiRootUrl ?? ''}${relative(path)}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
      signal,
    });
  } catch (error) {
    throw signal.aborted ? error : failureOf(0, '');
  }
}

async function eachLine(response: Response, take: (line: string) => void): Promise<void> {
  if (response.body === null) return;
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { done, value = '' } = await reader.read();
    const lines = (rest + value).split('\n');
    rest = lines.pop() ?? '';
    lines.forEach(take);
    if (done) break;
  }
  take(rest);
}

function relative(path: string): string {
  return path.replace(/^\/+/, '');
}

/** @param status of the answer; 0 when there was none */
function failureOf(status: number, body: string): AdminFailure {
  const told = parsed(body);
  if (isObject(told) && typeof told.code === 'string' && typeof told.nextStep === 'string') {
    return readFailure(told);
  }
  if (status === 401 || status === 403) return ownFailure('NOT_ALLOWED', 'notAllowed');
  return status === 0
    ? ownFailure('NOT_REACHED', 'notReached')
    : ownFailure('INTERNAL', 'unexpected');
}

function ownFailure(code: string, key: string): AdminFailure {
  return new AdminFailure(code, text(`request.${key}`), text(`request.${key}Next`));
}

function readFailure(told: Record<string, unknown>): AdminFailure {
  const { code, message, nextStep, field } = told;
  return new AdminFailure(
    textOf(code),
    textOf(message),
    textOf(nextStep),
    typeof field === 'string' ? field : undefined,
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
