import { SageCrmError } from '../errors/sagecrm-error';

/** What tells one page from the next; its ends are enough, and cheap on a long list. */
export function pageMark(rows: readonly unknown[]): string {
  return JSON.stringify([rows.length, rows[0], rows.at(-1)]);
}

/** The error for a server whose pages never end. */
export function pagingLoop(): SageCrmError {
  return new SageCrmError(
    'PAGING_LOOP',
    'Sage CRM sends the same page again and again',
    'set another page size for the resource, or a where clause that gives fewer records',
  );
}
