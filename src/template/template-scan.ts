import { SageCrmError } from '../errors/sagecrm-error';

/** The text of one `${…}` and where it stands in the URL. */
export interface VariableToken {
  readonly kind: 'variable';
  /** What stands between the braces. */
  readonly body: string;
  /** The offset of `body` in the URL. */
  readonly position: number;
}

export interface TextToken {
  readonly kind: 'text';
  readonly text: string;
}

export function templateInvalid(
  problem: string,
  position: number,
  nextStep: string,
  cause?: unknown,
): SageCrmError {
  return new SageCrmError(
    'TEMPLATE_INVALID',
    `${problem} at position ${position} of the URL`,
    nextStep,
    { details: { position }, cause },
  );
}

/** The offset of the brace that closes a variable; a brace in quoted text of a format does not. */
function findClosingBrace(url: string, start: number): number | undefined {
  let quoted = false;
  for (let at = start; at < url.length; at += 1) {
    if (url[at] === "'") quoted = !quoted;
    else if (url[at] === '}' && !quoted) return at;
  }
  return undefined;
}

/** Splits a URL into text and variables. @throws SageCrmError TEMPLATE_INVALID for an open `${`. */
export function scanTemplate(url: string): (VariableToken | TextToken)[] {
  const tokens: (VariableToken | TextToken)[] = [];
  let at = 0;
  while (at < url.length) {
    const open = url.indexOf('${', at);
    if (open !== at) {
      tokens.push({ kind: 'text', text: url.slice(at, open === -1 ? undefined : open) });
    }
    if (open === -1) break;
    const position = open + 2;
    const close = findClosingBrace(url, position);
    if (close === undefined) {
      const hint = url.includes('}', position) ? ' and close every quoted text before it' : '';
      throw templateInvalid('"${" is never closed', open, `Add the missing "}"${hint}.`);
    }
    tokens.push({ kind: 'variable', body: url.slice(position, close), position });
    at = close + 1;
  }
  return tokens;
}
