import http from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import type { Duplex } from 'node:stream';
import { SageCrmError } from '../errors/sagecrm-error';
import { proxyFor, proxyNodeEnvironment, withModeOverride, type ProxyRules } from './proxy';
import { connectTimeout, TunnelHttpAgent, TunnelHttpsAgent } from './proxy-agents';

/** What a TLS configuration adds to a connection; the names are those of `tls.connect`. */
export interface TlsOptions {
  ca?: string | Buffer;
  cert?: string | Buffer;
  key?: string | Buffer;
  passphrase?: string;
  servername?: string;
  rejectUnauthorized?: boolean;
  ALPNProtocols?: string[];
}

/** A proxy chosen in the flow; it takes the place of the environment's. */
export interface ProxyOptions {
  url: string;
  noProxy: readonly string[];
  username?: string;
  password?: string;
}

export interface AgentOptions {
  tls?: TlsOptions;
  proxy?: ProxyOptions;
  /** Where `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY` are read when `proxy` is absent. */
  env: NodeJS.ProcessEnv;
  /** Node-RED's setting `proxyOptions`. */
  proxyRules?: ProxyRules;
  /** Resolves host names of direct connections; behind a proxy, the proxy resolves them. */
  lookup?: LookupFunction;
  maxSockets?: number;
  /** Milliseconds until a connection, or a proxy's tunnel, must stand. */
  connectTimeoutMs?: number;
}

export interface AgentPair {
  httpAgent: http.Agent;
  httpsAgent: https.Agent;
}

export interface HttpAgents {
  /**
   * The keep-alive agents for a request to `url`, behind the proxy that applies to it.
   *
   * @throws SageCrmError `CONFIG_INVALID` for a proxy that is not an HTTP URL, `ABORTED` after `destroy`
   */
  forUrl(url: URL): AgentPair;
  /** True when requests to `url` go through a proxy. */
  isProxied(url: URL): boolean;
  /** Ends every connection, also those in use or still being opened. */
  destroy(): void;
}

/**
 * Agents that live as long as their owner.
 *
 * @throws SageCrmError `CONFIG_INVALID` when the proxy of the flow is not an HTTP URL
 */
export function createAgents(options: AgentOptions): HttpAgents {
  return new AgentPool(options);
}

class AgentPool implements HttpAgents {
  private readonly env: Readonly<Record<string, string | undefined>>;
  private readonly rules: ProxyRules;
  /** Keyed by the proxy's URL; '' is the direct way. */
  private readonly pairs = new Map<string, AgentPair>();
  private destroyed = false;

  constructor(private readonly options: AgentOptions) {
    const { proxy, env, proxyRules = {} } = options;
    if (proxy !== undefined) parseProxy(proxy.url, proxy);
    this.env = proxy === undefined ? env : proxyNodeEnvironment(proxy.url, proxy.noProxy);
    this.rules = withModeOverride(proxyRules, env);
  }

  forUrl(url: URL): AgentPair {
    if (this.destroyed) {
      throw new SageCrmError('ABORTED', 'The connections are closed', 'deploy the flow again');
    }
    const proxy = this.proxyOf(url) ?? '';
    const known = this.pairs.get(proxy);
    if (known !== undefined) return known;
    const pair = proxy === '' ? directPair(this.options) : proxyPair(proxy, this.options);
    this.pairs.set(proxy, pair);
    return pair;
  }

  isProxied(url: URL): boolean {
    return this.proxyOf(url) !== undefined;
  }

  destroy(): void {
    this.destroyed = true;
    for (const { httpAgent, httpsAgent } of this.pairs.values()) {
      httpAgent.destroy();
      httpsAgent.destroy();
    }
    this.pairs.clear();
  }

  private proxyOf(url: URL): string | undefined {
    return proxyFor(url, this.env, this.rules);
  }
}

/** As axios sets it for each request: an agent that sets another value undoes it every time. */
const KEEP_ALIVE = { keepAlive: true, keepAliveMsecs: 60_000 } as const;

function directPair(options: AgentOptions): AgentPair {
  const { lookup, maxSockets, connectTimeoutMs, tls } = options;
  const common = { ...KEEP_ALIVE, ...defined({ lookup, maxSockets }) };
  return {
    httpAgent: new DirectHttpAgent(common, connectTimeoutMs),
    httpsAgent: new DirectHttpsAgent({ ...common, ...tls }, connectTimeoutMs),
  };
}

function proxyPair(proxyUrl: string, options: AgentOptions): AgentPair {
  const { maxSockets, connectTimeoutMs, tls } = options;
  const proxy = parseProxy(proxyUrl, options.proxy);
  const common = { ...KEEP_ALIVE, proxy, ...defined({ maxSockets }) };
  return {
    httpAgent: new TunnelHttpAgent(common, connectTimeoutMs),
    httpsAgent: new TunnelHttpsAgent({ ...common, ...tls }, connectTimeoutMs),
  };
}

class DirectHttpAgent extends http.Agent {
  constructor(
    options: http.AgentOptions,
    private readonly connectTimeoutMs: number | undefined,
  ) {
    super(options);
  }

  override createConnection(...args: Parameters<http.Agent['createConnection']>) {
    return limitConnecting(super.createConnection(...args), 'connect', this.connectTimeoutMs);
  }
}

class DirectHttpsAgent extends https.Agent {
  constructor(
    options: https.AgentOptions,
    private readonly connectTimeoutMs: number | undefined,
  ) {
    super(options);
  }

  override createConnection(...args: Parameters<https.Agent['createConnection']>) {
    return limitConnecting(super.createConnection(...args), 'secureConnect', this.connectTimeoutMs);
  }
}

function limitConnecting(
  socket: Duplex | null | undefined,
  connected: 'connect' | 'secureConnect',
  timeoutMs: number | undefined,
): Duplex | null | undefined {
  if (timeoutMs === undefined || !socket) return socket;
  const timer = setTimeout(() => socket.destroy(connectTimeout()), timeoutMs);
  const stop = (): void => {
    clearTimeout(timer);
  };
  socket.once(connected, stop).once('close', stop);
  return socket;
}

/** The proxy as a URL whose user name and password hpagent can decode whatever they hold. */
function parseProxy(text: string, given?: Pick<ProxyOptions, 'username' | 'password'>): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new SageCrmError(
      'CONFIG_INVALID',
      'The proxy is not an HTTP URL',
      'write it as http://host:port in the proxy node, or in HTTP_PROXY, HTTPS_PROXY or ALL_PROXY',
      { details: { field: 'proxy' } },
    );
  }
  const own = Boolean(given?.username) || Boolean(given?.password);
  url.username = encodeURIComponent(own ? (given?.username ?? '') : decoded(url.username));
  url.password = encodeURIComponent(own ? (given?.password ?? '') : decoded(url.password));
  return url;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function defined<Shape extends object>(shape: Shape): Partial<Shape> {
  return Object.fromEntries(
    Object.entries(shape).filter(([, value]) => value !== undefined),
  ) as Partial<Shape>;
}
