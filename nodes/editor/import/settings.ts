import type { NodeProperties } from '../../../src/config/instance';
import { parsedJson } from '../../../src/json/parsed-json';
import { isObject, sameJson } from '../values';
import type { ImportedCallback } from './recognise';

/** What an import sets on one node; whatever is not named stays as it is. */
export interface NodeSettings {
  properties: Record<string, unknown>;
  credentials: Record<string, string>;
}

export function serverSettings(server: NodeProperties['config']): NodeSettings {
  const { name, subdomain, tags = [], credentials } = server;
  return {
    properties: present({
      name,
      subdomain: subdomain === '' ? undefined : subdomain,
      tags: tags.length === 0 ? undefined : tags,
    }),
    credentials: present(credentials),
  };
}

/** @param held the headers that an updated node has already */
export function callbackSettings(callback: ImportedCallback, held: unknown = {}): NodeSettings {
  const { enabled, url, headers, credentials } = callback;
  return {
    properties: present({
      enabled,
      url,
      headers: Object.keys(headers).length === 0 ? undefined : { ...objectOf(held), ...headers },
    }),
    credentials: present(credentials),
  };
}

/** Of the properties to be set, those that differ, as the node holds them: what an undo puts back. */
export function valuesBefore(
  node: Readonly<Record<string, unknown>>,
  { properties }: NodeSettings,
): Record<string, unknown> {
  const differing = Object.entries(properties).filter(
    ([name, value]) => !sameJson(node[name], value),
  );
  return Object.fromEntries(differing.map(([name]) => [name, node[name]]));
}

/** The same for credentials, with what says that a secret is stored. */
export function credentialsBefore(
  held: Readonly<Record<string, unknown>>,
  credentials: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.keys(credentials)
      .filter((name) => held[name] !== credentials[name])
      .map((name) => [name, held[name]]),
  );
}

/** Credentials as the editor keeps them: `has_password` stands for a password that is stored. */
export function editorCredentials(
  credentials: Readonly<Record<string, string>>,
): Record<string, string | boolean> {
  const secrets = Object.keys(credentials).filter((name) => name !== 'username');
  return { ...credentials, ...Object.fromEntries(secrets.map((name) => [`has_${name}`, true])) };
}

function objectOf(value: unknown): Record<string, unknown> {
  const object = typeof value === 'string' ? parsedJson(value) : value;
  return isObject(object) ? object : {};
}

function present<Value>(values: Record<string, Value | undefined>): Record<string, Value> {
  return Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, Value] => entry[1] !== undefined),
  );
}
