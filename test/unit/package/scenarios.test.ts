import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../../../scripts/process';

/** Of the whole run; what only the endurance run plays does not count. */
const FOLDERS = ['unit', 'nodes', 'kill', 'backlog', 'redis', 'e2e'];
const SCENARIOS = 24;

/** Such as `'comes once and in order (S3, S24)'`, in a title or a table of titles. */
const IN_A_TITLE = /['"`][^'"`\n]*\((S\d+(?:, S\d+)*)\)/g;

describe('the scenarios S1 to S24', () => {
  it('each stand in the name of a test', () => {
    const named = FOLDERS.flatMap(filesIn)
      .filter((file) => file !== __filename)
      .flatMap((file) => [...readFileSync(file, 'utf8').matchAll(IN_A_TITLE)])
      .flatMap(([, numbers = '']) => numbers.split(', '));
    const expected = Array.from({ length: SCENARIOS }, (_, index) => `S${index + 1}`);
    assert.deepEqual(
      expected.filter((number) => !named.includes(number)),
      [],
    );
  });
});

function filesIn(folder: string): string[] {
  const full = path.join(ROOT, 'test', folder);
  return readdirSync(full, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => path.join(full, name));
}
