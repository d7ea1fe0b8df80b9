import type { CrmRecord } from '../../../src/event/event';
import { transcribed, type Tools, type TranscribedPoller } from '../transcription';

interface State {
  /** The newest id handed on; undefined while there is none. */
  lastId: number | undefined;
}

/**
 * The last-item trigger helper of workflow tools, as their guides for writing polling triggers
 * describe it: each run asks for the newest records, by id from the highest down, hands on those
 * before the last one it knows, and keeps the newest id. Switching the trigger on notes the newest
 * id there is. It is made for created records: an update does not give a new id.
 */
class LastId implements TranscribedPoller {
  constructor(private readonly tools: Tools<State>) {}

  async activate(): Promise<void> {
    const [newest] = await this.newestFirst();
    this.tools.memory.save({ lastId: newest && idOf(newest) });
  }

  async poll(): Promise<void> {
    const { memory, emit } = this.tools;
    const { lastId } = memory.load();
    const rows = await this.newestFirst();
    for (const row of rows) {
      if (idOf(row) === lastId) break;
      emit(row);
    }
    const [newest] = rows;
    memory.save({ lastId: newest === undefined ? lastId : idOf(newest) });
  }

  private async newestFirst(): Promise<CrmRecord[]> {
    const rows = await this.tools.hub.readAll();
    return rows.sort((one, other) => idOf(other) - idOf(one));
  }
}

function idOf(row: CrmRecord): number {
  return Number(row.key);
}

export const lastId = transcribed<State>({
  name: 'Last id',
  create: (tools) => new LastId(tools),
  asksFor: 'id',
});
