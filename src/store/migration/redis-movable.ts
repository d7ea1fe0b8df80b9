import { z } from 'zod';
import { ARRIVE, COMPLETE, MARK_MOVE, TAKE_IN } from '../../redis/move-scripts';
import { list, type RedisKeyspace } from '../redis-keyspace';
import type { RedisRecordStore } from '../redis-record-store';
import { readSeen, seenItem } from '../seen-versions';
import { readBegun, readMove, readStateText } from '../stored-state';
import type { PollStore } from '../poll-store';
import { SLICE_SIZE, type Head, type Movable, type Move, type Slice } from './movable';

const scanSchema = z.tuple([z.string(), z.array(z.string())]);
const textsSchema = z.array(z.string());

export interface RedisParts {
  keyspace: RedisKeyspace;
  records: RedisRecordStore;
  readJournal: PollStore['readJournal'];
}

/** The poll store on Redis, as one end of a move; each write is one script behind the fence. */
export class RedisMovable implements Movable {
  constructor(private readonly parts: RedisParts) {}

  async move(resource: string): Promise<Move | undefined> {
    const [text] = await this.metaOf(resource, ['move']);
    return readMove(resource, text);
  }

  async head(resource: string): Promise<Head> {
    const [stateText, begunText] = await this.metaOf(resource, ['state', 'begun']);
    const begun = readBegun(begunText);
    const reconciliation = await this.parts.records.readReconciliation(resource);
    return {
      ...(stateText === undefined ? {} : { state: readStateText(resource, stateText) }),
      ...(begun === undefined ? {} : { begun }),
      ...(reconciliation === undefined ? {} : { reconciliation }),
    };
  }

  async *slices(resource: string): AsyncGenerator<Slice> {
    yield* this.journalSlices(resource);
    yield* this.seenSlices(resource);
    yield* this.versionSlices(resource);
    yield* this.knownSlices(resource);
  }

  async begin(resource: string, id: string, { reconciliation }: Head): Promise<void> {
    const move = JSON.stringify({ role: 'arriving', id });
    const listed = [reconciliation?.listing ?? '', reconciliation?.at ?? ''];
    await this.parts.keyspace.write(ARRIVE, resource, [move, ...listed]);
  }

  async take(
    resource: string,
    { journal = [], seen = [], versions = [], known = [] }: Slice,
  ): Promise<void> {
    await this.parts.keyspace.write(TAKE_IN, resource, [
      ...list(journal.map(({ key, message }) => [key, JSON.stringify(message)])),
      ...list(seen.map(([id, seenVersions]) => seenItem(id, seenVersions))),
      ...list(known),
      ...list(versions.map(([id, record]) => [id, JSON.stringify(record)])),
    ]);
  }

  async complete(resource: string, { state, begun }: Head): Promise<void> {
    const text = state === undefined ? '' : JSON.stringify(state);
    await this.parts.keyspace.write(COMPLETE, resource, [text, begun ?? '']);
  }

  async leave(resource: string, id: string): Promise<void> {
    const move = JSON.stringify({ role: 'left', id });
    await this.parts.keyspace.write(MARK_MOVE, resource, [move]);
  }

  async enter(resource: string): Promise<void> {
    await this.parts.keyspace.write(MARK_MOVE, resource, ['']);
  }

  private async *journalSlices(resource: string): AsyncGenerator<Slice> {
    let after = '';
    for (;;) {
      const journal = await this.parts.readJournal(resource, SLICE_SIZE, after);
      const last = journal.at(-1);
      if (last === undefined) return;
      yield { journal };
      after = last.key;
    }
  }

  private async *seenSlices(resource: string): AsyncGenerator<Slice> {
    const { keyspace } = this.parts;
    let cursor = '0';
    do {
      const args = [keyspace.keysOf(resource).seen, cursor, 'COUNT', SLICE_SIZE];
      const [next, texts] = scanSchema.parse(await keyspace.command('hscan', args));
      yield { seen: pairsOf(texts).map(([id, text]) => [id, readSeen(resource, text)] as const) };
      cursor = next;
    } while (cursor !== '0');
  }

  private async *versionSlices(resource: string): AsyncGenerator<Slice> {
    const { keyspace, records } = this.parts;
    for await (const ids of this.ranges(keyspace.keysOf(resource).ages)) {
      const found = await records.versions(resource, ids);
      yield {
        versions: ids.flatMap((id, index) => {
          const record = found[index];
          return record === undefined ? [] : [[id, record] as const];
        }),
      };
    }
  }

  private async *knownSlices(resource: string): AsyncGenerator<Slice> {
    const { known } = this.parts.keyspace.keysOf(resource);
    for await (const texts of this.ranges(known, 'WITHSCORES')) {
      yield { known: pairsOf(texts).map(([id, listing]) => [id, Number(listing)] as const) };
    }
  }

  /** A sorted set in slices; nobody writes to it meanwhile. */
  private async *ranges(key: string, ...options: string[]): AsyncGenerator<string[]> {
    for (let begin = 0; ; begin += SLICE_SIZE) {
      const args = [key, begin, begin + SLICE_SIZE - 1, ...options];
      const texts = textsSchema.parse(await this.parts.keyspace.command('zrange', args));
      if (texts.length === 0) return;
      yield texts;
    }
  }

  private metaOf(resource: string, names: readonly string[]) {
    const { keyspace } = this.parts;
    return keyspace.fields(keyspace.keysOf(resource).meta, names);
  }
}

function pairsOf(texts: readonly string[]): [string, string][] {
  return Array.from({ length: texts.length / 2 }, (_, index) => [
    texts[2 * index] ?? '',
    texts[2 * index + 1] ?? '',
  ]);
}
