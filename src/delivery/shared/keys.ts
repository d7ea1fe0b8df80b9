/** The queue of BullMQ, whose own keys are `{tag}:jobs:…`. */
export const QUEUE_NAME = 'jobs';

/** The keys of one callback node's outbox beside those of BullMQ. */
export interface SharedOutboxKeys {
  /** What all keys begin with; in a cluster it keeps them in one slot. */
  tag: string;
  /** Hash: each waiting event by its job's id. */
  events: string;
  /** Hash: the job's id of each waiting event, by event id and target. */
  ids: string;
  /** Sorted set: jobs' ids by the time of taking. */
  waiting: string;
  /** Set: ids of events whose turn has come and whose job may not be there yet. */
  due: string;
  /** The number of the event taken last. */
  lastSeq: string;
  /** Sorted set: ids of failed jobs by the number of the letter. */
  letters: string;
  lastLetter: string;
  /** Set: ids of failed jobs that nobody needs any more and that may be there still. */
  trash: string;
  /** Hash: targets that want nothing any more. */
  gone: string;
  /** Hash: the webhooks that are put together, by the id of their job, as JSON. */
  batches: string;
  /** Hash: events that had to leave a webhook they shared and go by themselves, as JSON. */
  apart: string;
  /** Hash: the job of each group that puts the next webhook together. */
  leaders: string;
  /** What the keys of lanes begin with. */
  lanes: string;
  /** How the outbox stands in a move to another store, or from it; it is not worked on then. */
  move: string;
  /** Set: the first events of their lanes, which become due once the outbox has arrived. */
  heads: string;
  /** List: the waiting events of one record and target, in the order of taking. */
  lane: (lane: string) => string;
  /** List: first events of their lanes that have no job, as `{id}:{lane}`; a leader takes them along. */
  pool: (group: string) => string;
  /** Set: ids of jobs that wait for their target to be enabled. */
  held: (target: string) => string;
}

/** The node's id is encoded: it may hold neither a brace nor a colon. */
export function sharedOutboxKeys(prefix: string, node: string): SharedOutboxKeys {
  const tag = `{${prefix}:outbox:${encodeURIComponent(node)}}`;
  return {
    tag,
    events: `${tag}:events`,
    ids: `${tag}:ids`,
    waiting: `${tag}:waiting`,
    due: `${tag}:due`,
    lastSeq: `${tag}:last-seq`,
    letters: `${tag}:letters`,
    lastLetter: `${tag}:last-letter`,
    trash: `${tag}:trash`,
    gone: `${tag}:gone`,
    batches: `${tag}:batches`,
    apart: `${tag}:apart`,
    leaders: `${tag}:leaders`,
    lanes: `${tag}:lane:`,
    move: `${tag}:move`,
    heads: `${tag}:heads`,
    lane: (lane) => `${tag}:lane:${lane}`,
    pool: (group) => `${tag}:pool:${group}`,
    held: (target) => `${tag}:held:${target}`,
  };
}

/** What `SCAN` finds the callback nodes by that have an outbox. */
export function outboxPattern(prefix: string): string {
  return `{${prefix}:outbox:*}:last-seq`;
}

/** The node whose number of the last event has this key; undefined for any other key. */
export function readOutboxKey(prefix: string, key: string): string | undefined {
  const [head, tail] = [`{${prefix}:outbox:`, '}:last-seq'];
  if (!key.startsWith(head) || !key.endsWith(tail)) return undefined;
  return decodeURIComponent(key.slice(head.length, -tail.length));
}
