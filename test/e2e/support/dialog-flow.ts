import { defaultResources } from '../../../src/config/defaults';
import type { FlowNode } from './node-red-process';

export const SERVER = 'server';
export const POLL = 'poll';
export const CALLBACK = 'callback';

const TAB = 'tab';

/** One of each of our nodes, one field of each wrong. */
export function faultyFlow(): FlowNode[] {
  const { accounts, contacts } = defaultResources();
  const faults: Readonly<Record<string, object>> = {
    [SERVER]: { timezone: 'Nowhere/Else' },
    [POLL]: {
      startDate: 'soon',
      resources: { accounts, contacts: { ...contacts, url: '/${gmtDate:bb}' } },
    },
    [CALLBACK]: { retries: 'often' },
  };
  return dialogFlow().map((node) => ({ ...node, ...faults[node.id] }));
}

/** One of each of our nodes, saved with every property, every optional row of their dialogs shown. */
export function dialogFlow(): FlowNode[] {
  const { accounts, contacts } = defaultResources();
  const network = { tls: '', proxy: '' };
  return [
    { id: TAB, type: 'tab', label: 'Dialogs', disabled: false },
    {
      ...{ id: SERVER, type: 'sagecrm-config', name: '', api: 'auto', install: 'crm', ...network },
      ...{ subdomain: 'http://crm.example.com', timezone: 'UTC', tags: ['office'] },
      ...{ dateLiteral: 'auto', literalZone: '', timeout: 30, rateLimit: 10 },
      ...{ store: 'embedded', redisUrl: '', redisTls: '', redisPrefix: 'sagecrm' },
      // Node-RED takes a user name that was never saved for changed by the first Done.
      credentials: { username: 'someone', password: 'a secret', redisUsername: 'someone' },
    },
    {
      ...{ id: POLL, type: 'sagecrm-poll', z: TAB, x: 200, y: 100, name: '', server: SERVER },
      ...{
        interval: 0,
        start: 'date',
        startDate: '2026-01-01T00:00:00Z',
        overlap: 120,
        lateWindow: 24,
      },
      ...{ commit: 'acknowledged', maxInFlight: 1000, redeliverAfter: 30 },
      ...{ resources: { accounts, contacts } },
      ...{ report: true, outputs: 2, wires: [[CALLBACK], []] },
    },
    {
      ...{ id: CALLBACK, type: 'sagecrm-callback', z: TAB, x: 500, y: 100, name: '', ...network },
      ...{ server: SERVER, enabled: true, url: 'https://receiver.example.com', timeout: 15 },
      ...{ format: 'cloudevents', cloudEventsMode: 'structured', batchSize: 1, flushAfter: 1 },
      ...{ concurrency: 8, rateLimit: 0, retries: '', deadLetterLimit: 10_000, deadLetterDays: 30 },
      ...{ headers: { 'X-Token': '${TOKEN}' }, allowUrlOverride: false, allowPrivate: false },
      // Node-RED takes credentials that were never saved for changed by the first Done.
      credentials: { signatureKey: 'a key', username: 'someone', password: 'a secret' },
      wires: [[]],
    },
  ];
}
