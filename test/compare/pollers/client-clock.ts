import { UPDATED } from '../contestant';
import { transcribed, type Tools, type TranscribedPoller } from '../transcription';

interface State {
  /** When the last run began, by this machine's clock, epoch milliseconds. */
  lastFetch: number;
}

/**
 * The time-based trigger helper of workflow tools, as their guides for writing polling triggers
 * describe it: each run asks for what is newer than the last run, by the clock of the machine that
 * runs it, hands on the records with a later date, and keeps the time of this run. Switching the
 * trigger on sets the first such time. A run that fails keeps the time it had.
 */
class ClientClock implements TranscribedPoller {
  constructor(private readonly tools: Tools<State>) {}

  activate(): Promise<void> {
    this.tools.memory.save({ lastFetch: this.tools.now() });
    return Promise.resolve();
  }

  async poll(): Promise<void> {
    const { hub, dates, memory, now, emit } = this.tools;
    const { lastFetch } = memory.load();
    const began = now();
    const rows = await hub.readAll(`${UPDATED}>'${dates.literal(lastFetch)}'`);
    for (const row of rows) {
      if (dates.read(row[UPDATED]) > lastFetch) emit(row);
    }
    memory.save({ lastFetch: began });
  }
}

export const clientClock = transcribed<State>({
  name: 'Client clock',
  create: (tools) => new ClientClock(tools),
});
