import { z } from 'zod';
import { paceSchema, ratios, speed } from '../pace';
import type { Part, Row } from '../part';

const roundsSchema = z.array(
  z.object({
    bare: paceSchema,
    /** Events. */
    ours: paceSchema,
    /** How many of them shared a webhook, on average. */
    eventsEach: z.number(),
  }),
);

const figuresSchema = z.object({
  /** One event a webhook, from a full outbox. */
  single: roundsSchema,
  /** The same, while events are taken. */
  meanwhile: roundsSchema,
  /** Ten events a webhook, from a full outbox. */
  batched: roundsSchema,
});

export type OutboxFigures = z.output<typeof figuresSchema>;

/** Deliveries of the whole outbox, from a disk to a receiver and to what is stored of it. */
export const outbox: Part = {
  name: 'outbox',
  title: 'The whole outbox: events delivered, 8 webhooks under way, to the bare loop',
  async run(bench) {
    const { single, meanwhile, batched } = await bench.measure('outbox', figuresSchema);
    return [
      ...figures('one event a webhook', single),
      ...figures('one event a webhook, while 64 callers put events in', meanwhile),
      ...figures('ten events a webhook', batched),
      {
        figure: 'ten events a webhook: webhooks',
        unit: 'ratio',
        rounds: batched.map(
          ({ bare, ours, eventsEach }) => ours.perSecond / eventsEach / bare.perSecond,
        ),
      },
    ];
  },
};

function figures(figure: string, rounds: z.output<typeof roundsSchema>): Row[] {
  return [
    ...ratios(figure, rounds),
    speed(
      figure,
      rounds.map(({ ours }) => ours),
    ),
  ];
}
