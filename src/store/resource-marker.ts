import { readFileSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { stateCorrupt } from './state-error';

const FILE = 'resources.json';
const markerSchema = z.object({ resources: z.array(z.string()) });

/**
 * A list, beside the database, of the resources that have state in it.
 *
 * LevelDB drops what it cannot read of its log without a word, down to an empty database; then the
 * list is what tells lost state from none.
 */
export class ResourceMarker {
  private constructor(
    private readonly folder: string,
    private readonly resources: Set<string>,
  ) {}

  /** @throws SageCrmError `STATE_CORRUPT` for a list that cannot be understood */
  static read(folder: string): ResourceMarker {
    let text: string;
    try {
      text = readFileSync(path.join(folder, FILE), 'utf8');
    } catch {
      return new ResourceMarker(folder, new Set());
    }
    try {
      const { resources } = markerSchema.parse(JSON.parse(text));
      return new ResourceMarker(folder, new Set(resources));
    } catch (cause) {
      throw stateCorrupt('has a damaged list of resources', cause);
    }
  }

  has(resource: string): boolean {
    return this.resources.has(resource);
  }

  /** Adds a resource, after its state was written: a crash in between only delays the entry. */
  async add(resource: string): Promise<void> {
    if (this.resources.has(resource)) return;
    const resources = [...this.resources, resource];
    const file = path.join(this.folder, FILE);
    const handle = await open(`${file}.new`, 'w');
    try {
      await handle.writeFile(JSON.stringify({ resources }));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(`${file}.new`, file);
    this.resources.add(resource);
  }
}
