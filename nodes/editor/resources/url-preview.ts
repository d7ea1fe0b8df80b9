import { SageCrmError } from '../../../src/errors/sagecrm-error';
import { toSDataUrl, type SDataAddress } from '../../../src/sagecrm/sdata-translation';
import { compileUrlTemplate, type TemplateDates } from '../../../src/template/url-template';
import { isValidZone, resolveZone } from '../../../src/template/zone';
import { textOf } from '../values';
import { zoneOf, type ServerProperties } from './translation';

/**
 * What the next request asks for, in a readable form; empty for a URL that is refused, undefined for
 * one that holds no date to read from.
 *
 * @param dates the dates that the variables stand for
 * @param server the chosen server: its zone is that of `${date}`, and where it speaks only Sage CRM's
 *   own API, the URL is shown in that form
 * @param updatedField the column such a server is asked to order by
 */
export function previewOf(
  url: string,
  dates: TemplateDates,
  server: ServerProperties,
  updatedField = '',
): string | undefined {
  if (url.trim() === '') return '';
  try {
    const template = compileUrlTemplate(url, resolveZone(zoneOf(server)));
    if (!template.hasLowerBound) return undefined;
    return decodeURIComponent(asAsked(template.render(dates), server, updatedField));
  } catch (error) {
    if (error instanceof SageCrmError || error instanceof URIError) return '';
    throw error;
  }
}

function asAsked(url: string, server: ServerProperties, updatedField: string): string {
  if (server?.api !== 'sdata') return url;
  return toSDataUrl(url, addressOf(server, updatedField)) ?? url;
}

function addressOf(server: Readonly<Record<string, unknown>>, updatedField: string): SDataAddress {
  const { install, literalZone, dateLiteral } = server;
  const writtenIn = textOf(literalZone);
  return {
    install: textOf(install) || 'crm',
    serverZone: resolveZone(zoneOf(server)),
    dateLiteral: dateLiteral === "'" ? "'" : '@',
    ...(writtenIn !== '' && isValidZone(writtenIn) && { literalZone: resolveZone(writtenIn) }),
    ...(updatedField !== '' && { orderBy: updatedField }),
  };
}
