import type { ClientRequestArgs } from 'node:http';
import type { RequestOptions } from 'node:https';
import { isIPv6, type LookupFunction } from 'node:net';
import { lookup as dnsLookup } from 'node:dns';
import type { Duplex } from 'node:stream';
import { checkServerIdentity } from 'node:tls';
import { HttpProxyAgent, HttpsProxyAgent } from 'hpagent';

type OnSocket = (error: Error | null, socket: Duplex) => void;

/** What hpagent hands to the request that opens the tunnel, beyond what its types say. */
interface TunnelRequestOptions {
  lookup: LookupFunction;
  signal?: AbortSignal;
}

/**
 * The tunnels of one agent that are still being opened. hpagent gives no handle on them, so each
 * gets its own abort signal: for the connect timeout, and for the agent's end.
 */
class OpeningTunnels {
  private readonly opening = new Set<AbortController>();

  constructor(private readonly timeoutMs: number | undefined) {}

  start(): { signal: AbortSignal; opened: () => void; timedOut: () => boolean } {
    const controller = new AbortController();
    let timedOut = false;
    const onTimeout = (): void => {
      timedOut = true;
      controller.abort();
    };
    const timer = this.timeoutMs === undefined ? undefined : setTimeout(onTimeout, this.timeoutMs);
    this.opening.add(controller);
    const opened = (): void => {
      clearTimeout(timer);
      this.opening.delete(controller);
    };
    return { signal: controller.signal, opened, timedOut: () => timedOut };
  }

  abortAll(): void {
    for (const controller of this.opening) controller.abort();
  }
}

/** hpagent passes a proxy's IPv6 address on in its brackets, which no resolver takes. */
const lookupWithoutBrackets: LookupFunction = (hostname, options, callback) => {
  dnsLookup(hostname.replace(/^\[(.*)\]$/, '$1'), options, callback);
};

function openTunnel(
  tunnels: OpeningTunnels,
  callback: OnSocket | undefined,
  open: (request: TunnelRequestOptions, done: OnSocket) => void,
): undefined {
  const tunnel = tunnels.start();
  open({ lookup: lookupWithoutBrackets, signal: tunnel.signal }, (error, socket) => {
    tunnel.opened();
    callback?.(tunnel.timedOut() ? connectTimeout() : error, socket);
  });
}

/** The error of a connection that was not there in time; `code` is the operating system's. */
export function connectTimeout(): Error {
  return Object.assign(new Error('connecting took too long'), { code: 'ETIMEDOUT' });
}

export interface ProxyAgentOptions {
  keepAlive: boolean;
  maxSockets?: number;
  proxy: URL;
}

/** Tunnels plain HTTP as hpagent does, also to and through literal IPv6 addresses. */
export class TunnelHttpAgent extends HttpProxyAgent {
  declare protected proxyRequestOptions: TunnelRequestOptions;
  private readonly tunnels: OpeningTunnels;

  constructor(options: ProxyAgentOptions, connectTimeoutMs?: number) {
    super(options);
    this.tunnels = new OpeningTunnels(connectTimeoutMs);
  }

  override createConnection(options: ClientRequestArgs, callback?: OnSocket): undefined {
    const host = options.host ?? '';
    openTunnel(this.tunnels, callback, (request, done) => {
      this.proxyRequestOptions = request;
      super.createConnection(isIPv6(host) ? { ...options, host: `[${host}]` } : options, done);
    });
  }

  override destroy(): void {
    this.tunnels.abortAll();
    super.destroy();
  }
}

/** Tunnels HTTPS as hpagent does, also to and through literal IPv6 addresses. */
export class TunnelHttpsAgent extends HttpsProxyAgent {
  declare protected proxyRequestOptions: TunnelRequestOptions;
  private readonly tunnels: OpeningTunnels;

  constructor(options: ProxyAgentOptions, connectTimeoutMs?: number) {
    super(options);
    this.tunnels = new OpeningTunnels(connectTimeoutMs);
  }

  override createConnection(options: RequestOptions, callback?: OnSocket): undefined {
    openTunnel(this.tunnels, callback, (request, done) => {
      this.proxyRequestOptions = request;
      super.createConnection(bracketed(options), done);
    });
  }

  override destroy(): void {
    this.tunnels.abortAll();
    super.destroy();
  }
}

/** Brackets for the CONNECT line, but not for the name that the certificate is held against. */
function bracketed(options: RequestOptions): RequestOptions {
  const host = options.host ?? '';
  if (!isIPv6(host)) return options;
  const inBrackets = `[${host}]`;
  return {
    ...options,
    host: inBrackets,
    checkServerIdentity: (name, certificate) =>
      checkServerIdentity(name === inBrackets ? host : name, certificate),
  };
}
