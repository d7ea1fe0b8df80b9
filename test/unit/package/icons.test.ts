import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { definitionsIn } from '../../../scripts/scorecard/node-definitions';

const ROOT = path.resolve(__dirname, '../../..');
const TYPES = ['sagecrm-config', 'sagecrm-poll', 'sagecrm-callback'];

describe('the icon of', () => {
  for (const type of TYPES) {
    it(`${type} is its own, white on nothing, two wide to three high`, () => {
      const page = readFileSync(path.join(ROOT, 'nodes', type, `${type}.html`), 'utf8');
      assert.equal(definitionsIn(page).get(type)?.icon, `${type}.svg`);
      const svg = readFileSync(path.join(ROOT, 'icons', `${type}.svg`), 'utf8');
      const [, , width, height] = /viewBox="(\S+) (\S+) (\S+) (\S+)"/.exec(svg)?.slice(1) ?? [];
      assert.equal(Number(width) / Number(height), 2 / 3);
      const colours = [...svg.matchAll(/(?:fill|stroke)="([^"]*)"/g)].map(([, colour]) => colour);
      assert.deepEqual(new Set(colours.filter((colour) => colour !== 'none')), new Set(['#fff']));
    });
  }

  it('every node differs from those of the others', () => {
    const icons = readdirSync(path.join(ROOT, 'icons'));
    assert.deepEqual(icons.sort(), TYPES.map((type) => `${type}.svg`).sort());
    const drawings = icons.map((icon) => readFileSync(path.join(ROOT, 'icons', icon), 'utf8'));
    assert.equal(new Set(drawings).size, icons.length);
  });
});
