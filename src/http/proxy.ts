import { isIPv6 } from 'node:net';

/** How Node-RED reads proxy variables: its setting `proxyOptions`. */
export interface ProxyRules {
  /** `legacy` looks only at `http_proxy` and matches exceptions anywhere in the URL. */
  mode?: 'strict' | 'legacy';
  /** Take `HTTP_PROXY` before `http_proxy`. */
  favourUpperCase?: boolean;
  /** Never read the upper-case names. */
  lowerCaseOnly?: boolean;
  /** Never read `npm_config_*`. */
  excludeNpm?: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy for `url`, or `undefined` to connect directly. Decides as Node-RED's own nodes do
 * (`@node-red/nodes/core/network/lib/proxyHelper.js`), so that one `NO_PROXY` serves all of them;
 * beyond that, an exception may be a bare IPv6 address.
 *
 * @param env the proxy variables: the process's, or those that stand for a proxy node
 */
export function proxyFor(url: URL, env: Environment, rules: ProxyRules = {}): string | undefined {
  const found = rules.mode === 'legacy' ? legacyProxy(url, env) : strictProxy(url, env, rules);
  return found === '' ? undefined : found;
}

/** The variables that stand for a proxy node: they hide the process's own. */
export function proxyNodeEnvironment(url: string, noProxy: readonly string[]): Environment {
  return { http_proxy: url, https_proxy: url, no_proxy: noProxy.join(',') };
}

/** `NR_PROXY_MODE` overrules the mode of the settings file. */
export function withModeOverride(rules: ProxyRules, env: Environment): ProxyRules {
  const mode = variable('NR_PROXY_MODE', env, {});
  return mode === 'strict' || mode === 'legacy' ? { ...rules, mode } : rules;
}

function strictProxy(url: URL, env: Environment, rules: ProxyRules): string {
  if (url.hostname === '' || isException(url, env, rules)) return '';
  const scheme = url.protocol.replace(/:$/, '');
  const names = [`npm_config_${scheme}_proxy`, `${scheme}_proxy`, 'npm_config_proxy', 'all_proxy'];
  const proxy = names.map((name) => variable(name, env, rules)).find((value) => value !== '') ?? '';
  return proxy === '' || proxy.includes('://') ? proxy : `${scheme}://${proxy}`;
}

function isException(url: URL, env: Environment, rules: ProxyRules): boolean {
  const exceptions = (
    variable('npm_config_no_proxy', env, rules) || variable('no_proxy', env, rules)
  ).toLowerCase();
  if (exceptions === '*') return true;
  const port = url.port === '' ? defaultPort(url) : Number(url.port);
  return exceptions
    .split(/[,\s]/)
    .some((exception) => exception !== '' && matches(exception, url.hostname, port));
}

/** `host`, `host:port`, `.suffix` or `*suffix`; a host of IPv6 stands in brackets or is bare. */
function matches(exception: string, hostname: string, port: number): boolean {
  if (isIPv6(exception)) return hostname === `[${exception}]`;
  const [, host, wantedPort = '0'] = /^(.+):(\d+)$/.exec(exception) ?? [];
  if (Number(wantedPort) !== 0 && Number(wantedPort) !== port) return false;
  const wanted = host ?? exception;
  if (wanted.startsWith('*')) return hostname.endsWith(wanted.slice(1));
  return wanted.startsWith('.') ? hostname.endsWith(wanted) : hostname === wanted;
}

function defaultPort(url: URL): number {
  return url.protocol === 'https:' ? 443 : 80;
}

function legacyProxy(url: URL, env: Environment): string {
  const proxy = variable('http_proxy', env, { favourUpperCase: true });
  const exceptions = variable('no_proxy', env, { favourUpperCase: true });
  if (exceptions === '') return proxy;
  return exceptions.split(',').some((exception) => url.href.includes(exception.trim()))
    ? ''
    : proxy;
}

function variable(name: string, env: Environment, rules: ProxyRules): string {
  if (rules.excludeNpm === true && name.startsWith('npm_config_')) return '';
  const lower = env[name.toLowerCase()] ?? '';
  if (rules.lowerCaseOnly === true) return lower;
  const upper = env[name.toUpperCase()] ?? '';
  return rules.favourUpperCase === true ? upper || lower : lower || upper;
}
