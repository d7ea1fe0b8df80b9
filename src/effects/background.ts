/** Work that nothing waits for until the end. */
export class Background {
  private readonly running = new Set<Promise<void>>();

  /** @param onError told of what fails */
  constructor(private readonly onError: (error: unknown) => void) {}

  run(work: () => Promise<void>): void {
    const running = work()
      .catch(this.onError)
      .finally(() => this.running.delete(running));
    this.running.add(running);
  }

  /** Resolves when all that was begun has ended, and what that has begun in its turn. */
  async settled(): Promise<void> {
    while (this.running.size > 0) await Promise.all(this.running);
  }
}
