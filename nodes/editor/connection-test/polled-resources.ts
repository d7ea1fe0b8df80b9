import { checkPollProperties } from '../../../src/config/poll-properties';
import type { EditorNode } from '../editor-node';
import type { NamedResource } from '../resources/set';
import { readResources, savedResources } from '../resources/set';
import { sameJson } from '../values';

/**
 * The resources that poll nodes read from a server, to be tested with it: each once, and only those
 * a poll could ask for.
 *
 * @param polls the poll nodes of the workspace
 */
export function polledResources(
  polls: readonly EditorNode[],
  serverId: string,
): Record<string, NamedResource['value']> {
  const found: NamedResource[] = [];
  for (const { server, d: isDisabled, resources } of polls) {
    if (server !== serverId || isDisabled === true) continue;
    for (const resource of readResources(resources) ?? []) {
      const isThere = found.some((other) => sameJson(other, resource));
      if (!isThere && isUsable(resource)) found.push(resource);
    }
  }
  return savedResources(found);
}

function isUsable({ key, value }: NamedResource): boolean {
  if (value.enabled === false || value.enabled === 'false') return false;
  return checkPollProperties({ resources: { [key]: value } }).length === 0;
}
