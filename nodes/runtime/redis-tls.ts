import { connect } from 'node:tls';
import type { RedisAddress, RedisHost } from '../../src/config/redis-address';
import type { TlsOptions } from '../../src/http/agents';

/** Long enough for a certificate and a first answer, and short beside the wait for a connection. */
const PATIENCE_MS = 1000;

/**
 * Why no host speaks TLS with us, if that is so. Of sentinels and of a cluster the client says only
 * that the connection was closed; a certificate that is refused must be told.
 */
export async function tlsFaultOf(
  address: RedisAddress,
  tls: TlsOptions,
): Promise<Error | undefined> {
  const hosts = address.kind === 'single' ? [address] : address.hosts;
  const faults = await Promise.all(hosts.map((host) => handshakeFault(host, tls)));
  return faults.find((fault) => fault !== undefined);
}

function handshakeFault({ host, port }: RedisHost, tls: TlsOptions): Promise<Error | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, ...tls, timeout: PATIENCE_MS });
    const end = (fault?: Error): void => {
      socket.destroy();
      resolve(fault);
    };
    // With TLS 1.3 a server refuses a client's certificate only after the client's handshake.
    socket.once('secureConnect', () => socket.write('PING\r\n'));
    socket.once('data', () => {
      end();
    });
    socket.once('timeout', end);
    socket.once('close', () => {
      end();
    });
    socket.on('error', end);
  });
}
