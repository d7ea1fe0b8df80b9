import { lookup as dnsLookup, type LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { SageCrmError } from '../errors/sagecrm-error';

/**
 * Keeps webhooks away from addresses inside the network that Node-RED runs in. A name is judged by
 * the addresses it resolves to, when the connection is made, so that a second answer of the name
 * server cannot differ from the one that was judged.
 */

/** Global unicast, the only block of IPv6 handed out to hosts of the internet (RFC 4291). */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3');

/** The virtual public address of Azure's platform services, which hold a machine's secrets. */
const AZURE_PLATFORM = '168.63.129.16';

/**
 * True for addresses of the public internet: not private, shared, loopback, link-local, multicast,
 * documentation or reserved, and in IPv6 none that carries an IPv4 address (mapped, NAT64, 6to4,
 * Teredo).
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.parse(address);
  if (parsed.range() !== 'unicast') return false;
  if (parsed instanceof ipaddr.IPv6) return parsed.match(GLOBAL_UNICAST);
  return parsed.toString() !== AZURE_PLATFORM;
}

/**
 * Judges a host that needs no name server: a literal address, or a name reserved for this machine.
 * A connection to a literal address makes no lookup, so this must come before each request.
 *
 * @throws SageCrmError `ADDRESS_REFUSED`
 */
export function checkLiteralHost(url: URL): void {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
  const isLocalName = host === 'localhost' || host.endsWith('.localhost');
  if (isLocalName || (ipaddr.isValid(host) && !isPublicAddress(host))) throw refused(host);
}

/**
 * A resolver for connections that gives only public addresses, and fails with `ADDRESS_REFUSED`
 * when a name has no other.
 */
export function guardedLookup(resolve: LookupFunction = dnsLookup): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, found) => {
      if (error) {
        callback(error, []);
        return;
      }
      const addresses = toList(found).filter(({ address }) => isPublicAddress(address));
      const [first] = addresses;
      if (first === undefined) callback(refused(hostname), []);
      else if (options.all === true) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

function toList(found: string | LookupAddress[]): LookupAddress[] {
  return typeof found === 'string'
    ? [{ address: found, family: found.includes(':') ? 6 : 4 }]
    : found;
}

function refused(host: string): SageCrmError {
  return new SageCrmError(
    'ADDRESS_REFUSED',
    `${host} is not an address of the public internet`,
    'check the callback URL; for a receiver in your own network, allow private addresses in the callback node',
    { details: { field: 'url' } },
  );
}
