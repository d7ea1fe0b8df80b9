import type { IncomingMessage } from 'node:http';
import { iisNotFound, jsonAnswer, type Answer, type ApiRequest } from './answer';
import type { ApiContext } from './api-context';
import { answerHub, hubError, hubUnauthorized } from './hub-api';
import { answerSdata, diagnosis, sdataUnauthorized } from './sdata-api';

/** What a request leads to; the parts a fault may ask for instead of the true answer. */
export interface Route {
  answer: () => Answer;
  /** The answer to a wrong password. */
  refusal: () => Answer;
  /** An error in the shape of the API that was asked. */
  failure: (status: number) => Answer;
}

/** The whole address of a request to the server at `url`. */
export function requestUrl(incoming: IncomingMessage, url: string): URL {
  // Not `new URL(path, url)`: that takes a path with two slashes in front for another host.
  return new URL(url + (incoming.url ?? '/'));
}

/** Finds the API for a request. `url` is the server's own address. */
export function routeFor(
  incoming: IncomingMessage,
  url: string,
  requestId: string,
  context: ApiContext,
): Route {
  const { pathname, searchParams } = requestUrl(incoming, url);
  const path = decoded(pathname);
  const base = context.options.basePath ?? '';
  const hubRoot = `${base}/hubs/crm`;
  const sdataRoot = `/sdata/${context.options.install ?? 'crm'}j/sagecrm2/-`;
  const isHub = path.startsWith(`${hubRoot}/`);
  const sdataPrefix = [sdataRoot, base + sdataRoot].find((root) => path.startsWith(`${root}/`));
  const root = isHub ? hubRoot : (sdataPrefix ?? '');
  const request: ApiRequest = {
    method: incoming.method ?? 'GET',
    path: path.slice(root.length + 1),
    query: searchParams,
    authorization: incoming.headers.authorization,
    sageAuthorization: headerText(incoming.headers['x-sage-authorization']),
    root: url + root,
    requestId,
  };
  const served = context.options.apis ?? ['hub', 'sdata'];
  if (isHub && served.includes('hub')) return hubRoute(request, context);
  if (sdataPrefix !== undefined && served.includes('sdata')) return sdataRoute(request, context);
  return unknownRoute(request, isHub || served.includes('sdata'));
}

function hubRoute(request: ApiRequest, context: ApiContext): Route {
  return {
    answer: () => answerHub(request, context),
    refusal: () => hubUnauthorized(request),
    failure: (status) => hubError(request, status, `The request failed with ${status}`),
  };
}

function sdataRoute(request: ApiRequest, context: ApiContext): Route {
  return {
    answer: () => answerSdata(request, context),
    refusal: sdataUnauthorized,
    failure: (status) =>
      diagnosis(status, 'ApplicationDiagnosis', `The request failed with ${status}.`),
  };
}

/** A Sage CRM is behind IIS; a hub alone speaks JSON even about paths it does not know. */
function unknownRoute(request: ApiRequest, behindIis: boolean): Route {
  return {
    answer: () =>
      behindIis ? iisNotFound() : hubError(request, 404, 'No resource found at this address'),
    refusal: () => hubUnauthorized(request),
    failure: (status) => jsonAnswer(status, { message: `The request failed with ${status}` }),
  };
}

/** A path with broken percent-encoding is left as it is; nothing will be found there. */
function decoded(pathname: string): string {
  try {
    return decodeURIComponent(pathname);
  } catch {
    return pathname;
  }
}

function headerText(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
