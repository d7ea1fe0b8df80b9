import assert from 'node:assert/strict';
import fc from 'fast-check';
import { shareOut } from '../../../src/poll/lease-share';

const names = (prefix: string, most: number) =>
  fc
    .uniqueArray(fc.integer({ min: 0, max: 999 }), { minLength: 1, maxLength: most })
    .map((numbers) => numbers.map((number) => `${prefix}${number}`));

describe('the shares of several instances', () => {
  it('are fair, and the same whatever order the instances are known in', () => {
    fc.assert(
      fc.property(names('resource', 12), names('instance', 5), (resources, instances) => {
        const shares = shareOut('node', resources, instances);
        const other = shareOut('node', resources.toReversed(), instances.toReversed());
        assert.deepEqual([...shares].sort(), [...other].sort());
        assert.equal(shares.size, resources.length);
        const most = Math.ceil(resources.length / instances.length);
        for (const instance of instances) {
          const count = [...shares.values()].filter((owner) => owner === instance).length;
          assert.ok(count <= most);
        }
      }),
    );
  });

  it('change little when an instance leaves', () => {
    const resources = Array.from({ length: 300 }, (_, number) => `resource${number}`);
    const before = shareOut('node', resources, ['a', 'b', 'c']);
    const after = shareOut('node', resources, ['a', 'b']);
    const moved = resources.filter(
      (resource) => before.get(resource) !== 'c' && before.get(resource) !== after.get(resource),
    );
    assert.ok(moved.length < 60, `${moved.length} moved that need not have`);
  });

  it('of several nodes with one resource each do not all go to one instance', () => {
    const owners = Array.from({ length: 20 }, (_, node) =>
      shareOut(`node${node}`, ['accounts'], ['a', 'b', 'c']).get('accounts'),
    );
    assert.equal(new Set(owners).size, 3);
  });
});
