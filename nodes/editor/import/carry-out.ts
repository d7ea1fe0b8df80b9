import type { EditorNode } from '../editor-node';
import type { HistoryEvent } from '../node-red';
import { isObject } from '../values';
import { placeRightOf, type Box } from './layout';
import type { Creation, Plan, Update } from './plan';
import { credentialsBefore, editorCredentials, valuesBefore, type NodeSettings } from './settings';

const SERVER = 'sagecrm-config';
const CALLBACK = 'sagecrm-callback';

/**
 * Makes and changes the nodes of a plan.
 *
 * @param chosen the id of the server that the form shows: a new one is made only if it is that
 * @returns the steps that undo it, which go along with the step of the dialog
 */
export function carryOut(poll: EditorNode, plan: Plan, chosen: string): HistoryEvent[] {
  const events: HistoryEvent[] = [];
  const { server, callback } = plan;
  if (server?.action === 'create' && server.id === chosen) events.push(addServer(poll, server));
  if (server?.action === 'update') events.push(...change(server));
  if (callback?.action === 'create') events.push(addCallback(poll, callback));
  if (callback?.action === 'update') events.push(...change(callback));
  if (events.length > 0) RED.view.redraw(true);
  return events;
}

/** Global, or in the subflow that the poll node is in, as the editor makes configuration nodes. */
function addServer(poll: EditorNode, { id, settings }: Creation): HistoryEvent {
  const definition = RED.nodes.getType(SERVER);
  if (definition === undefined) throw new Error(`${SERVER} is not there`);
  const event: HistoryEvent = {
    ...{ t: 'add', nodes: [id], dirty: RED.nodes.dirty() },
    // Doing it again judges the poll node before its server is back.
    callback: () => {
      RED.editor.validateNode(RED.nodes.node(poll.id) ?? poll);
    },
  };
  const values = Object.entries(definition.defaults).map(([name, { value }]) => [name, value]);
  const node = {
    ...(structuredClone(Object.fromEntries(values)) as object),
    ...settings.properties,
    ...{ id, type: SERVER, z: inSubflow(poll) ? poll.z : '', users: [], changed: true },
    ...{ _def: definition, label: definition.label },
    ...newCredentials(settings),
  } as unknown as EditorNode;
  RED.editor.validateNode(RED.nodes.add(node));
  return event;
}

function inSubflow(poll: EditorNode): boolean {
  return typeof poll.z === 'string' && RED.nodes.subflow(poll.z) !== undefined;
}

function addCallback(poll: EditorNode, { settings }: Creation): HistoryEvent {
  const flow = String(poll.z);
  const { node, historyEvent } = RED.view.createNode(
    CALLBACK,
    Number(poll.x),
    Number(poll.y),
    flow,
  );
  Object.assign(node, settings.properties, newCredentials(settings));
  const others = RED.nodes.filterNodes({ z: flow }).map(boxOf);
  const added = RED.nodes.add(node);
  const [width] = RED.view.calculateNodeDimensions(added);
  Object.assign(added, placeRightOf(boxOf(poll), others, width));
  const link = { source: RED.nodes.node(poll.id) ?? poll, sourcePort: 0, target: added };
  RED.nodes.addLink(link);
  RED.editor.validateNode(added);
  return { ...historyEvent, links: [link] };
}

/** `_` is what the runtime knows already: nothing. Without it Node-RED sends every credential. */
function newCredentials({ credentials }: NodeSettings): object {
  if (Object.keys(credentials).length === 0) return {};
  return { credentials: { ...editorCredentials(credentials), _: {} } };
}

function boxOf({ x, y, w, h }: EditorNode): Box {
  return {
    x: Number(x),
    y: Number(y),
    ...(typeof w === 'number' ? { w } : {}),
    ...(typeof h === 'number' ? { h } : {}),
  };
}

function change({ node, settings, known }: Update): HistoryEvent[] {
  const changes = valuesBefore(node, settings);
  const held = isObject(node.credentials) ? node.credentials : { ...known, _: { ...known } };
  const credentials = editorCredentials(settings.credentials);
  const before = credentialsBefore(held, credentials);
  if (Object.keys(before).length > 0) {
    changes.credentials = before;
    node.credentials = { ...held, ...credentials };
  }
  if (Object.keys(changes).length === 0) return [];
  const event: HistoryEvent = {
    ...{ t: 'edit', node, changes },
    ...{ changed: node.changed, dirty: RED.nodes.dirty() },
  };
  Object.assign(node, settings.properties, { changed: true, dirty: true });
  RED.editor.validateNode(node);
  RED.events.emit('nodes:change', node);
  if (Array.isArray(node.users)) {
    for (const user of node.users as EditorNode[]) RED.editor.validateNode(user);
  }
  return [event];
}
