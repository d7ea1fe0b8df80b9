import { loopbackFiles } from '../../simulator/tls/loopback-tls';
import type { ServerOptions } from '../../support/redis-server';

/** Whoever connects needs no certificate. */
export const NO_CLIENT_CERTIFICATE = ['--tls-auth-clients', 'no'];

/** For a server with TLS, beside its port in the clear, by which a test asks it itself. */
export function tlsOptions(
  more: readonly string[] = [],
): Required<Pick<ServerOptions, 'settings' | 'hasTls'>> {
  const { key, cert } = loopbackFiles();
  const files = ['--tls-cert-file', cert, '--tls-key-file', key, '--tls-ca-cert-file', cert];
  return { settings: [...files, ...more], hasTls: true };
}
