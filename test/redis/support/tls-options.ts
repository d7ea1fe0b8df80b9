import { loopbackFiles } from '../../simulator/tls/loopback-tls';
import { freePort } from '../../support/redis-server';

/** Whoever connects needs no certificate. */
export const NO_CLIENT_CERTIFICATE = ['--tls-auth-clients', 'no'];

/** Options of a server for TLS, beside its port in the clear, by which a test asks it itself. */
export async function tlsOptions(
  more: readonly string[] = [],
): Promise<{ port: number; all: string[] }> {
  const { key, cert } = loopbackFiles();
  const port = await freePort();
  const all = [
    ...['--tls-port', String(port), '--tls-cert-file', cert, '--tls-key-file', key],
    ...['--tls-ca-cert-file', cert, ...more],
  ];
  return { port, all };
}
