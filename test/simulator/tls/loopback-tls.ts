import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A self-signed certificate for 127.0.0.1 and localhost, valid until 2120, and its key. The key is
 * public, as everybody can read it here: it protects nothing and is for tests on loopback only.
 * A client that trusts `cert` as its authority connects without a warning.
 */
export function loopbackTls(): { key: string; cert: string } {
  const { key, cert } = loopbackFiles();
  return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
}

/** Where both lie, for a server that reads them itself. */
export function loopbackFiles(): { key: string; cert: string } {
  return { key: join(__dirname, 'loopback.key'), cert: join(__dirname, 'loopback.crt') };
}
