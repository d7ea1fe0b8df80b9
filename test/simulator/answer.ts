/** A whole answer, before a fault spoils it. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** What the two APIs get to see of a request. */
export interface ApiRequest {
  method: string;
  /** Decoded, below the API's own root, without a leading slash. */
  path: string;
  query: URLSearchParams;
  authorization: string | undefined;
  sageAuthorization: string | undefined;
  /** The address of the API's root as the client sees it. */
  root: string;
  requestId: string;
}

export function jsonAnswer(
  status: number,
  value: unknown,
  headers: Record<string, string> = {},
): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json;charset=utf-8', ...headers },
    body: JSON.stringify(value),
  };
}

function htmlAnswer(status: number, title: string, text: string): Answer {
  return {
    status,
    headers: { 'content-type': 'text/html' },
    body: [
      '<!DOCTYPE html>',
      `<html><head><title>${title}</title></head>`,
      `<body><h1>${title}</h1><p>${text}</p></body></html>`,
    ].join('\n'),
  };
}

/** What the web server in front of Sage CRM answers for a path it does not know. */
export function iisNotFound(): Answer {
  return htmlAnswer(
    404,
    'IIS Detailed Error - 404.0 - Not Found',
    'The resource you are looking for has been removed, had its name changed, or is unavailable.',
  );
}

/** What a gateway shows instead of the API: a page with status 200. */
export function logOnPage(): Answer {
  return htmlAnswer(200, 'Sage CRM', 'Please enter your user name and password to log on.');
}
