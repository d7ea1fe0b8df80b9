/** Why a request got no answer, as far as its error tells. */
export type NetworkFault =
  { kind: 'tls' | 'timeout' | 'unreachable'; code?: string } | { kind: 'proxy'; status: string };

/** How deep a chain of causes is followed. */
const DEEPEST_CAUSE = 8;

const TLS_CODE =
  /^(ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|EPROTO|CRL_|HOSTNAME_MISMATCH|INVALID_CA)/;

/** How hpagent words a proxy that opens no tunnel. */
const PROXY_REFUSAL = /^Bad response: (\d{3})$/;

/**
 * Classifies what an HTTP client threw. Takes only codes from it: its objects hold the request with
 * its secrets.
 */
export function networkFaultOf(thrown: unknown): NetworkFault {
  const chain = causesOf(thrown);
  const status = chain.map(proxyStatusOf).find((found) => found !== undefined);
  if (status !== undefined) return { kind: 'proxy', status };
  const code = chain.map(codeOf).find((found) => found !== undefined);
  if (code === undefined) return { kind: 'unreachable' };
  if (TLS_CODE.test(code)) return { kind: 'tls', code };
  return { kind: code === 'ETIMEDOUT' ? 'timeout' : 'unreachable', code };
}

/** The error and its causes, outermost first. */
export function causesOf(thrown: unknown): Error[] {
  const chain: Error[] = [];
  for (let error = thrown; error instanceof Error && chain.length < DEEPEST_CAUSE;) {
    chain.push(error);
    error = error.cause;
  }
  return chain;
}

function codeOf(error: Error): string | undefined {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]*$/.test(code) ? code : undefined;
}

function proxyStatusOf(error: Error): string | undefined {
  return PROXY_REFUSAL.exec(error.message)?.[1];
}
