import type { NodeAPI } from 'node-red';
import { z } from 'zod';
import { SageCrmError } from '../../src/errors/sagecrm-error';
import type { ProxyOptions, TlsOptions } from '../../src/http/agents';
import type { ProxyRules } from '../../src/http/proxy';

/** What Node-RED's own configuration nodes and settings say about connections. */
export interface Network {
  tls?: TlsOptions;
  proxy?: ProxyOptions;
  proxyRules?: ProxyRules;
}

/** Ids of a `tls-config` and an `http proxy` node; empty text counts as none. */
export interface NetworkIds {
  tls?: string;
  proxy?: string;
}

const pem = z.union([z.string(), z.instanceof(Buffer)]).optional();

const tlsOptionsSchema = z.object({
  ca: pem,
  cert: pem,
  key: pem,
  passphrase: z.string().optional(),
  servername: z.string().optional(),
  rejectUnauthorized: z.boolean().optional(),
  ALPNProtocols: z.array(z.string()).optional(),
});

type AddTlsOptions = (options: object) => object;

/** The method stays on the node: it reads the node's own fields through `this`. */
const tlsNodeSchema = z.looseObject({
  valid: z.literal(true),
  addTLSOptions: z.custom<AddTlsOptions>((value) => typeof value === 'function'),
});

const proxyNodeSchema = z.looseObject({
  type: z.literal('http proxy'),
  url: z.string().trim().min(1),
  noproxy: z.array(z.string()).nullish(),
  credentials: z
    .looseObject({ username: z.string().nullish(), password: z.string().nullish() })
    .nullish(),
});

const proxyRulesSchema = z.object({
  mode: z.enum(['strict', 'legacy']).optional(),
  favourUpperCase: z.boolean().optional(),
  lowerCaseOnly: z.boolean().optional(),
  excludeNpm: z.boolean().optional(),
});

/**
 * Reads the TLS and proxy nodes that a node of ours refers to.
 *
 * @throws SageCrmError `CONFIG_INVALID` with `details.field` `tls` or `proxy` when the node is
 * missing, disabled or not usable
 */
export function readNetwork(RED: NodeAPI, ids: NetworkIds): Network {
  return {
    ...(ids.tls ? { tls: readTls(RED, ids.tls) } : {}),
    ...(ids.proxy ? { proxy: readProxy(RED, ids.proxy) } : {}),
    ...readProxyRules(RED),
  };
}

/**
 * @param field the property that names the node
 * @throws SageCrmError `CONFIG_INVALID`
 */
export function readTls(RED: NodeAPI, id: string, field = 'tls'): TlsOptions {
  const node: unknown = RED.nodes.getNode(id);
  const checked = tlsNodeSchema.safeParse(node);
  if (!checked.success) {
    throw networkError(
      field,
      'The TLS configuration is missing, disabled or not valid',
      'open the TLS configuration node and check that its certificate and key are both there and can be read',
    );
  }
  const options = tlsOptionsSchema.safeParse(checked.data.addTLSOptions.call(node, {}));
  if (options.success) return options.data;
  throw networkError(
    field,
    'The TLS configuration gives options that are not understood',
    'open the TLS configuration node, check its fields and deploy again',
  );
}

function readProxy(RED: NodeAPI, id: string): ProxyOptions {
  const checked = proxyNodeSchema.safeParse(RED.nodes.getNode(id));
  if (!checked.success) {
    throw networkError(
      'proxy',
      'The proxy configuration is missing, disabled or has no URL',
      'open the proxy node, write its URL as http://host:port and deploy again',
    );
  }
  const { url, noproxy, credentials } = checked.data;
  return {
    url,
    noProxy: noproxy ?? [],
    ...(credentials?.username ? { username: credentials.username } : {}),
    ...(credentials?.password ? { password: credentials.password } : {}),
  };
}

function readProxyRules(RED: NodeAPI): Pick<Network, 'proxyRules'> {
  const { proxyOptions } = RED.settings as { proxyOptions?: unknown };
  const rules = proxyRulesSchema.safeParse(proxyOptions);
  return rules.success ? { proxyRules: rules.data } : {};
}

function networkError(field: string, what: string, nextStep: string): SageCrmError {
  return new SageCrmError('CONFIG_INVALID', what, nextStep, { details: { field } });
}
