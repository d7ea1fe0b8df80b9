import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../../../scripts/process';
import type { FlowNode } from './node-red-process';

/** What to change in every node of one type; `credentials` as the editor would send them. */
export type Changes = Record<string, Record<string, unknown>>;

const EXAMPLES = path.join(ROOT, 'examples');

/** The names under which the import dialog offers the examples. */
export function exampleLabels(): string[] {
  return readdirSync(EXAMPLES)
    .filter((name) => name.endsWith('.json'))
    .map((name) => path.basename(name, '.json'))
    .sort();
}

/** An example flow, its nodes changed as a user would in their dialogs. */
export function exampleFlow(label: string, changes: Changes = {}): FlowNode[] {
  const text = readFileSync(path.join(EXAMPLES, `${label}.json`), 'utf8');
  const nodes = JSON.parse(text) as FlowNode[];
  return nodes.map((node) => ({ ...node, ...changes[node.type] }));
}

/** The node of a type that a flow has one of. */
export function nodeOfType(flow: readonly FlowNode[], type: string): FlowNode {
  const node = flow.find((candidate) => candidate.type === type);
  if (node === undefined) throw new Error(`the flow has no ${type} node`);
  return node;
}
