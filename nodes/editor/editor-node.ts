/** A node in the workspace: its own properties by name, beside those Node-RED keeps. */
export interface EditorNode {
  id: string;
  type: string;
  _def: {
    defaults: Record<string, { value?: unknown; type?: string }>;
    credentials?: Record<string, { type: string }>;
  };
  /** The text for a key of this node type's locale file. */
  _(key: string, values?: Record<string, unknown>): string;
  [property: string]: unknown;
}
