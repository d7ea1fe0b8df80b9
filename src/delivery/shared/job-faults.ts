import { redisUnavailable } from '../../redis/redis-error';

/** What BullMQ says when another instance has taken a job over: that is what locks are for. */
const TAKEN_OVER = /lock|missing key|not in the (active|delayed) state/i;

export function isTakenOver(error: unknown): boolean {
  return error instanceof Error && TAKEN_OVER.test(error.message);
}

/** Makes a fault of BullMQ one that passes once Redis is back, unless the job is another's. */
export function passing(error: unknown): never {
  throw isTakenOver(error) ? error : redisUnavailable(error);
}
