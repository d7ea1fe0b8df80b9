/** The keys of one resource of one poll node. */
export interface PollKeys {
  /** Hash: `owner`, `token`, `until`, `due`, `failed`, `blocked`, `claims`. */
  lease: string;
  /** Hash: `state`, `begun`, `listing`, `listedAt`, `age`, `move`. */
  meta: string;
  /** Sorted set of the keys of events, all with score 0: Redis keeps them in the order of bytes. */
  journal: string;
  /** Hash: the messages by their key. */
  events: string;
  /** Hash: the versions taken over, by id. */
  seen: string;
  /** Sorted set: ids of what is seen, by the earliest date until which a version is needed. */
  seenUntil: string;
  /** Hash: the latest version of each record, by id. */
  versions: string;
  /** Sorted set: ids of these versions, the oldest first. */
  ages: string;
  /** Sorted set: ids that exist, by the latest listing that showed them. */
  known: string;
}

/**
 * All keys of a resource share what stands in braces, so that a cluster keeps them in one slot and a
 * script may touch them together. Names are encoded: neither may hold a brace or a colon.
 */
export function pollKeys(prefix: string, node: string, resource: string): PollKeys {
  const tag = `{${prefix}:poll:${encodeURIComponent(node)}:${encodeURIComponent(resource)}}`;
  return {
    lease: `${tag}:lease`,
    meta: `${tag}:meta`,
    journal: `${tag}:journal`,
    events: `${tag}:events`,
    seen: `${tag}:seen`,
    seenUntil: `${tag}:seen-until`,
    versions: `${tag}:versions`,
    ages: `${tag}:ages`,
    known: `${tag}:known`,
  };
}

/** All keys of a resource, the lease first, in the order in which scripts take them. */
export function allKeys(keys: PollKeys): string[] {
  return [
    ...[keys.lease, keys.meta, keys.journal, keys.events, keys.seen, keys.seenUntil],
    ...[keys.versions, keys.ages, keys.known],
  ];
}

/** The keys of a poll node as a whole, which lie in one slot, too. */
export interface PollNodeKeys {
  /** Sorted set: instances by their latest sign of life. */
  instances: string;
  /** Set: resources that an instance has polled. */
  resources: string;
}

export function pollNodeKeys(prefix: string, node: string): PollNodeKeys {
  const tag = `{${prefix}:poll:${encodeURIComponent(node)}}`;
  return { instances: `${tag}:instances`, resources: `${tag}:resources` };
}

/** What `SCAN` finds the poll nodes by that have state. */
export function pollPattern(prefix: string): string {
  return `{${prefix}:poll:*}:meta`;
}

/** What the key of a resource's `meta` says; undefined for any other key. */
export function readPollKey(
  prefix: string,
  key: string,
): { node: string; resource: string } | undefined {
  const [head, tail] = [`{${prefix}:poll:`, '}:meta'];
  if (!key.startsWith(head) || !key.endsWith(tail)) return undefined;
  const names = key.slice(head.length, -tail.length).split(':').map(decodeURIComponent);
  const [node, resource] = names;
  if (node === undefined || resource === undefined || names.length > 2) return undefined;
  return { node, resource };
}
