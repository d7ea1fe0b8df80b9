import { defaultResources } from '../../../src/config/defaults';
import type { FlowNode } from './node-red-process';
import type { Planted } from './planted';

const TAB = 'tab';
const START = 'start';

/** A distinct secret for every place that takes one. */
export const PLANTED = {
  crmPassword: 'Crm+Plant/word=1 é',
  userSecret: 'UserPlant0001secret',
  organizationSecret: 'OrgPlant0002secret',
  elementToken: 'ElementPlant0003tok',
  signatureKey: 'Sign+Plant/key=4',
  badKey: 'Bad!Plant/key=5',
  hookPassword: 'Hook+Plant/word=6',
  headerValue: 'Header+Plant/val=7',
  badHeader: 'Header+Plant/bad=8',
  urlPassword: 'UrlPlant0009word',
  badUrl: 'UrlPlant0010bad',
  proxyPassword: 'Proxy+Plant/word=11',
} as const satisfies Planted;

/** What answers in one way or another, each at a base URL. */
export interface Places {
  /** A server and receiver that says a request back, with the status that its path begins with. */
  echo: string;
  /** The same, with a certificate that nobody trusts. */
  untrusted: string;
  /** Nobody is there. */
  nobody: string;
  /** A server with records. */
  crm: string;
}

/** The environment variables that the flow's properties refer to. */
export function environmentOf({ echo }: Places): Record<string, string> {
  const { headerValue, badHeader, urlPassword, badUrl } = PLANTED;
  const url = new URL(`${echo}/401`);
  [url.username, url.password] = ['url-user', urlPassword];
  return {
    HOOK_TOKEN: headerValue,
    HOOK_URL: url.href,
    BAD_HEADER: `${badHeader}\nsecond line`,
    BAD_URL: `http://url-user:${badUrl}@:no-port/`,
  };
}

/** Every node that can fail with a secret at hand, all started by one button, and who looks on. */
export function secretFlow(places: Places): FlowNode[] {
  const servers = serversOf(places);
  const callbacks = callbacksOf(places);
  const polls = servers.map(({ id }) => pollOf(id));
  const source = { ...pollOf('crm'), wires: [callbacks.map(({ id }) => id), ['seen', 'json']] };
  return [
    { id: TAB, type: 'tab', label: 'Secrets', disabled: false },
    ...[...servers, serverOf('crm', places.crm)],
    ...[...polls, source, ...callbacks, ...observers()],
    {
      ...{ id: START, type: 'inject', z: TAB, x: 100, y: 100, props: [], repeat: '', once: false },
      wires: [[...polls.map(({ id }) => id), source.id]],
    },
    {
      ...{ id: 'proxy', type: 'http proxy', name: '', url: places.echo, noproxy: [] },
      credentials: { username: 'proxy-user', password: PLANTED.proxyPassword },
    },
  ];
}

/** The nodes that fail: each tells its Catch node so. */
export function failing(flow: readonly FlowNode[]): string[] {
  return flow
    .filter(
      ({ id, type }) =>
        /^sagecrm-(poll|callback)$/.test(type) && !/^(poll-crm|to-200|to-410)/.test(id),
    )
    .map(({ id }) => id);
}

/** Presses the button that starts everything. */
export const BUTTON = START;

function serversOf({ echo, untrusted, nobody }: Places): FlowNode[] {
  const statuses = [200, 302, 401, 403, 404, 500];
  return [
    ...statuses.map((status) => serverOf(`says-${status}`, `${echo}/${status}`)),
    ...statuses.map((status) => serverOf(`three-${status}`, `${echo}/${status}`, threeSecrets())),
    serverOf('untrusted', untrusted),
    serverOf('nobody', nobody),
    serverOf('behind', echo, logOn(), { proxy: 'proxy' }),
  ];
}

function serverOf(
  id: string,
  subdomain: string,
  credentials = logOn(),
  more: Record<string, unknown> = {},
): FlowNode {
  const plain = { timezone: 'UTC', rateLimit: 0, timeout: 15, api: 'hub' };
  return {
    id,
    type: 'sagecrm-config',
    name: `Server ${id}`,
    subdomain,
    ...plain,
    ...more,
    credentials,
  };
}

function logOn(): Record<string, string> {
  return { username: 'crm-user', password: PLANTED.crmPassword };
}

function threeSecrets(): Record<string, string> {
  const { userSecret, organizationSecret, elementToken } = PLANTED;
  return { userSecret, organizationSecret, elementToken };
}

function pollOf(server: string): FlowNode {
  const { accounts } = defaultResources();
  return {
    ...{ id: `poll-${server}`, type: 'sagecrm-poll', z: TAB, name: '', server, x: 300, y: 100 },
    ...{ start: 'all', interval: 0, resources: { accounts }, report: true, outputs: 2 },
    ...{
      commit: 'acknowledged',
      wires: [
        ['seen', 'json'],
        ['seen', 'json'],
      ],
    },
  };
}

function callbacksOf({ echo, untrusted, nobody }: Places): FlowNode[] {
  const { badKey, signatureKey, hookPassword } = PLANTED;
  const own = { signatureKey, username: 'hook-user', password: hookPassword };
  const statuses = [200, 302, 401, 404, 410, 429, 500];
  return [
    ...statuses.map((status) => callbackOf(`to-${status}`, { url: `${echo}/${status}` }, own)),
    callbackOf('to-url', { url: '${HOOK_URL}' }, { signatureKey }),
    callbackOf('to-untrusted', { url: untrusted }, own),
    callbackOf('to-nobody', { url: nobody }, own),
    callbackOf('to-behind', { url: `${echo}/200`, proxy: 'proxy' }, own),
    callbackOf('to-inside', { url: `${echo}/200`, allowPrivate: false }, own),
    callbackOf(
      'bad-key',
      { url: echo, format: 'standard-webhooks' },
      { signatureKey: `whsec_${badKey}` },
    ),
    callbackOf('bad-header', { url: echo, headers: { 'X-Token': '${BAD_HEADER}' } }, own),
    callbackOf('bad-url', { url: '${BAD_URL}' }, own),
    callbackOf('bad-log-on', { url: echo, headers: { Authorization: '${HOOK_TOKEN}' } }, own),
    callbackOf('bad-tls', { url: untrusted, tls: 'nobody' }, own),
  ];
}

function callbackOf(
  id: string,
  properties: Record<string, unknown>,
  credentials: Record<string, string>,
): FlowNode {
  return {
    ...{ id, type: 'sagecrm-callback', z: TAB, name: '', x: 500, y: 100, allowPrivate: true },
    ...{ headers: { 'X-Token': '${HOOK_TOKEN}' }, retries: '0s 0.1s', timeout: 15 },
    ...{ ...properties, credentials, wires: [['seen', 'json']] },
  };
}

/** Whole messages in the log and the sidebar, as JavaScript and as JSON. */
function observers(): FlowNode[] {
  const debug = { type: 'debug', z: TAB, x: 700, y: 100, wires: [], active: true, tosidebar: true };
  const lookOn = { z: TAB, x: 500, y: 300, scope: null, wires: [['seen', 'json']] };
  return [
    { ...debug, id: 'seen', name: 'Seen', console: true, complete: 'true', targetType: 'full' },
    {
      ...{ ...debug, id: 'json', name: 'Json', console: true, targetType: 'jsonata' },
      complete: '"seen " & ($exists(error) ? error.source.id : "nothing") & " " & $string($)',
    },
    { ...lookOn, id: 'catch', type: 'catch', uncaught: false },
    { ...lookOn, id: 'status', type: 'status' },
  ];
}
