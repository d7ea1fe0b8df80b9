export function journalKey(resource: string, key: string): string {
  return `journal!${resource}!${key}`;
}

export function seenKey(resource: string, id: string): string {
  return `seen!${resource}!${id}`;
}
