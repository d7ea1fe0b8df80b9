/** By itself: the bundler writes it as a call, which must not be made for each text. */
const LONE_SURROGATE = /\p{Surrogate}/gu;

function percentEncode(char: string): string {
  return encodeURIComponent(char).replace("'", '%27');
}

/** Encodes a substituted value so that it arrives as it is; `'` too, to keep the URL free of it. */
export function encodeValue(value: string): string {
  return encodeURIComponent(value).replaceAll("'", '%27');
}

/**
 * Encodes what may not stand in the path or query of a URL (RFC 3986) and keeps everything else,
 * existing escapes included. `#` is encoded as well: a fragment would never reach the server.
 */
export function encodeLiteral(text: string): string {
  return text
    .replace(LONE_SURROGATE, '\uFFFD')
    .replace(/%(?![0-9A-Fa-f]{2})|[^\x21-\x7e]|[<>"'{}|\\^`#]/gu, percentEncode);
}
