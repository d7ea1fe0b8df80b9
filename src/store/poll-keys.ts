/** Writes of one run, so that their keys sort by number. */
const LOG_DIGITS = 12;

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

/** What the keys of all seen entries begin with. */
export const SEEN = 'seen!';

export function seenKey(resource: string, id: string): string {
  return `${SEEN}${resource}!${id}`;
}

/** What the keys of all seen logs begin with. */
export const SEEN_LOGS = 'seenlog!';

/** What the keys of a resource's seen log begin with, or the one of a write. */
export function seenLogKey(resource: string, write?: number, until?: number | null): string {
  const prefix = `${SEEN_LOGS}${resource}!`;
  if (write === undefined) return prefix;
  return `${prefix}${String(write).padStart(LOG_DIGITS, '0')} ${until ?? ''}`;
}

/** Until when something of that write is needed; null: for as long as the server shows it. */
export function loggedUntil(key: string): number | null {
  const until = key.slice(key.lastIndexOf(' ') + 1);
  return until === '' ? null : Number(until);
}
