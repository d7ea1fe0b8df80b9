/** The parts of Node-RED's editor that the forms use. */
import type { EditorNode } from './editor-node';

interface MenuItem {
  label: string;
  onselect: () => void;
}

/** A wire from an output of one node to the input of another. */
interface Link {
  source: EditorNode;
  sourcePort: number;
  target: EditorNode;
}

/** One step that the editor can undo; a dialog's own step takes more of them along. */
export interface HistoryEvent {
  t: 'add' | 'edit';
  /** Added: the ids of the nodes, and their wires. */
  nodes?: string[];
  links?: Link[];
  /** Edited: the node, and the values it had before. */
  node?: EditorNode;
  changes?: Record<string, unknown>;
  changed?: unknown;
  dirty: boolean;
  /** Called whenever the step was undone or done again. */
  callback?: () => void;
}

/** A message at the top of the editor. */
interface Notification extends HTMLElement {
  close(): void;
}

interface NotifyOptions {
  type?: 'success' | 'warning' | 'error';
  /** Stays until it is closed. */
  fixed?: boolean;
  /** With a shade over the rest of the editor. */
  modal?: boolean;
  buttons?: { text: string; class?: string; click: () => void }[];
}

/** A tab of the sidebar. */
interface SidebarTab {
  id: string;
  /** In the tab itself. */
  label: string;
  /** In tooltip and menu. */
  name: string;
  iconClass?: string;
  content: JQuery;
  /** Can be used while a dialog is open. */
  enableOnEdit?: boolean;
  /** The action that opens it. */
  action?: string;
}

interface NodeRedEditor {
  /** The text for a key, which may begin with a catalogue's name and a colon; else the key. */
  _(key: string, values?: Record<string, unknown>): string;
  actions: {
    add(name: string, handler: () => void, options?: { label: string }): void;
    invoke(name: string): void;
  };
  comms: {
    subscribe(topic: string, handler: (topic: string, message: unknown) => void): void;
    /** `connect`: the connection to the runtime is there, again or for the first time. */
    on(event: 'connect', handler: () => void): void;
  };
  clipboard: {
    /** Copies text, and says so beside `element` with the editor's own text for `message`. */
    copyText(text: string, element: JQuery, message: string): void;
  };
  events: {
    on(name: string, handler: (value: unknown) => void): void;
    emit(name: string, value: unknown): void;
  };
  i18n: {
    /** The language that the editor is shown in. */
    lang(): string;
  };
  notify(message: string | JQuery, options?: NotifyOptions): Notification;
  settings: {
    get(key: string): unknown;
    apiRootUrl?: string;
  };
  sidebar: {
    addTab(tab: SidebarTab): void;
    show(id: string): void;
  };
  user: {
    hasPermission(permission: string): boolean;
  };
  view: {
    /** Shows the tab that a node is on, and the node in the middle of it. */
    reveal(id: string): void;
    /** Makes a node with the defaults of its type, without putting it into the workspace. */
    createNode(
      type: string,
      x: number,
      y: number,
      z: string,
    ): { node: EditorNode; historyEvent: HistoryEvent };
    calculateNodeDimensions(node: EditorNode): [number, number];
    redraw(updateActive: boolean): void;
  };
  nodes: {
    /** A node, or a configuration node; null when there is none. */
    node(id: string): EditorNode | null;
    /** The wires that end at a node. */
    filterLinks(filter: { target: { id: string } }): { source: EditorNode }[];
    /** A flow tab; null when there is none. */
    workspace(id: string): { label: string } | null;
    /** A new id. */
    id(): string;
    /** Puts a node into the workspace; gives the object to go on with. */
    add(node: EditorNode): EditorNode;
    addLink(link: Link): void;
    /** The definition of a type; undefined when its module is disabled. */
    getType(type: string): (EditorNode['_def'] & { label?: unknown }) | undefined;
    subflow(id: string): object | undefined;
    filterNodes(filter: { z?: string; type?: string }): EditorNode[];
    getDownstreamNodes(node: EditorNode): EditorNode[];
    /** Whether something is not deployed yet. */
    dirty(): boolean;
  };
  editor: {
    validateNode(node: EditorNode): boolean;
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
    editableList(method: 'empty'): void;
  }
}
