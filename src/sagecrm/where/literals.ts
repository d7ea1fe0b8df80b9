import type { Literal, OrderedLiteral, StringLiteral } from './ast';
import { looksLikeDate, readDate } from './date-text';
import { whereFault } from './fault';
import type { Token } from './tokens';

const ORDERED = "a text in single quotes, a date such as '2026-01-31T10:00:00Z', or a number";

/**
 * The value a token stands for. A quoted text that has the form of a date is a date.
 *
 * @param unordered whether `true`, `false` and `null` will do
 * @throws SageCrmError WHERE_INVALID when the token is no such value
 */
export function literal(token: Token, unordered: boolean): Literal {
  return (unordered ? wordLiteral(token) : undefined) ?? orderedLiteral(token);
}

/**
 * The bounds of a range, of one kind: a text beside a date is taken as text on both sides.
 *
 * @throws SageCrmError WHERE_INVALID when a bound has no order, or the two cannot be compared
 */
export function literalPair(
  lowToken: Token,
  highToken: Token,
): { low: OrderedLiteral; high: OrderedLiteral } {
  const low = orderedLiteral(lowToken);
  const high = orderedLiteral(highToken);
  if (low.kind === high.kind) return { low, high };
  if (lowToken.kind === 'string' && highToken.kind === 'string') {
    return { low: text(lowToken), high: text(highToken) };
  }
  throw whereFault(
    highToken.position,
    highToken.source,
    `write both bounds in the same way; the lower one is a ${low.kind}`,
  );
}

/** The pattern of a `like`: always text, also when it looks like a date. */
export function patternLiteral(token: Token): StringLiteral {
  if (token.kind === 'string') return text(token);
  throw whereFault(
    token.position,
    token.source,
    "expected a pattern in single quotes, such as 'Smith%'",
  );
}

function text(token: Token): StringLiteral {
  return { kind: 'string', text: token.value };
}

function wordLiteral(token: Token): Literal | undefined {
  if (token.kind !== 'word') return undefined;
  switch (token.value.toLowerCase()) {
    case 'null':
      return { kind: 'null' };
    case 'true':
      return { kind: 'boolean', value: true };
    case 'false':
      return { kind: 'boolean', value: false };
    default:
      throw whereFault(token.position, token.source, `expected ${ORDERED}, true, false or null`);
  }
}

function orderedLiteral(token: Token): OrderedLiteral {
  switch (token.kind) {
    case 'number':
      return { kind: 'number', text: token.value };
    case 'string':
      return looksLikeDate(token.value) ? date(token) : text(token);
    case 'date':
      return date(token);
    case 'word':
    case 'symbol':
    case 'end':
      throw whereFault(token.position, token.source, `expected ${ORDERED}`);
  }
}

function date(token: Token): OrderedLiteral {
  const read = readDate(token.value);
  if (read !== undefined) return { kind: 'date', date: read };
  throw whereFault(
    token.position,
    token.source,
    'expected a day of the calendar, as in 2026-01-31, or with a time 2026-01-31T10:00:00Z',
  );
}
