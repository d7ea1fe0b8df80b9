import assert from 'node:assert/strict';
import { placeRightOf, reachable } from '../../../nodes/editor/import/layout';
import {
  callbackSettings,
  credentialsBefore,
  editorCredentials,
  serverSettings,
  valuesBefore,
} from '../../../nodes/editor/import/settings';

describe('what an import sets on a node', () => {
  it('is only what the file holds', () => {
    assert.deepEqual(serverSettings({ subdomain: '', tags: [], credentials: {} }), {
      properties: {},
      credentials: {},
    });
    assert.deepEqual(
      serverSettings({ name: 'A', subdomain: 'h', tags: ['t'], credentials: { username: 'u' } }),
      { properties: { name: 'A', subdomain: 'h', tags: ['t'] }, credentials: { username: 'u' } },
    );
  });

  it('keeps the other headers of a callback', () => {
    const callback = { enabled: false, url: 'u', headers: { b: '2' }, credentials: {} };
    assert.deepEqual(callbackSettings(callback, '{"a":"1"}').properties, {
      ...{ enabled: false, url: 'u' },
      headers: { a: '1', b: '2' },
    });
    assert.deepEqual(callbackSettings({ ...callback, headers: {} }).properties, {
      ...{ enabled: false, url: 'u' },
    });
  });

  it('is undone by the values that differ', () => {
    const settings = { properties: { name: 'new', tags: ['a'] }, credentials: {} };
    assert.deepEqual(valuesBefore({ name: 'old', tags: ['a'], url: 'x' }, settings), {
      name: 'old',
    });
  });

  it('says of a secret that it is there', () => {
    const credentials = editorCredentials({ username: 'u', password: 'p' });
    assert.deepEqual(credentials, { username: 'u', password: 'p', has_password: true });
    assert.deepEqual(credentialsBefore({ username: 'u', has_password: true }, credentials), {
      password: undefined,
    });
  });
});

describe('where a new node goes', () => {
  it('is right of the node it is wired to', () => {
    assert.deepEqual(placeRightOf({ x: 200, y: 120, w: 140 }, [], 160), { x: 440, y: 120 });
  });

  it('is below nodes that are in the way', () => {
    const others = [
      { x: 420, y: 120, w: 100, h: 30 },
      { x: 460, y: 180 },
    ];
    assert.deepEqual(placeRightOf({ x: 200, y: 120, w: 140 }, others, 160), { x: 440, y: 240 });
  });
});

describe('the nodes that messages reach', () => {
  it('are found once each, nearest first, also in a circle', () => {
    const wires: Record<string, string[]> = { a: ['b', 'c'], b: ['d'], c: ['d'], d: ['a'] };
    assert.deepEqual(
      reachable('a', (node) => wires[node] ?? []),
      ['b', 'c', 'd'],
    );
  });
});
