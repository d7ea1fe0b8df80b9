import assert from 'node:assert/strict';
import { callbackPropertiesSchema } from '../../../src/config/callback-properties';
import { configPropertiesSchema } from '../../../src/config/config-properties';
import { defaultResources } from '../../../src/config/defaults';
import { pollPropertiesSchema } from '../../../src/config/poll-properties';
import { exampleFiles, nodesOf, type ExampleNode } from './example-files';

const LABELS = [
  '1 All five resources to debug',
  '2 Created accounts only',
  '3 A custom resource',
  '4 Forward to a webhook',
  '5 Poll on an inject',
  '6 Receive webhooks',
];
const GRID = 20;
/** A node is this high; two of them side by side need this much between their middles. */
const HEIGHT = 30;
const WIDTH = 120;

describe('the example flows', () => {
  it('are the six that the documentation names', () => {
    assert.deepEqual(
      exampleFiles().map(({ label }) => label),
      LABELS,
    );
  });

  it('share no id, so that all of them can be imported', () => {
    const ids = exampleFiles().flatMap((file) => nodesOf(file).map(({ id }) => id));
    assert.equal(new Set(ids).size, ids.length);
  });

  for (const file of exampleFiles()) {
    describe(file.label, () => {
      const nodes = nodesOf(file);

      it('names its tab, says what it does and what to edit', () => {
        const [tab] = byType(nodes, 'tab');
        assert.ok(tab?.label && tab.info);
        const [comment] = byType(nodes, 'comment');
        assert.equal(String(comment?.info).split('\n').length, 3);
      });

      it('holds a placeholder for the server and no secret', () => {
        for (const server of byType(nodes, 'sagecrm-config')) {
          assert.equal(server.subdomain, 'crm.example.com');
        }
        assert.doesNotMatch(
          file.text,
          /"(credentials|password|username|\w*Secret|\w*Token|signatureKey)"/,
        );
      });

      it('has only wires and servers that lead somewhere', () => {
        const ids = new Set(nodes.map(({ id }) => id));
        const targets = nodes.flatMap((node) => (node.wires ?? []).flat());
        const servers = nodes.flatMap((node) => ('server' in node ? [String(node.server)] : []));
        for (const id of [...targets, ...servers]) assert.ok(ids.has(id), id);
      });

      it('sends what fails to a debug node', () => {
        const [caught] = byType(nodes, 'catch');
        const target = nodes.find(({ id }) => id === caught?.wires?.[0]?.[0]);
        assert.equal(target?.type, 'debug');
      });

      it('lays its nodes on the grid, none over another', () => {
        const placed = nodes.filter((node) => node.z !== undefined);
        for (const node of placed) assert.equal((node.y ?? 0) % GRID, 0, node.name);
        for (const [a, b] of pairs(placed)) {
          const apart =
            Math.abs((a.x ?? 0) - (b.x ?? 0)) >= WIDTH ||
            Math.abs((a.y ?? 0) - (b.y ?? 0)) > HEIGHT;
          assert.ok(apart, `${a.name} and ${b.name}`);
        }
      });

      it('reads from left to right', () => {
        for (const node of nodes) {
          for (const id of (node.wires ?? []).flat()) {
            const target = nodes.find((other) => other.id === id);
            assert.ok((target?.x ?? 0) > (node.x ?? 0), node.name);
          }
        }
      });

      it('has properties that the nodes accept', () => {
        for (const node of byType(nodes, 'sagecrm-config')) configPropertiesSchema.parse(node);
        for (const node of byType(nodes, 'sagecrm-poll')) pollPropertiesSchema.parse(node);
        for (const node of byType(nodes, 'sagecrm-callback')) callbackPropertiesSchema.parse(node);
      });
    });
  }

  it('poll the default resources exactly as documented', () => {
    const [first] = exampleFiles();
    assert.ok(first);
    const [poll] = byType(nodesOf(first), 'sagecrm-poll');
    assert.deepEqual(poll?.resources, defaultResources());
  });
});

function byType(nodes: readonly ExampleNode[], type: string): ExampleNode[] {
  return nodes.filter((node) => node.type === type);
}

function pairs<T>(items: readonly T[]): [T, T][] {
  return items.flatMap((a, index) => items.slice(index + 1).map((b): [T, T] => [a, b]));
}
