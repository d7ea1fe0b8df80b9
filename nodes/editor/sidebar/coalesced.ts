/**
 * A task that never runs twice at once: requests that come while it runs share the run after it.
 * The task itself must not reject.
 */
export class Coalesced {
  #running = false;
  #again = false;

  constructor(private readonly task: () => Promise<void>) {}

  request(): void {
    if (this.#running) {
      this.#again = true;
      return;
    }
    this.#running = true;
    void this.task().then(() => {
      this.#running = false;
      if (!this.#again) return;
      this.#again = false;
      this.request();
    });
  }
}
