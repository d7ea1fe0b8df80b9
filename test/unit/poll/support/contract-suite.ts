import assert from 'node:assert/strict';
import type { RigOptions, StartRig } from '../../../support/poll-rig';
import type { SimulatorOptions } from '../../../simulator/simulator';

/** Ways a Sage CRM can be reached; each must give the same events for the same changes. */
const VARIANTS: Record<string, RigOptions> = {
  'the hub': { api: 'hub' },
  'the hub, opaque tokens and shuffled rows': {
    api: 'hub',
    simulator: { hub: { tokenStyle: 'opaque', rowOrder: 'shuffled' } },
  },
  'sdata with @ literals only': sdata({ sdata: { literal: '@' } }),
  'sdata with quoted literals only': sdata({ sdata: { literal: "'" } }),
  'sdata without orderBy': sdata({ sdata: { honoursOrderBy: false } }),
  'sdata with a cap of 3 and wrong totals': sdata({ sdata: { pageCap: 3, wrongTotal: true } }),
  'sdata with a cap of 3 and links': sdata({ sdata: { pageCap: 3, nextLinks: true } }),
  'sdata with text keys and without nulls': sdata({
    sdata: { keyType: 'string', omitsNulls: true },
  }),
  'sdata in Berlin, dates without a zone': {
    ...sdata({ zone: 'Europe/Berlin', dateStyle: 'none' }),
    timezone: 'Europe/Berlin',
  },
  'sdata in New York, dates with an offset': {
    ...sdata({ zone: 'America/New_York', dateStyle: 'offset' }),
    timezone: 'America/New_York',
  },
  'sdata in Berlin, dates in UTC': {
    ...sdata({ zone: 'Europe/Berlin', dateStyle: 'Z' }),
    timezone: 'Europe/Berlin',
  },
  'auto on a server with sdata only': {
    api: 'auto',
    simulator: { apis: ['sdata'] },
  },
  'auto on a hub only': { api: 'auto', simulator: { apis: ['hub'] } },
};

function sdata(simulator: SimulatorOptions): RigOptions {
  return { api: 'sdata', simulator };
}

/** What each variant must show: kind, id and date of every event, in order, poll by poll. */
async function story(startRig: StartRig, options: RigOptions): Promise<string[][]> {
  const rig = await startRig({ ...options, start: { from: 'now' } });
  try {
    const polls: string[][] = [];
    const poll = async (): Promise<void> => {
      await rig.poll();
      polls.push(
        rig.received
          .splice(0)
          .map(({ event }) => `${event.eventType} ${event.objectId} ${event.date}`),
      );
    };
    await poll();
    await rig.advance(60);
    const rows = rig.crm.many('company', 10);
    await poll();
    await rig.advance(60);
    rig.crm.update('company', rows[2]?.id ?? '', { Comp_Name: "O'Hara & Sons" });
    rig.crm.create('company', {}, { commitAt: rig.simulator.clock.now() + 30_000 });
    await poll();
    await rig.advance(60);
    rig.crm.update('company', rows[2]?.id ?? '', { Comp_Name: 'Once' });
    await poll();
    rig.crm.update('company', rows[2]?.id ?? '', { Comp_Name: 'Twice in a second' });
    await poll();
    await rig.restart();
    await poll();
    return polls;
  } finally {
    await rig.close();
  }
}

/** One story, told over each way to reach a Sage CRM. */
export function itGivesTheSameEvents(startRig: StartRig): void {
  let expected: string[][];

  before(async () => {
    expected = await story(startRig, { api: 'hub' });
    assert.deepEqual(
      expected.map((poll) => poll.length),
      [0, 10, 1, 2, 1, 0],
    );
  });

  for (const [name, options] of Object.entries(VARIANTS)) {
    it(name, async () => {
      assert.deepEqual(await story(startRig, options), expected);
    });
  }
}
