import type { Page } from '../sagecrm/source';
import type { Change } from '../store/poll-store';
import type { Candidate } from './candidate';

/**
 * What one reading of all pages showed, and whether it can be trusted to have shown everything.
 *
 * Pages are cut anew for each request, so a record that changes while paging can push another one
 * over a page boundary, past the reader. Such a pass leaves traces: the total changes, or a record
 * turns up that was written after the pass began.
 */
export class Pass {
  pages = 0;
  /** The greatest updated date that is not in the server's future, epoch milliseconds. */
  greatestDate: number | null = null;
  private total: number | undefined;
  private totalChanged = false;
  private changedMeanwhile = false;
  private foundOlder = false;

  /**
   * @param began the server's time when the poll began, epoch milliseconds
   * @param isRepeat true when the same window was read before in this poll
   */
  constructor(
    private readonly began: number,
    private readonly isRepeat: boolean,
  ) {}

  notePage(page: Page): void {
    this.pages += 1;
    this.totalChanged ||= this.pages > 1 && page.total !== this.total;
    this.total = page.total;
  }

  /** @param now the server's time of the page, or this machine's where the server tells none */
  noteCandidates(candidates: readonly Candidate[], now: number): void {
    for (const { updated } of candidates) {
      if (updated === undefined) continue;
      this.changedMeanwhile ||= updated.latest >= this.began;
      // A date in the future must not move the cursor past records still to be written.
      if (updated.earliest <= now) {
        this.greatestDate = Math.max(this.greatestDate ?? updated.earliest, updated.earliest);
      }
    }
  }

  /** Notes records that no pass of this poll had shown before. */
  noteNew(entries: readonly Change[]): void {
    this.foundOlder ||= entries.some(
      ({ seenUntil }) => seenUntil !== null && seenUntil < this.began,
    );
  }

  /**
   * True when the pass shows no trace of a skipped record. A repeat is complete when all it found
   * anew was written meanwhile: that may have skipped nothing that the pass before did not show.
   */
  isComplete(): boolean {
    if (this.pages <= 1) return true;
    return this.isRepeat ? !this.foundOlder : !this.totalChanged && !this.changedMeanwhile;
  }
}
