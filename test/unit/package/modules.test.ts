import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const SRC = path.resolve(__dirname, '../../../src');
const load = createRequire(__filename);

/** Loading every module also lets the coverage report see those that nothing else loads. */
describe('every module of the library', () => {
  for (const file of sources()) {
    it(`src/${file} loads alone and has no default export`, () => {
      const exported = load(path.join(SRC, file)) as object;
      assert.ok(!('default' in exported));
      assert.doesNotMatch(readFileSync(path.join(SRC, file), 'utf8'), /from '(@?node-red)/);
    });
  }
});

function sources(): string[] {
  return readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.split(path.sep).join('/'))
    .sort();
}
