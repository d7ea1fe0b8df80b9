import assert from 'node:assert/strict';
import type { TlsOptions } from '../../../src/http/agents';
import { changeOf, STATE } from '../../unit/store/support/entries';
import { Instance } from './instance';

const TEN = Date.parse('2026-01-31T10:00:00Z');

/** All that a poll asks of its state, once. */
export async function pollOnce(url: string, prefix: string, tls?: TlsOptions): Promise<void> {
  const resources = ['accounts', 'contacts'];
  const instance = new Instance({ url, tls, prefix, owner: 'one', node: 'a{b}:c', resources });
  try {
    await instance.leases.open();
    for (const resource of resources) {
      const { store } = instance;
      const lease = instance.leases.of(resource);
      assert.equal((await lease.acquire('now')).granted, true);
      await store.startedAt(resource, TEN);
      const change = changeOf({ id: '1', date: TEN });
      const memory = { knownIds: ['1'], versions: new Map([['1', change.message.payload]]) };
      await store.append(resource, [change], { ...STATE, seenFrom: null }, { memory });
      assert.deepEqual(await store.seenVersions(resource, ['1']), [[['hash', TEN]]]);
      assert.equal((await store.readJournal(resource, 9)).length, 1);
      await store.strikeOff(resource, [change.key]);
      await store.pruneSeen(resource, TEN + 1);
      await store.records.markPresent(resource, ['2'], 1);
      await store.records.writeReconciliation(resource, { listing: 1, at: TEN });
      const { absent } = await store.records.absentSince(resource, 1);
      assert.deepEqual(absent, ['1']);
      await store.records.deleted(resource, [change], STATE);
      await store.restart(resource, STATE);
      assert.deepEqual(await store.readState(resource), STATE);
      await lease.confirm();
      await lease.settle({ nextInMs: 0, hasFailed: false });
    }
  } finally {
    await instance.close();
  }
}
