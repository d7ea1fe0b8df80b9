import type { Node, NodeAPI } from 'node-red';

/** A text that is one variable, `${NAME}` or `$(NAME)`; Node-RED fills in no others. */
const REFERENCE = /^\$(?:\{(\S+)\}|\((\S+)\))$/;

/**
 * A copy of a value with its environment variables filled in, as Node-RED fills them in when it
 * starts a node: whole texts only, at any depth, and an unknown variable stays as it is.
 *
 * @param scope a started node whose flow the variables are looked up in; absent: the environment of
 *   the process, without what the setting `envVarExcludes` hides
 */
export function fillInEnvironment(RED: NodeAPI, scope: Node | undefined, value: unknown): unknown {
  if (typeof value === 'string') {
    const match = REFERENCE.exec(value);
    const name = match?.[1] ?? match?.[2];
    return name === undefined ? value : (setting(RED, scope, name) ?? value);
  }
  if (Array.isArray(value)) return value.map((item) => fillInEnvironment(RED, scope, item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, fillInEnvironment(RED, scope, item)]),
  );
}

function setting(RED: NodeAPI, scope: Node | undefined, name: string): unknown {
  if (scope !== undefined) return RED.util.getSetting(scope, name);
  const { envVarExcludes } = RED.settings as { envVarExcludes?: unknown };
  const isHidden = Array.isArray(envVarExcludes) && envVarExcludes.includes(name);
  return isHidden ? undefined : process.env[name];
}
