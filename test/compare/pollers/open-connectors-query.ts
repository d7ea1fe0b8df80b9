import type { CrmRecord } from '../../../src/event/event';
import { UPDATED } from '../contestant';
import { transcribed, type Tools, type TranscribedPoller } from '../transcription';

interface State {
  /** When the previous poll began, epoch milliseconds. */
  lastPoll: number;
  /** Events not delivered yet. */
  queue: CrmRecord[];
}

/**
 * The polling that the documentation of SAP Open Connectors describes for an event poller
 * configuration: the date in the URL stands for the time of the previous poll, records updated
 * later than that are asked for with a strict `>`, a record not later than the last poll is
 * ignored, and each of the others becomes an event. Nothing is remembered of the records. The keys
 * that would soften this (`pollDelay`, `filterByCurrentDate`) are at their documented defaults.
 * Events that cannot be delivered wait in a queue.
 */
class OpenConnectorsQuery implements TranscribedPoller {
  constructor(private readonly tools: Tools<State>) {}

  activate(): Promise<void> {
    this.tools.memory.save({ lastPoll: this.tools.now(), queue: [] });
    return Promise.resolve();
  }

  async poll(): Promise<void> {
    const { hub, dates, memory, now } = this.tools;
    const { lastPoll, queue } = memory.load();
    const began = now();
    const rows = await hub.readAll(`${UPDATED}>'${dates.literal(lastPoll)}'`);
    const events = rows.filter((row) => dates.read(row[UPDATED]) > lastPoll);
    memory.save({ lastPoll: began, queue: this.deliver([...queue, ...events]) });
  }

  /** Delivers in order; what is left after a failure stays queued. */
  private deliver(queue: CrmRecord[]): CrmRecord[] {
    for (const [index, event] of queue.entries()) {
      try {
        this.tools.emit(event);
      } catch {
        return queue.slice(index);
      }
    }
    return [];
  }
}

export const openConnectorsQuery = transcribed<State>({
  name: 'Open Connectors query',
  create: (tools) => new OpenConnectorsQuery(tools),
});
