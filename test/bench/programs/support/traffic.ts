import { get } from 'node:http';
import { json } from 'node:stream/consumers';
import { z } from 'zod';

const trafficSchema = z.object({
  requests: z.number(),
  /** Received and sent, headers included. */
  bytes: z.number(),
});

/** What a server was asked and what that moved. */
export type Traffic = z.output<typeof trafficSchema>;

/** The traffic of `crm` since this was asked last; the question itself counts as bytes next time. */
export async function trafficAt(crm: string): Promise<Traffic> {
  const body = await new Promise<unknown>((resolve, reject) => {
    get(new URL('/traffic', crm), { agent: false }, (answer) => {
      json(answer).then(resolve, reject);
    }).once('error', reject);
  });
  return trafficSchema.parse(body);
}
