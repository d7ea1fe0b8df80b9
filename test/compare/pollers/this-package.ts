import type { RawResource } from '../../../src/config/resources';
import type { CrmRecord } from '../../../src/event/event';
import { SimulatedClock } from '../../simulator/clock';
import { PollRig, START_OF_TIME } from '../../support/poll-rig';
import { CREATED, UPDATED, type Contestant, type Running, type Setup } from '../contestant';

/** The real poller over a real store, with the defaults a user gets and a start from now. */
export const thisPackage: Contestant = {
  name: 'This package',
  async start(setup) {
    return new RunningPackage(await startRig(setup));
  },
};

class RunningPackage implements Running {
  onRecord: (record: CrmRecord) => void = () => undefined;

  constructor(private readonly rig: PollRig) {
    rig.onMessage = ({ payload }) => {
      this.onRecord(payload);
    };
  }

  get simulator(): PollRig['simulator'] {
    return this.rig.simulator;
  }

  get received(): readonly CrmRecord[] {
    return this.rig.received.map(({ payload }) => payload);
  }

  /** Nothing to do: a start from now counts from the start of the node. */
  activate(): Promise<void> {
    return Promise.resolve();
  }

  async poll(): Promise<void> {
    await this.rig.poll();
  }

  restart(): Promise<void> {
    return this.rig.restart();
  }

  advance(seconds: number): Promise<void> {
    return this.rig.advance(seconds);
  }

  stepClock(ms: number): void {
    this.rig.clock.step(ms);
  }

  close(): Promise<void> {
    return this.rig.close();
  }
}

function startRig({
  pageSize,
  simulator,
  zone,
  beginsAt,
  clockSkewMs = 0,
}: Setup): Promise<PollRig> {
  return PollRig.start({
    start: { from: 'now' },
    timezone: zone ?? 'UTC',
    raw: { pageSize, ...(zone === undefined ? {} : localDates(zone)) },
    simulator: {
      ...simulator,
      ...(zone === undefined ? {} : { zone, dateStyle: 'none' }),
      clock: SimulatedClock.at(beginsAt),
    },
    clockSkewMs: Date.parse(beginsAt) - Date.parse(START_OF_TIME) + clockSkewMs,
  });
}

/** What a user configures for a server that writes local dates. */
function localDates(zone: string): RawResource {
  const format = "yyyy-MM-dd'T'HH:mm:ss";
  return {
    url: `/hubs/crm/accounts?where=${UPDATED}>'\${date:${format}}'`,
    datesConfiguration: {
      updatedDateField: UPDATED,
      updatedDateFormat: format,
      updatedDateTimezone: zone,
      createdDateField: CREATED,
      createdDateFormat: format,
      createdDateTimezone: zone,
    },
  };
}
