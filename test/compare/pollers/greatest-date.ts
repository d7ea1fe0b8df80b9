import type { CrmRecord } from '../../../src/event/event';
import { UPDATED } from '../contestant';
import { transcribed, type Tools, type TranscribedPoller } from '../transcription';

interface State {
  /** The greatest updated date seen, epoch milliseconds; undefined while there is none. */
  greatest: number | undefined;
}

/**
 * The usual improvement on a client clock, as integration guides recommend it: the bound is the
 * greatest updated date seen so far, by the server's own dates. Each run asks inclusively from
 * there, hands on what is strictly later, so that the last record does not come again, and keeps
 * the greatest date of the rows. Switching the trigger on notes the greatest date there is.
 */
class GreatestDate implements TranscribedPoller {
  constructor(private readonly tools: Tools<State>) {}

  async activate(): Promise<void> {
    const rows = await this.tools.hub.readAll();
    this.tools.memory.save({ greatest: this.greatestOf(rows) });
  }

  async poll(): Promise<void> {
    const { hub, dates, memory, emit } = this.tools;
    const { greatest } = memory.load();
    const where = greatest === undefined ? undefined : `${UPDATED}>='${dates.literal(greatest)}'`;
    const rows = await hub.readAll(where);
    for (const row of rows) {
      if (greatest === undefined || dates.read(row[UPDATED]) > greatest) emit(row);
    }
    memory.save({ greatest: this.greatestOf(rows, greatest) });
  }

  /** Passes over dates that are none. */
  private greatestOf(rows: readonly CrmRecord[], before?: number): number | undefined {
    let greatest = before;
    for (const row of rows) {
      const date = this.tools.dates.read(row[UPDATED]);
      if (date > (greatest ?? -Infinity)) greatest = date;
    }
    return greatest;
  }
}

export const greatestDate = transcribed<State>({
  name: 'Greatest date',
  create: (tools) => new GreatestDate(tools),
});
