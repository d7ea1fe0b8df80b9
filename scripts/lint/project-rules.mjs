import tseslint from 'typescript-eslint';
import { layers } from './layers.mjs';
import { NO_DELAY_MODULES, NO_WAITING, NO_WAITING_IN_CASES } from './waiting.mjs';

/** The one place where a test lets time pass. */
const UNTIL = 'test/support/until.ts';
/** Neighbours that answer late because a test asks for it. */
const SLOW_NEIGHBOURS = ['test/simulator/sender.ts', 'test/simulator/webhook-receiver.ts'];
/** They measure what time does; no test judges what they find. */
const MEASUREMENTS = [
  'test/backlog/poller.ts',
  'test/bench/scaling.ts',
  'test/bench/programs/latency.ts',
  'test/bench/programs/support/resident.ts',
];

/** The project's own rules. None needs types, so that a test can break each of them at once. */
export default [
  { files: ['**/*.ts'], languageOptions: { parser: tseslint.parser } },
  {
    files: ['src/**/*.ts'],
    plugins: { project: { rules: { layers } } },
    rules: { 'project/layers': 'error' },
  },
  {
    files: ['test/**/*.ts'],
    rules: { 'no-restricted-syntax': NO_WAITING },
  },
  {
    files: ['test/**/*.test.ts'],
    rules: { 'no-restricted-syntax': NO_WAITING_IN_CASES },
  },
  {
    files: ['test/**/*.ts'],
    ignores: [UNTIL, ...SLOW_NEIGHBOURS, ...MEASUREMENTS],
    rules: { 'no-restricted-imports': NO_DELAY_MODULES },
  },
];
