import type { LevelJournal } from '../level-journal';
import { del, guarded, put } from '../level-operations';
import type { LevelRecordStore } from '../level-record-store';
import type { LevelSeen } from '../level-seen';
import { DURABLE, type Level } from '../open-level';
import { moveKey } from '../poll-keys';
import type { ResourceMarker } from '../resource-marker';
import { readBegun, readMove, readStateText } from '../stored-state';
import type { Head, Movable, Move, Slice } from './movable';

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
export class LevelMovable implements Movable {
  constructor(private readonly parts: LevelParts) {}

  async move(resource: string): Promise<Move | undefined> {
    const text = await guarded('read', () => this.parts.db.get(moveKey(resource)));
    return readMove(resource, text);
  }

  async head(resource: string): Promise<Head> {
    const { db, records } = this.parts;
    const keys = [`state!${resource}`, `begun!${resource}`];
    const [stateText, begunText] = await guarded('read', () => db.getMany(keys));
    const begun = readBegun(begunText);
    const reconciliation = await records.readReconciliation(resource);
    return {
      ...(stateText === undefined ? {} : { state: readStateText(resource, stateText) }),
      ...(begun === undefined ? {} : { begun }),
      ...(reconciliation === undefined ? {} : { reconciliation }),
    };
  }

  async *slices(resource: string): AsyncGenerator<Slice> {
    const { journal, seen, records } = this.parts;
    for await (const block of journal.blocks(resource)) yield { journal: block };
    for await (const versions of seen.slices(resource)) yield { seen: versions };
    for await (const versions of records.versionSlices(resource)) yield { versions };
    for await (const known of records.knownSlices(resource)) yield { known };
  }

  async begin(resource: string, id: string, { reconciliation }: Head): Promise<void> {
    const { db, journal, seen, records } = this.parts;
    const key = `reconciliation!${resource}`;
    await guarded('written', async () => {
      await db.batch(
        [
          put(moveKey(resource), { role: 'arriving', id }),
          ...[del(`state!${resource}`), del(`begun!${resource}`)],
          reconciliation === undefined ? del(key) : put(key, reconciliation),
        ],
        DURABLE,
      );
      await seen.clear(resource);
      await journal.clear(resource);
      await records.forgetVersions(resource);
      await records.forgetKnown(resource);
    });
  }

  async take(
    resource: string,
    { journal = [], seen = [], versions = [], known = [] }: Slice,
  ): Promise<void> {
    const { db, records } = this.parts;
    const memory = { versions: new Map(versions), knownIds: [] };
    const operations = [
      ...(await this.parts.journal.adding(resource, journal)),
      ...(await this.parts.seen.adding(resource, new Map(seen))),
      ...(await records.remembering(resource, memory)),
      ...records.knowing(resource, known),
    ];
    await guarded('written', () => db.batch(operations));
  }

  async complete(resource: string, { state, begun }: Head): Promise<void> {
    const { db, marker, flush } = this.parts;
    await guarded('written', async () => {
      await flush();
      await db.batch(
        [
          ...(state === undefined ? [] : [put(`state!${resource}`, state)]),
          ...(begun === undefined ? [] : [put(`begun!${resource}`, begun)]),
        ],
        DURABLE,
      );
      if (state !== undefined) await marker.add(resource);
    });
  }

  async leave(resource: string, id: string): Promise<void> {
    const { db } = this.parts;
    const text = JSON.stringify({ role: 'left', id });
    await guarded('written', () => db.put(moveKey(resource), text, DURABLE));
  }

  async enter(resource: string): Promise<void> {
    await guarded('written', () => this.parts.db.del(moveKey(resource), DURABLE));
  }
}
