import { createHash } from 'node:crypto';

/**
 * Which instance goes first for each resource: every instance has a fair share, and most resources
 * stay where they are when an instance comes or goes (rendezvous hashing with bounded load). All
 * instances that know of the same ones come to the same result.
 *
 * @param node sets nodes apart, so that their odd resources do not all go to one instance
 */
export function shareOut(
  node: string,
  resources: readonly string[],
  instances: readonly string[],
): Map<string, string> {
  const most = Math.ceil(resources.length / Math.max(1, instances.length));
  const load = new Map(instances.map((instance) => [instance, 0]));
  const shares = new Map<string, string>();
  for (const resource of [...resources].sort()) {
    const first = ranked(node, resource, instances).find(
      (instance) => (load.get(instance) ?? 0) < most,
    );
    if (first === undefined) continue;
    shares.set(resource, first);
    load.set(first, (load.get(first) ?? 0) + 1);
  }
  return shares;
}

/** The instances in the order in which they would take a resource over. */
export function ranked(node: string, resource: string, instances: readonly string[]): string[] {
  return instances
    .map((instance) => ({ instance, score: scoreOf(node, resource, instance) }))
    .sort((one, other) => (one.score < other.score ? 1 : -1))
    .map(({ instance }) => instance);
}

function scoreOf(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
