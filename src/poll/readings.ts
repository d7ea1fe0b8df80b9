import type { Zone } from 'luxon';
import type { Resource } from '../config/resources';
import { compileUrlTemplate, type UrlTemplate } from '../template/url-template';
import { createRecordReader, type RecordReader } from './candidate';

/** How the records of a resource are asked for and read. */
export interface Reading {
  template: UrlTemplate;
  reader: RecordReader;
}

/** @param serverZone for dates without one */
export function createReading(resource: Resource, serverZone: Zone): Reading {
  return {
    template: compileUrlTemplate(resource.url, serverZone),
    reader: createRecordReader(resource, serverZone),
  };
}

interface Lent {
  reading: Reading;
  users: number;
}

/**
 * The readings of one server. What poll nodes read alike is compiled once for all of them, and kept
 * as long as one of them uses it: compiled templates and patterns are most of what an idle node holds.
 */
export class Readings {
  private readonly lent = new Map<string, Lent>();

  /** @param serverZone for dates without one */
  constructor(private readonly serverZone: Zone) {}

  /** How many different ones are in use. */
  get size(): number {
    return this.lent.size;
  }

  /** @returns the reading, and what tells, once, that it is used no longer */
  use(resource: Resource): { reading: Reading; done: () => void } {
    const key = settingsOf(resource);
    const known = this.lent.get(key);
    const lent = known ?? { reading: createReading(resource, this.serverZone), users: 0 };
    this.lent.set(key, lent);
    lent.users += 1;
    return {
      reading: lent.reading,
      done: () => {
        lent.users -= 1;
        if (lent.users === 0) this.lent.delete(key);
      },
    };
  }
}

/** What a reading depends on, beside the server. */
function settingsOf({ url, idField, updated, created }: Resource): string {
  return JSON.stringify([url, idField, updated, created]);
}
