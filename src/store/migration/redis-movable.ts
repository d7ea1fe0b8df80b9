import { z } from 'zod';
import { ARRIVE, COMPLETE, MARK_MOVE, TAKE_IN } from '../../redis/move-scripts';
import { list, type RedisKeyspace } from '../redis-keyspace';
import type { RedisRecordStore } from '../redis-record-store';
import { readSeen, seenItem } from '../seen-versions';
import { readBegun, readPollMove, readStateText } from '../stored-state';
import type { PollStore } from '../poll-store';
import { SLICE_SIZE, type Move } from './movable';
import type { MovablePoll, PollHead, PollSlice } from './poll-state';

const scanSchema = z.tuple([z.string(), z.array(z.string())]);
const textsSchema = z.array(z.string());

export interface RedisParts {
  keyspace: RedisKeyspace;
  records: RedisRecordStore;
  readJournal: PollStore['readJournal'];
}

/** The poll store on Redis, as one end of a move; each write is one script behind the fence. */
export class RedisMovable implements MovablePoll {
  constructor(
    private readonly resource: string,
    private readonly parts: RedisParts,
  ) {}

  async move(): Promise<Move | undefined> {
    const [text] = await this.metaOf(['move']);
    return readPollMove(this.resource, text);
  }

  async head(): Promise<PollHead> {
    const [stateText, begunText] = await this.metaOf(['state', 'begun']);
    const begun = readBegun(begunText);
    const reconciliation = await this.parts.records.readReconciliation(this.resource);
    return {
      ...(stateText === undefined ? {} : { state: readStateText(this.resource, stateText) }),
      ...(begun === undefined ? {} : { begun }),
      ...(reconciliation === undefined ? {} : { reconciliation }),
    };
  }

  async *slices(): AsyncGenerator<PollSlice> {
    yield* this.journalSlices();
    yield* this.seenSlices();
    yield* this.versionSlices();
    yield* this.knownSlices();
  }

  async begin(id: string, { reconciliation }: PollHead): Promise<void> {
    const move = JSON.stringify({ role: 'arriving', id });
    const listed = [reconciliation?.listing ?? '', reconciliation?.at ?? ''];
    await this.parts.keyspace.write(ARRIVE, this.resource, [move, ...listed]);
  }

  async take({ journal = [], seen = [], versions = [], known = [] }: PollSlice): Promise<void> {
    await this.parts.keyspace.write(TAKE_IN, this.resource, [
      ...list(journal.map(({ key, message }) => [key, JSON.stringify(message)])),
      ...list(seen.map(([id, seenVersions]) => seenItem(id, seenVersions))),
      ...list(known),
      ...list(versions.map(([id, record]) => [id, JSON.stringify(record)])),
    ]);
  }

  async complete({ state, begun }: PollHead): Promise<void> {
    const text = state === undefined ? '' : JSON.stringify(state);
    await this.parts.keyspace.write(COMPLETE, this.resource, [text, begun ?? '']);
  }

  async leave(id: string): Promise<void> {
    const move = JSON.stringify({ role: 'left', id });
    await this.parts.keyspace.write(MARK_MOVE, this.resource, [move]);
  }

  async enter(): Promise<void> {
    await this.parts.keyspace.write(MARK_MOVE, this.resource, ['']);
  }

  private async *journalSlices(): AsyncGenerator<PollSlice> {
    let after = '';
    for (;;) {
      const journal = await this.parts.readJournal(this.resource, SLICE_SIZE, after);
      const last = journal.at(-1);
      if (last === undefined) return;
      yield { journal };
      after = last.key;
    }
  }

  private async *seenSlices(): AsyncGenerator<PollSlice> {
    const { keyspace } = this.parts;
    let cursor = '0';
    do {
      const args = [keyspace.keysOf(this.resource).seen, cursor, 'COUNT', SLICE_SIZE];
      const [next, texts] = scanSchema.parse(await keyspace.command('hscan', args));
      yield {
        seen: pairsOf(texts).map(([id, text]) => [id, readSeen(this.resource, text)] as const),
      };
      cursor = next;
    } while (cursor !== '0');
  }

  private async *versionSlices(): AsyncGenerator<PollSlice> {
    const { keyspace, records } = this.parts;
    for await (const ids of this.ranges(keyspace.keysOf(this.resource).ages)) {
      const found = await records.versions(this.resource, ids);
      yield {
        versions: ids.flatMap((id, index) => {
          const record = found[index];
          return record === undefined ? [] : [[id, record] as const];
        }),
      };
    }
  }

  private async *knownSlices(): AsyncGenerator<PollSlice> {
    const { known } = this.parts.keyspace.keysOf(this.resource);
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

  private metaOf(names: readonly string[]) {
    const { keyspace } = this.parts;
    return keyspace.fields(keyspace.keysOf(this.resource).meta, names);
  }
}

function pairsOf(texts: readonly string[]): [string, string][] {
  return Array.from({ length: texts.length / 2 }, (_, index) => [
    texts[2 * index] ?? '',
    texts[2 * index + 1] ?? '',
  ]);
}
