/**
 * Ends what listens to it, as an abort signal does, at a fraction of what one costs: for work that
 * comes often and is nearly never called off.
 */
export class Stop {
  aborted = false;
  private readonly listeners = new Set<() => void>();

  readonly abort = (): void => {
    this.aborted = true;
    for (const listener of this.listeners) listener();
  };

  addEventListener(_type: 'abort', listener: () => void): void {
    this.listeners.add(listener);
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    this.listeners.delete(listener);
  }
}
