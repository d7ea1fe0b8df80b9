import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const EXAMPLES = path.resolve(__dirname, '../../../examples');

/** A node as a flow file holds it; configuration nodes have no place on a tab. */
export interface ExampleNode extends Record<string, unknown> {
  id: string;
  type: string;
  z?: string;
  name?: string;
  x?: number;
  y?: number;
  wires?: string[][];
}

export interface ExampleFile {
  /** The file's name without `.json`, which is what the import dialog shows. */
  label: string;
  text: string;
}

/** Every example flow, in the order of the menu. */
export function exampleFiles(): ExampleFile[] {
  return readdirSync(EXAMPLES)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => ({
      label: path.basename(name, '.json'),
      text: readFileSync(path.join(EXAMPLES, name), 'utf8'),
    }));
}

export function nodesOf(file: ExampleFile): ExampleNode[] {
  return JSON.parse(file.text) as ExampleNode[];
}
