import type { LevelJournal } from '../level-journal';
import { del, guarded, put } from '../level-operations';
import type { LevelRecordStore } from '../level-record-store';
import type { LevelSeen } from '../level-seen';
import { DURABLE, type Level } from '../open-level';
import { moveKey } from '../poll-keys';
import type { ResourceMarker } from '../resource-marker';
import { readBegun, readPollMove, readStateText } from '../stored-state';
import type { Move } from './movable';
import type { MovablePoll, PollHead, PollSlice } from './poll-state';

export interface LevelParts {
  db: Level;
  journal: LevelJournal;
  seen: LevelSeen;
  records: LevelRecordStore;
  marker: ResourceMarker;
  /** Brings what was written without waiting to the disk. */
  flush: () => Promise<void>;
}

/** The embedded poll store, as one end of a move. */
export class LevelMovable implements MovablePoll {
  constructor(
    private readonly resource: string,
    private readonly parts: LevelParts,
  ) {}

  async move(): Promise<Move | undefined> {
    const text = await guarded('read', () => this.parts.db.get(moveKey(this.resource)));
    return readPollMove(this.resource, text);
  }

  async head(): Promise<PollHead> {
    const { db, records } = this.parts;
    const keys = [`state!${this.resource}`, `begun!${this.resource}`];
    const [stateText, begunText] = await guarded('read', () => db.getMany(keys));
    const begun = readBegun(begunText);
    const reconciliation = await records.readReconciliation(this.resource);
    return {
      ...(stateText === undefined ? {} : { state: readStateText(this.resource, stateText) }),
      ...(begun === undefined ? {} : { begun }),
      ...(reconciliation === undefined ? {} : { reconciliation }),
    };
  }

  async *slices(): AsyncGenerator<PollSlice> {
    const { journal, seen, records } = this.parts;
    for await (const block of journal.blocks(this.resource)) yield { journal: block };
    for await (const versions of seen.slices(this.resource)) yield { seen: versions };
    for await (const versions of records.versionSlices(this.resource)) yield { versions };
    for await (const known of records.knownSlices(this.resource)) yield { known };
  }

  async begin(id: string, { reconciliation }: PollHead): Promise<void> {
    const { db, journal, seen, records } = this.parts;
    const key = `reconciliation!${this.resource}`;
    await guarded('written', async () => {
      await db.batch(
        [
          put(moveKey(this.resource), { role: 'arriving', id }),
          ...[del(`state!${this.resource}`), del(`begun!${this.resource}`)],
          reconciliation === undefined ? del(key) : put(key, reconciliation),
        ],
        DURABLE,
      );
      await seen.clear(this.resource);
      await journal.clear(this.resource);
      await records.forgetVersions(this.resource);
      await records.forgetKnown(this.resource);
    });
  }

  async take({ journal = [], seen = [], versions = [], known = [] }: PollSlice): Promise<void> {
    const { db, records } = this.parts;
    const memory = { versions: new Map(versions), knownIds: [] };
    const operations = [
      ...(await this.parts.journal.adding(this.resource, journal)),
      ...(await this.parts.seen.adding(this.resource, new Map(seen))),
      ...(await records.remembering(this.resource, memory)),
      ...records.knowing(this.resource, known),
    ];
    await guarded('written', () => db.batch(operations));
  }

  async complete({ state, begun }: PollHead): Promise<void> {
    const { db, marker, flush } = this.parts;
    await guarded('written', async () => {
      await flush();
      await db.batch(
        [
          ...(state === undefined ? [] : [put(`state!${this.resource}`, state)]),
          ...(begun === undefined ? [] : [put(`begun!${this.resource}`, begun)]),
        ],
        DURABLE,
      );
      if (state !== undefined) await marker.add(this.resource);
    });
  }

  async leave(id: string): Promise<void> {
    const { db } = this.parts;
    const text = JSON.stringify({ role: 'left', id });
    await guarded('written', () => db.put(moveKey(this.resource), text, DURABLE));
  }

  async enter(): Promise<void> {
    await guarded('written', () => this.parts.db.del(moveKey(this.resource), DURABLE));
  }
}
