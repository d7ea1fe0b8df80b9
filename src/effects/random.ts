/** A number in [0, 1), as `Math.random` gives; tests pass a fixed or seeded one. */
export type Random = () => number;
