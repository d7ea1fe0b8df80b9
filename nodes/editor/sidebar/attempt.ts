import { AdminFailure } from '../admin-api';
import { notifyFailure } from './notices';

/** Does one thing at a time for the user, and tells when it failed. */
export class Attempt {
  #busy = false;

  /** Resolves to whether it was done; at once, and to false, while another is under way. */
  async run(act: () => Promise<unknown>): Promise<boolean> {
    if (this.#busy) return false;
    this.#busy = true;
    try {
      await act();
      return true;
    } catch (error) {
      if (!(error instanceof AdminFailure)) throw error;
      notifyFailure(error);
      return false;
    } finally {
      this.#busy = false;
    }
  }
}
