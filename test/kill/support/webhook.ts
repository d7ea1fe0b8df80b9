import assert from 'node:assert/strict';
import { z } from 'zod';
import type { Delivery } from '../../simulator/webhook-receiver';
import type { Sighting } from './messages';
import { labelOf } from './pollers';

const cloudEventSchema = z.object({
  id: z.string(),
  source: z.string(),
  subject: z.string(),
  data: z.record(z.string(), z.unknown()),
});

const bodySchema = z.union([
  z.array(cloudEventSchema).min(1),
  cloudEventSchema.transform((event) => [event]),
]);

/** The events of a webhook. */
export function sightingsIn({ json }: Delivery): Sighting[] {
  return bodySchema.parse(json).map(({ id, source, subject, data }) => ({
    eventId: id,
    objectType: source.slice(source.lastIndexOf('/') + 1),
    objectId: subject,
    label: labelOf(data),
  }));
}

/** Sees to it that an id of a webhook always stands for the same body. */
export class Bodies {
  private readonly bodies = new Map<string, string>();

  /** A change that is found anew may count as a creation where it counted as an update. */
  forget(): void {
    this.bodies.clear();
  }

  check({ headers, body }: Delivery): void {
    const id = String(headers['webhook-id']);
    assert.equal(this.bodies.get(id) ?? body, body, `webhook ${id} came with two bodies`);
    this.bodies.set(id, body);
  }
}
