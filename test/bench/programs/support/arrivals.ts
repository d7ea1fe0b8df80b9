import { get } from 'node:http';
import { json } from 'node:stream/consumers';
import { z } from 'zod';

const arrivalsSchema = z.array(
  z.object({
    /** The webhook's. */
    id: z.string(),
    /** Microseconds of the clock that all processes share. */
    at: z.number(),
  }),
);

export type Arrival = z.output<typeof arrivalsSchema>[number];

/** What has reached the receiver's `/timed` since this was asked last. */
export async function arrivalsAt(receiver: string): Promise<Arrival[]> {
  const body = await new Promise<unknown>((resolve, reject) => {
    get(new URL('/arrivals', receiver), { agent: false }, (answer) => {
      json(answer).then(resolve, reject);
    }).once('error', reject);
  });
  return arrivalsSchema.parse(body);
}
