import { z } from 'zod';
import { paceSchema } from '../pace';
import type { Part, Row } from '../part';
import { PEER_FLOWS, flowRun, startStage } from '../peer-flows';

const helpersSchema = z.object({
  pollers: z.array(z.object({ name: z.string(), paces: z.array(paceSchema) })),
});

export type HelpersFigures = z.output<typeof helpersSchema>;

const OURS = 'This package';

/** What else one could use, at the same task in the same run. */
export const peers: Part = {
  name: 'peers',
  title: 'Others: five thousand new records as messages, this package to each of them',
  async run(bench) {
    const flows = await flowRows(bench.rounds);
    const { pollers } = await bench.measure('helpers', helpersSchema);
    const ours = pollers.find(({ name }) => name === OURS)?.paces ?? [];
    const helpers = pollers
      .filter(({ name }) => name !== OURS)
      .map(({ name, paces }) => ({
        figure: `to the transcribed helper “${name}”, in memory only`,
        unit: 'ratio' as const,
        rounds: paces.map(({ perSecond }, round) => (ours[round]?.perSecond ?? NaN) / perSecond),
      }));
    return [...flows, ...helpers];
  },
};

/** In a real Node-RED each, one after the other in every round. */
async function flowRows(rounds: number): Promise<Row[]> {
  const stage = await startStage();
  try {
    const times = new Map(PEER_FLOWS.map(({ name }): [string, number[]] => [name, []]));
    for (let round = 0; round <= rounds; round += 1) {
      for (const flow of PEER_FLOWS) {
        const ms = await flowRun(stage, flow);
        if (round > 0) times.get(flow.name)?.push(ms);
      }
    }
    const ours = times.get(OURS) ?? [];
    return [...times].map(([name, each]) =>
      name === OURS
        ? { figure: 'this package, from deploy to the last message', unit: 'ms', rounds: each }
        : {
            figure: `to ${name}`,
            unit: 'ratio',
            rounds: each.map((ms, round) => ms / (ours[round] ?? NaN)),
          },
    );
  } finally {
    await stage.close();
  }
}
