import { outboxElsewhere, outboxInMove } from '../../store/migration/move-error';
import type { SharedStore } from './shared-store';

/**
 * Makes sure that the outbox on Redis is the one to work on.
 *
 * @param isElsewhere whether another store that this machine can see holds an outbox of the node
 * @throws SageCrmError `STATE_MOVED` or `STATE_ELSEWHERE`, and what the stores throw
 */
export async function checkIn(
  store: SharedStore,
  isElsewhere: () => Promise<boolean>,
): Promise<void> {
  const move = await store.move();
  if (move !== undefined) throw outboxInMove(move, 'redis');
  if (!(await store.isUsed()) && (await isElsewhere())) throw outboxElsewhere();
}
