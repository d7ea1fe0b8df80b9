import assert from 'node:assert/strict';
import { killedBacklog, wholeBacklog } from './checks';
import type { StageOptions } from './stage';

const BACKLOG: Omit<StageOptions, 'commit'> = {
  records: 20_000,
  order: 'shuffled',
  pageSize: 1000,
  maxInFlight: 1000,
  acknowledgeAfterMs: 5,
};

/** Whatever it does to the disk, other tests may be doing it at the same time: only a hang takes so long. */
const PATIENCE_MS = 300_000;

describe('a backlog that one poll takes over (S24)', function () {
  this.timeout(PATIENCE_MS);

  it('comes once and in order, and no read, write or flow holds more of it than it may', async () => {
    const { problems } = await wholeBacklog({ ...BACKLOG, commit: 'acknowledged' });
    assert.deepEqual(problems, []);
  });

  for (const commit of ['emitted', 'acknowledged'] as const) {
    it(`is resumed where processes were killed, reading and emitting, with events done once ${commit}`, async () => {
      const { problems } = await killedBacklog({
        ...BACKLOG,
        records: 8000,
        pageSize: 400,
        commit,
      });
      assert.deepEqual(problems, []);
    });
  }
});
