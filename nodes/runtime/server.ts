import type { Zone } from 'luxon';
import type { Node, NodeAPI } from 'node-red';
import { SageCrmError } from '../../src/errors/sagecrm-error';
import type { Readings } from '../../src/poll/readings';
import type { CrmClient } from '../../src/sagecrm/client';
import type { Api } from '../../src/sagecrm/source';
import type { ServerSource } from '../../src/sagecrm/server-source';
import type { SharedRedis } from './redis';

/** What a configuration node gives to the nodes that use it. */
export interface SageCrmServer {
  /** The name that goes into events. */
  instanceName: string;
  tags: readonly string[];
  /** The server's zone, for dates without one. */
  zone: Zone;
  /** How the poll nodes read their resources. */
  readings: Readings;
  client: CrmClient;
  source: ServerSource;
  /** The API that `auto` has found; undefined when it was set, or is not known yet. */
  foundApi: () => Api | undefined;
  /** Where nodes keep their state; undefined: each beside Node-RED. */
  redis: SharedRedis | undefined;
  /**
   * The Redis that is set, also while state is kept beside Node-RED; whoever asks closes it.
   *
   * @throws SageCrmError `CONFIG_INVALID` or `REDIS_MISSING`
   */
  openRedis: () => SharedRedis;
  /** Throws when a resource's URL cannot be asked in the API that is set. */
  checkUrl: (resource: string, url: string) => void;
}

/** A `sagecrm-config` node at run time: a server, or the reason why there is none. */
export interface SageCrmConfigNode extends Node {
  server: SageCrmServer | SageCrmError;
}

/**
 * The server of the configuration node with this id.
 *
 * @throws SageCrmError `CONFIG_INVALID` when it is missing, disabled or not valid
 */
export function serverOf(RED: NodeAPI, id: string): SageCrmServer {
  const node: unknown = RED.nodes.getNode(id);
  if (!isConfigNode(node)) {
    throw new SageCrmError(
      'CONFIG_INVALID',
      'server is not set, or its configuration node is disabled',
      'open the node, choose the Sage CRM server and deploy again',
      { details: { field: 'server' } },
    );
  }
  if (node.server instanceof SageCrmError) throw node.server;
  return node.server;
}

function isConfigNode(node: unknown): node is SageCrmConfigNode {
  return typeof node === 'object' && node !== null && 'server' in node;
}
