/** The parts of Node-RED's editor that the forms use. */

/** A node in the workspace: its own properties by name, beside those Node-RED keeps. */
export interface EditorNode {
  id: string;
  type: string;
  _def: { defaults: Record<string, { value?: unknown; type?: string }> };
  /** The text for a key of this node type's locale file. */
  _(key: string, values?: Record<string, unknown>): string;
  [property: string]: unknown;
}

interface MenuItem {
  label: string;
  onselect: () => void;
}

interface NodeRedEditor {
  nodes: {
    /** A node, or a configuration node; null when there is none. */
    node(id: string): EditorNode | null;
  };
  popover: {
    menu(options: { options: MenuItem[] }): { show(place: { target: JQuery }): void };
  };
}

interface EditableListOptions<Item> {
  addButton?: boolean | string;
  buttons?: { id?: string; label: string; icon?: string; click: () => void }[];
  sortable?: boolean;
  height?: number | 'auto';
  addItem: (row: JQuery, index: number, item: Item) => void;
}

declare global {
  const RED: NodeRedEditor;
  interface JQuery {
    editableList<Item>(options: EditableListOptions<Item>): this;
    editableList(method: 'addItem' | 'removeItem', item: unknown): this;
    editableList(method: 'insertItemAt', item: unknown, index: number): this;
    editableList(method: 'indexOf', item: unknown): number;
    editableList(method: 'items'): JQuery;
  }
}
