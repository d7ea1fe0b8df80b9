/** A path and query in parts, keeping every parameter the user wrote as it was written. */
export interface RequestUrl {
  path: string;
  /** Raw `name=value` pieces, still percent-encoded. */
  parameters: readonly string[];
}

export function splitUrl(url: string): RequestUrl {
  const start = url.indexOf('?');
  if (start < 0) return { path: url, parameters: [] };
  return {
    path: url.slice(0, start),
    parameters: url
      .slice(start + 1)
      .split('&')
      .filter((piece) => piece !== ''),
  };
}

export function joinUrl({ path, parameters }: RequestUrl): string {
  return parameters.length === 0 ? path : `${path}?${parameters.join('&')}`;
}

/** The decoded value of a parameter; names count regardless of case. */
export function parameter(url: RequestUrl, name: string): string | undefined {
  const piece = url.parameters.find((candidate) => nameOf(candidate) === name.toLowerCase());
  return piece === undefined ? undefined : decode(piece.slice(piece.indexOf('=') + 1));
}

/** The URL with a parameter set; the others keep their place and their form. */
export function withParameter(url: RequestUrl, name: string, value: string): RequestUrl {
  const piece = `${name}=${encodeURIComponent(value)}`;
  const at = url.parameters.findIndex((candidate) => nameOf(candidate) === name.toLowerCase());
  return {
    path: url.path,
    parameters: at < 0 ? [...url.parameters, piece] : url.parameters.with(at, piece),
  };
}

export function withoutParameters(url: RequestUrl, names: readonly string[]): RequestUrl {
  const unwanted = new Set(names.map((name) => name.toLowerCase()));
  return {
    path: url.path,
    parameters: url.parameters.filter((piece) => !unwanted.has(nameOf(piece))),
  };
}

function nameOf(piece: string): string {
  return decode(piece.split('=', 1)[0] ?? '').toLowerCase();
}

/** Query text with `+` for a blank, as forms write it; a stray `%` stands for itself. */
function decode(text: string): string {
  const spaced = text.replaceAll('+', ' ');
  try {
    return decodeURIComponent(spaced);
  } catch {
    return spaced;
  }
}
