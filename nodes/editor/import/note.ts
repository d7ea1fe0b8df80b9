/** Something in an instance file that is worth a word, but no fault. */
export interface Note {
  /** Where in the file, as `configuration.password`. */
  path: string;
  /** Not known; a secret that is masked or missing; or a gap that a template leaves open. */
  reason: 'unknown' | 'secret' | 'gap';
}

/** A path as problems write it: `configuration["event.poller.configuration"].accounts.url`. */
export function pathOf(steps: readonly string[]): string {
  return steps
    .map((step, index) => {
      if (!/^[\w$-]+$/.test(step)) return `[${JSON.stringify(step)}]`;
      return index === 0 ? step : `.${step}`;
    })
    .join('');
}
