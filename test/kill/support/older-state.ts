import { ClassicLevel, type BatchOperation } from 'classic-level';
import { readBlockText } from '../../../src/store/block-text';

/**
 * Makes the state of a poll node what version 1 would have left behind: what waits in the journal is
 * not in the seen set, and the journal tells more of it.
 */
export async function makeFirstVersion(folder: string): Promise<void> {
  const db: ClassicLevel = new ClassicLevel(folder);
  const changes: BatchOperation<ClassicLevel, string, string>[] = [
    { type: 'put', key: 'meta', value: '{"owner":"sagecrm-events","schema":1}' },
  ];
  for await (const [key, text] of db.iterator()) {
    const [kind, resource = ''] = key.split('!');
    if (kind === 'state') {
      const { auditedAt, ...state } = JSON.parse(text) as { auditedAt: unknown };
      if (auditedAt === undefined) throw new Error('the state is of version 1 already');
      changes.push({ type: 'put', key, value: JSON.stringify({ ...state, schema: 1 }) });
    } else if (kind === 'journal') {
      changes.push({ type: 'del', key });
      const block = readBlockText(text);
      if (block === undefined) throw new Error('the journal holds no block');
      for (const entry of block) {
        const { objectId, date } = entry.message.event;
        const hash = entry.key.split(' ').at(-1);
        const first = { objectId, hash, seenUntil: Date.parse(date), message: entry.message };
        const value = JSON.stringify(first);
        changes.push({ type: 'put', key: `journal!${resource}!${entry.key}`, value });
        changes.push({ type: 'del', key: `seen!${resource}!${objectId}` });
      }
    }
  }
  await db.batch(changes);
  await db.close();
}
