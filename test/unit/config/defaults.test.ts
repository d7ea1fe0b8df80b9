import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { defaultResources } from '../../../src/config/defaults';
import { checkResource } from '../../../src/config/resources';

describe('the default resources', () => {
  it('are the five documented ones, to the letter', () => {
    const file = path.join(__dirname, '../../fixtures/instance-example.json');
    const instance = JSON.parse(readFileSync(file, 'utf8')) as {
      configuration: Record<string, unknown>;
    };
    assert.deepEqual(defaultResources(), instance.configuration['event.poller.configuration']);
    assert.deepEqual(Object.keys(defaultResources()), [
      'accounts',
      'contacts',
      'leads',
      'opportunities',
      'users',
    ]);
  });

  it('have no problems', () => {
    for (const [key, resource] of Object.entries(defaultResources())) {
      assert.deepEqual(checkResource(key, resource), []);
    }
  });

  it('are a fresh copy each time', () => {
    const { accounts } = defaultResources();
    if (accounts) accounts.url = '/changed';
    assert.notEqual(defaultResources().accounts?.url, '/changed');
  });
});
