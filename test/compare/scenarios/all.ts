import { BASELINE, CHANGES } from './changes';
import { CLOCKS } from './clocks';
import { ODD_ANSWERS } from './odd-answers';
import { OPERATION } from './operation';
import type { Scenario } from './scenario';

/** In the order of the table. */
export const SCENARIOS: readonly Scenario[] = [
  BASELINE,
  ...CHANGES,
  ...CLOCKS,
  ...OPERATION,
  ...ODD_ANSWERS,
];
