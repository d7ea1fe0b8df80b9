import type { EditorNode } from '../editor-node';
import { isObject } from '../values';

/** Credentials as the editor knows them: text in full, of secrets only whether there is one. */
export type KnownCredentials = Record<string, unknown>;

/**
 * What the editor knows of a node's credentials: what was typed and not deployed yet, else what the
 * runtime tells. Empty when it tells nothing, as to a user who may not read them.
 */
export function knownCredentials(node: EditorNode): Promise<KnownCredentials> {
  if (isObject(node.credentials)) return Promise.resolve(node.credentials);
  return new Promise((resolve) => {
    $.ajax({
      url: `credentials/${node.type}/${node.id}`,
      dataType: 'json',
      success: (value: unknown) => {
        resolve(isObject(value) ? value : {});
      },
      error: () => {
        resolve({});
      },
    });
  });
}
