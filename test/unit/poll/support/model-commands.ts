import fc from 'fast-check';
import type { RigOptions } from '../../../support/poll-rig';
import type { Fault } from '../../../simulator/faults';

export const OVERLAP_SECONDS = 120;

/** What happens to the server, the network, the clocks and the flow. */
export type WorldCommand =
  | { do: 'create'; tie: boolean }
  | { do: 'update'; which: number }
  | { do: 'commitLate'; which: number | undefined; afterSeconds: number }
  | { do: 'wait'; seconds: number }
  | { do: 'stepClock'; minutes: number }
  | { do: 'jumpServerDate'; minutes: number }
  | { do: 'fail'; fault: Fault; page: number }
  | { do: 'changeWhilePaging'; which: number }
  | { do: 'breakFlow'; after: number };

/** What the node under test goes through, or another one beside it. */
export type NodeCommand =
  | { do: 'poll' }
  | { do: 'pollOther' }
  | { do: 'acknowledge'; every: number }
  | { do: 'crashWhileEmitting'; after: number }
  | { do: 'crashWhileReading' }
  | { do: 'restart' }
  | { do: 'replay' };

export type Command = { world: WorldCommand } | { node: NodeCommand };

const which = fc.nat({ max: 50 });

const faults: Fault[] = [
  { kind: 'status', status: 500 },
  { kind: 'status', status: 429, headers: { 'Retry-After': '1' } },
  { kind: 'reset' },
  { kind: 'cutJson' },
  { kind: 'cutJson', complete: true },
  { kind: 'html' },
];

const worldCommand: fc.Arbitrary<WorldCommand> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('create' as const), tie: fc.boolean() }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('update' as const), which }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('commitLate' as const),
      which: fc.option(which, { nil: undefined }),
      afterSeconds: fc.integer({ min: 1, max: OVERLAP_SECONDS - 10 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      seconds: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 60, max: 4000 })),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('stepClock' as const),
      minutes: fc.integer({ min: -10, max: 10 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('jumpServerDate' as const),
      minutes: fc.constantFrom(0, 0, -30, 30, 1440),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('fail' as const),
      fault: fc.constantFrom(...faults),
      page: fc.nat({ max: 3 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('changeWhilePaging' as const), which }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('breakFlow' as const), after: fc.nat({ max: 4 }) }),
  },
);

const nodeCommand: fc.Arbitrary<NodeCommand> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('poll' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('pollOther' as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('acknowledge' as const),
      every: fc.integer({ min: 1, max: 3 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('crashWhileEmitting' as const),
      after: fc.nat({ max: 4 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('crashWhileReading' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('replay' as const) }) },
);

export const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 21, arbitrary: fc.record({ world: worldCommand }) },
  { weight: 17, arbitrary: fc.record({ node: nodeCommand }) },
);

const berlin = {
  timezone: 'Europe/Berlin',
  api: 'sdata',
  simulator: { zone: 'Europe/Berlin', dateStyle: 'none', sdata: { pageCap: 3, rowOrder: 'date' } },
} as const satisfies RigOptions;

/** How the node is set up, and when its history begins. */
export const setting: fc.Arbitrary<{ name: string; options: RigOptions; begin: string }> =
  fc.constantFrom(
    { name: 'hub by id', options: { raw: { pageSize: 3 } }, begin: '2026-01-31T10:00:00Z' },
    {
      name: 'hub by date',
      options: { raw: { pageSize: 3 }, simulator: { hub: { rowOrder: 'date' } } },
      begin: '2026-01-31T10:00:00Z',
    },
    {
      name: 'sdata',
      options: { api: 'sdata', simulator: { sdata: { pageCap: 3 } } },
      begin: '2026-01-31T10:00:00Z',
    },
    {
      name: 'hub, acknowledged',
      options: { raw: { pageSize: 3 }, commit: 'acknowledged', maxInFlight: 5 },
      begin: '2026-01-31T10:00:00Z',
    },
    {
      name: 'sdata, acknowledged, with late commits looked for',
      options: {
        api: 'sdata',
        commit: 'acknowledged',
        lateWindowHours: 24,
        simulator: { sdata: { pageCap: 3 } },
      },
      begin: '2026-01-31T10:00:00Z',
    },
    { name: 'sdata, autumn in Berlin', options: berlin, begin: '2026-10-24T23:45:00Z' },
    { name: 'sdata, spring in Berlin', options: berlin, begin: '2026-03-29T00:45:00Z' },
  );
