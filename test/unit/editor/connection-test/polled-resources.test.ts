import assert from 'node:assert/strict';
import { polledResources } from '../../../../nodes/editor/connection-test/polled-resources';
import type { EditorNode } from '../../../../nodes/editor/editor-node';
import { defaultResources } from '../../../../src/config/defaults';

const { accounts, contacts } = defaultResources();

function poll(change: object): EditorNode {
  return {
    ...{ id: 'poll', type: 'sagecrm-poll', server: 'server', resources: { accounts } },
    ...{ _def: { defaults: {} }, _: (key: string) => key },
    ...change,
  };
}

describe('the resources tested with a server', () => {
  const keys = (...polls: EditorNode[]): string[] => Object.keys(polledResources(polls, 'server'));

  it('are those of the poll nodes that use it, each once', () => {
    const other = poll({ server: 'another', resources: { contacts } });
    assert.deepEqual(keys(poll({}), poll({ id: 'second' }), other), ['accounts']);
  });

  it('are told apart when two nodes give one name to two of them', () => {
    const different = poll({ resources: { accounts: { ...accounts, idField: 'Comp_Id' } } });
    assert.deepEqual(keys(poll({}), different), ['accounts', 'accounts2']);
  });

  it('leave out what is switched off or not valid', () => {
    assert.deepEqual(keys(poll({ d: true })), []);
    assert.deepEqual(keys(poll({ resources: { accounts: { ...accounts, enabled: false } } })), []);
    assert.deepEqual(keys(poll({ resources: { accounts: { ...accounts, url: '' }, contacts } })), [
      'contacts',
    ]);
  });

  it('are none where only the runtime knows them', () => {
    assert.deepEqual(keys(poll({ resources: '${RESOURCES}' })), []);
  });
});
