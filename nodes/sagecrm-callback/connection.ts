import type { NodeAPI } from 'node-red';
import type { CallbackProperties } from '../../src/config/callback-properties';
import { httpTransport, type Transport } from '../../src/delivery/transport';
import type { Clock } from '../../src/effects/clock';
import { readNetwork } from '../runtime/network';

const SECOND_MS = 1000;

type Properties = Pick<CallbackProperties, 'tls' | 'proxy' | 'timeout' | 'allowPrivate'>;

/**
 * Checks what the properties of a callback node say about connections.
 *
 * @returns makes a transport of its own
 * @throws SageCrmError `CONFIG_INVALID` for a TLS or proxy node that is not usable
 */
export function prepareTransport(
  RED: NodeAPI,
  properties: Properties,
  clock: Clock,
): () => Transport {
  const network = readNetwork(RED, properties);
  const { allowPrivate, timeout } = properties;
  return () =>
    httpTransport({
      ...network,
      env: process.env,
      allowPrivate,
      connectTimeoutMs: timeout * SECOND_MS,
      clock,
    });
}
