import { appendFileSync } from 'node:fs';
import { reporters, type Runner } from 'mocha';

/**
 * Prints as mocha's spec reporter does, and appends one line of JSON to the file that `TEST_COUNTS`
 * names: `{passed, failed, failures}`, the last with a text for each. A failed hook counts as one.
 */
class CountingReporter extends reporters.Spec {
  constructor(runner: Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    const counts = { passed: 0, failed: 0, failures: [] as string[] };
    runner.on('pass', () => counts.passed++);
    runner.on('fail', (test, error: Error) => {
      counts.failed++;
      counts.failures.push(`${test.titlePath().join(' › ')}\n${error.message}`);
    });
    runner.once('end', () => {
      const file = process.env.TEST_COUNTS;
      if (file) appendFileSync(file, `${JSON.stringify(counts)}\n`);
    });
  }
}

// Mocha takes the module itself as the reporter.
export = CountingReporter;
