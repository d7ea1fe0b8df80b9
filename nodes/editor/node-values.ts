import { field, fieldValue, type Form } from './form';
import type { EditorNode } from './editor-node';
import { isObject } from './values';

/**
 * A node as the editor holds it, for the admin routes. A credential that only the
 * runtime knows is left out, or is the mark that Node-RED shows in its place.
 */
export interface NodeValues {
  id: string;
  properties: Record<string, unknown>;
  credentials: Record<string, string>;
}

/** Those of its open dialog, as they are now. */
export function valuesInForm(form: Form): NodeValues {
  const { id, _def } = form.node;
  const properties = Object.keys(_def.defaults).map((name): [string, unknown] => {
    const isShown = field(form, name).length > 0;
    return [name, isShown ? fieldValue(form, name) : form.node[name]];
  });
  const credentials = Object.keys(_def.credentials ?? {}).map((name): [string, string] => [
    name,
    String(fieldValue(form, name)),
  ]);
  return {
    id,
    properties: Object.fromEntries(properties),
    credentials: Object.fromEntries(credentials),
  };
}

/** Those of the node itself, deployed or not. */
export function valuesOfNode(node: EditorNode): NodeValues {
  const { id, _def } = node;
  const held: unknown = node.credentials;
  const credentials = Object.keys(_def.credentials ?? {}).flatMap((name): [string, string][] => {
    const value = isObject(held) ? held[name] : undefined;
    return typeof value === 'string' ? [[name, value]] : [];
  });
  return {
    id,
    properties: Object.fromEntries(
      Object.keys(_def.defaults).map((name): [string, unknown] => [name, node[name]]),
    ),
    credentials: Object.fromEntries(credentials),
  };
}
