/** The value that `share` of the values do not exceed (nearest rank); NaN when there are none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = ascending(values);
  const rank = Math.max(1, Math.ceil(share * sorted.length));
  return sorted[rank - 1] ?? Number.NaN;
}

/** The value in the middle, or halfway between the two; NaN when there are none. */
export function median(values: readonly number[]): number {
  const sorted = ascending(values);
  const middle = (sorted.length - 1) / 2;
  const [low, high] = [Math.floor(middle), Math.ceil(middle)].map((index) => sorted[index]);
  return ((low ?? Number.NaN) + (high ?? Number.NaN)) / 2;
}

function ascending(values: readonly number[]): number[] {
  return [...values].sort((one, other) => one - other);
}
