import type { Zone } from 'luxon';
import { entityOf, hubResourceIn } from './entities';
import { joinUrl, parameter, splitUrl, withoutParameters, withParameter } from './request-url';
import { translateWhere } from './where/translate';

/** How dates are quoted in a where clause: SData's `@…@`, or text quotes. */
export type DateLiteral = '@' | "'";

export interface SDataAddress {
  /** The install name of Sage CRM, such as `crm`. */
  install: string;
  serverZone: Zone;
  /** The zone dates are written in; absent: the server's own, or as they stand when that is UTC. */
  literalZone?: Zone;
  dateLiteral: DateLiteral;
  /** A column to order by, unless the URL names one. */
  orderBy?: string;
}

/** Parameters of the hub API that mean nothing to Sage CRM. */
const HUB_ONLY = ['nextPage', 'pageSize'];

/**
 * A `/hubs/crm/{resource}` URL in the form of Sage CRM's own REST API; undefined for another path.
 *
 * @throws SageCrmError `WHERE_INVALID` when the clause has no equivalent
 */
export function toSDataUrl(url: string, address: SDataAddress): string | undefined {
  const hub = splitUrl(url);
  const resource = hubResourceIn(hub.path);
  if (resource === undefined) return undefined;
  const where = parameter(hub, 'where');
  const pageSize = parameter(hub, 'pageSize');
  const path = `/sdata/${address.install}j/sagecrm2/-/${encodeURIComponent(entityOf(resource))}`;
  let sdata = withoutParameters({ ...hub, path }, HUB_ONLY);
  if (where !== undefined) sdata = withParameter(sdata, 'where', translated(where, address));
  if (pageSize !== undefined) sdata = withParameter(sdata, 'count', pageSize);
  if (address.orderBy !== undefined && parameter(sdata, 'orderBy') === undefined) {
    sdata = withParameter(sdata, 'orderBy', address.orderBy);
  }
  return joinUrl(sdata);
}

function translated(where: string, address: SDataAddress): string {
  const { serverZone, dateLiteral } = address;
  // A server in a local zone may not read an offset; its own wall time it always reads.
  const ownZone = serverZone.isUniversal ? 'keep' : serverZone;
  const literalZone = address.literalZone ?? ownZone;
  return translateWhere(where, { dateLiteral, literalZone, lessThan: false, serverZone });
}
