export function journalKey(resource: string, key: string): string {
  return `journal!${resource}!${key}`;
}

/** @param key of a block in the journal */
export function struckKey(resource: string, key: string): string {
  return `struck!${resource}!${key}`;
}

/** How the resource's state stands in a move to another store, or from it. */
export function moveKey(resource: string): string {
  return `move!${resource}`;
}

export function seenKey(resource: string, id: string): string {
  return `seen!${resource}!${id}`;
}
