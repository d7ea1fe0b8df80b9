import type { Page } from '../sagecrm/source';
import type { Change } from '../store/poll-store';
import type { Candidate } from './candidate';

export interface PassOptions {
  /** The server's time when the poll began, epoch milliseconds. */
  began: number;
  /** True when the same window was read before in this poll. */
  isRepeat: boolean;
  /** The greatest date that polls before this one took over; null: there is none. */
  cursor: number | null;
}

/**
 * What one reading of all pages showed, and whether it can be trusted to have shown everything.
 *
 * Pages are cut anew for each request, so a record that changes while paging can push another one
 * over a page boundary, past the reader. Such a pass leaves traces: the total changes, a record
 * turns up that was written after the pass began, or one that the pass has shown before turns up in
 * another version. The last needs no clock: that of a web server need not be that of its database.
 */
export class Pass {
  pages = 0;
  /** The greatest updated date that is not in the server's future, epoch milliseconds. */
  greatestDate: number | null = null;
  private total: number | undefined;
  private totalChanged = false;
  private changedMeanwhile = false;
  private shownAnew = false;
  private foundOlder = false;

  constructor(private readonly options: PassOptions) {}

  notePage(page: Page): void {
    this.pages += 1;
    this.totalChanged ||= this.pages > 1 && page.total !== this.total;
    this.total = page.total;
  }

  /** @param now the server's time of the page, or this machine's where the server tells none */
  noteCandidates(candidates: readonly Candidate[], now: number): void {
    for (const { updated } of candidates) {
      if (updated === undefined) continue;
      this.changedMeanwhile ||= updated.latest >= this.options.began;
      // A date in the future must not move the cursor past records still to be written.
      if (updated.earliest <= now) {
        this.greatestDate = Math.max(this.greatestDate ?? updated.earliest, updated.earliest);
      }
    }
  }

  /** Notes records that no pass of this poll had shown before. */
  noteNew(entries: readonly Change[]): void {
    const { began, cursor } = this.options;
    const isOlder = (until: number | null): boolean => until !== null && until < began;
    const isOfThisPoll = (until: number | null): boolean =>
      until !== null && (cursor === null || until > cursor);
    this.foundOlder ||= entries.some(({ seenUntil }) => isOlder(seenUntil));
    this.shownAnew ||= entries.some(({ before }) =>
      before.some(([, until]) => isOfThisPoll(until)),
    );
  }

  /**
   * True when the pass shows no trace of a skipped record. A repeat is complete when all it found
   * anew was written meanwhile: that may have skipped nothing that the pass before did not show.
   */
  isComplete(): boolean {
    if (this.pages <= 1) return true;
    if (this.options.isRepeat) return !this.foundOlder;
    return !this.totalChanged && !this.changedMeanwhile && !this.shownAnew;
  }
}
