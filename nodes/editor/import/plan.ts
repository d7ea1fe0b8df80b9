import type { EditorNode } from '../editor-node';
import type { KnownCredentials } from './credentials';
import type { NodeSettings } from './settings';

/** A node to make when the dialog is done. */
export interface Creation {
  action: 'create';
  /** Its id, known beforehand so that the form can show it as chosen. */
  id: string;
  settings: NodeSettings;
}

/** A node to change when the dialog is done. */
export interface Update {
  action: 'update';
  node: EditorNode;
  settings: NodeSettings;
  /** The credentials it had when this was planned. */
  known: KnownCredentials;
}

/** What an import does beside filling in the form; nothing of it happens before Done. */
export interface Plan {
  server?: Creation | Update;
  callback?: Creation | Update;
}
