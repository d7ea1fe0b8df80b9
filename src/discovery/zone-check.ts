import { FixedOffsetZone } from 'luxon';
import { isoDate } from '../event/iso-date';
import { resolveZone } from '../template/zone';
import { readDates, type ReadDate } from './columns';
import type { Session } from './session';
import { failed, passed, skipped, warned, type TestFacts, type Verdict } from './test-step';

const MINUTE_MS = 60_000;
/** Dates are cut to seconds and requests take time; further ahead of the server is the future. */
const TOLERANCE_MS = 2 * MINUTE_MS;
/** Zones change their offset by quarters of an hour. */
const QUARTER_MS = 15 * MINUTE_MS;
/** A record changed up to so long ago still shows a wrong offset as a nearly whole quarter. */
const FRESH_MS = 5 * MINUTE_MS;
/** No two zones are further apart than -12:00 and +14:00. */
const WIDEST_MS = 26 * 60 * MINUTE_MS;

type Dated = ReadDate & { at: number };

/**
 * Judges the configured zone by the newest updated date: it cannot lie in the server's future. A
 * zone too far east cannot be noticed in this way, since old dates are nothing unusual.
 */
export async function checkZone(session: Session): Promise<Verdict> {
  const { prober, probe, properties } = session.options;
  const rows = [...(await session.firstRows()), ...(await session.recentRows())];
  const dates = readDates(rows, probe.updated, session.serverZone).filter(isDated);
  const { now } = prober;
  const [newest] = dates
    .filter(({ at }) => at <= now + WIDEST_MS + TOLERANCE_MS)
    .sort((a, b) => b.at - a.at);
  if (newest === undefined) {
    return skipped(
      `No record has a date in ${probe.updated.field} that can be read`,
      'see the steps of the resources; with a record to read, test again',
    );
  }
  const facts = { newest: String(newest.value), readAs: isoDate(newest.at) };
  if (newest.at > now + TOLERANCE_MS) return inFuture(newest, newest.at - now, session, facts);
  if (dates.every(({ zoneFrom }) => zoneFrom === 'date')) {
    return passed('The dates name their zone themselves, so the time zone does not matter', {
      ...facts,
      matters: false,
    });
  }
  const zone = newest.zoneFrom === 'format' ? probe.updated.timezone : properties.timezone;
  return passed(`Read in the zone ${zone}, the newest date makes sense: ${facts.readAs}`, {
    ...facts,
    matters: true,
  });
}

function inFuture(newest: Dated, aheadMs: number, session: Session, facts: TestFacts): Verdict {
  const aheadMinutes = Math.round(aheadMs / MINUTE_MS);
  const message = `The newest date, ${String(newest.value)}, lies ${aheadMinutes} min in the server's future`;
  const more = { ...facts, aheadMinutes };
  const quarters = Math.round(aheadMs / QUARTER_MS) || 1;
  const missing = quarters * QUARTER_MS - aheadMs;
  if (missing > FRESH_MS || missing < -MINUTE_MS) {
    return warned(message, `${remedy(newest, session)}, or look at that record`, more);
  }
  if (newest.zoneFrom === 'date') {
    return warned(
      `${message}, although it names its zone`,
      'ask the administrator of Sage CRM whether the server writes local time as if it were UTC',
      more,
    );
  }
  const offset = configuredOffset(newest, session) + (quarters * QUARTER_MS) / MINUTE_MS;
  const likelyOffset = `UTC${FixedOffsetZone.instance(offset).formatOffset(0, 'short')}`;
  return failed(
    `${message}; the server seems to be at ${likelyOffset}`,
    `${remedy(newest, session)}, one that is at ${likelyOffset} now`,
    {
      ...more,
      likelyOffset,
      // Only then is it the configuration node's time zone that is wrong.
      ...(newest.zoneFrom === 'server' && { suggestedTimezone: likelyOffset }),
    },
  );
}

function configuredOffset({ zoneFrom, at }: Dated, { options, serverZone }: Session): number {
  const zone = zoneFrom === 'format' ? resolveZone(options.probe.updated.timezone) : serverZone;
  return zone.offset(at);
}

function remedy({ zoneFrom }: Dated, { options: { probe } }: Session): string {
  return zoneFrom === 'format'
    ? `set the time zone of the updated date of ${probe.key} to that of the server`
    : 'set the time zone in the configuration node to that of the server';
}

function isDated(date: ReadDate): date is Dated {
  return date.at !== undefined;
}
