import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { ClassicLevel } from 'classic-level';
import type { BareReader } from './bare-reader';

/** Records under one key; as many as a block of our journal holds. */
const BLOCK = 100;

/**
 * The least that a durable hand-over in the order of dates can do: all records go to the disk before
 * the first is handed over. Nothing is compared, ordered, remembered or recognised.
 */
export class BareJournal {
  private constructor(
    private readonly reader: BareReader,
    private readonly folder: string,
    private readonly db: ClassicLevel,
  ) {}

  static async open(reader: BareReader, parent: string): Promise<BareJournal> {
    const folder = await mkdtemp(path.join(parent, 'journal-'));
    const db = new ClassicLevel(folder, { writeBufferSize: 4 * 1024 * 1024 });
    await db.open();
    return new BareJournal(reader, folder, db);
  }

  /** @returns how many records were handed over */
  async takeOver(pageSize: number): Promise<number> {
    const keys: string[] = [];
    let writing: Promise<void> = Promise.resolve();
    for await (const rows of this.reader.pages(pageSize)) {
      for (let begin = 0; begin < rows.length; begin += BLOCK) {
        const text = blockOf(rows.slice(begin, begin + BLOCK));
        await writing;
        const key = String(keys.length).padStart(6, '0');
        keys.push(key);
        writing = this.db.put(key, text);
      }
    }
    await writing;
    await this.db.put('end', '', { sync: true });
    let handed = 0;
    for (const key of keys) {
      handed += rowsOf((await this.db.get(key)) ?? '').length;
      await this.db.del(key);
    }
    return handed;
  }

  async close(): Promise<void> {
    await this.db.close();
    await rm(this.folder, { recursive: true });
  }
}

/** Column names once, as in a block of our journal: nothing shorter was found. */
function blockOf(rows: readonly object[]): string {
  return JSON.stringify({ columns: Object.keys(rows[0] ?? {}), rows: rows.map(Object.values) });
}

function rowsOf(text: string): object[] {
  const { columns, rows } = JSON.parse(text) as { columns: string[]; rows: unknown[][] };
  const blank = Object.fromEntries(columns.map((column) => [column, null]));
  return rows.map((values) => {
    const row: Record<string, unknown> = { ...blank };
    columns.forEach((column, index) => (row[column] = values[index]));
    return row;
  });
}
