/** Microseconds by a clock that all processes of this machine share, and that nobody sets. */
export function monotonicUs(): number {
  return Number(process.hrtime.bigint() / 1000n);
}
