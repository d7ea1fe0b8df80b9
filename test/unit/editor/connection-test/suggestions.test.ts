import assert from 'node:assert/strict';
import { suggestionsOf } from '../../../../nodes/editor/connection-test/suggestions';
import type { TestFacts, TestStep } from '../../../../src/discovery/test-step';

const SUMMER = Date.UTC(2026, 6, 1);
const FORM = { api: 'auto', install: 'crm', timezone: 'UTC', dateLiteral: 'auto' };

function step(
  id: TestStep['id'],
  facts?: TestFacts,
  outcome: TestStep['outcome'] = 'failure',
): TestStep {
  return { id, outcome, message: '', ...(facts && { facts }) };
}

function found(one: TestStep, form = FORM, here = 'UTC'): string[] {
  return suggestionsOf(one, form, here, SUMMER).map(({ field, value }) => `${field}=${value}`);
}

describe('what a step of the connection test suggests', () => {
  it('is the install name that the server has', () => {
    assert.deepEqual(found(step('install', { suggestedInstall: 'crm2' })), ['install=crm2']);
  });

  it('is the API that answers, unless it is chosen already', () => {
    const api = step('api', { api: 'sdata' }, 'pass');
    assert.deepEqual(found(api), ['api=sdata']);
    assert.deepEqual(found(api, { ...FORM, api: 'sdata' }), []);
  });

  it("is the zone of the browser where that has the server's offset, else the offset", () => {
    const zone = step('zone', { suggestedTimezone: 'UTC+02:00' });
    assert.deepEqual(found(zone, FORM, 'Europe/Berlin'), ['timezone=Europe/Berlin']);
    assert.deepEqual(found(zone, FORM, 'Asia/Tokyo'), ['timezone=UTC+02:00']);
  });

  it('is the way of writing dates only where another was chosen', () => {
    const facts = { dateLiteral: "'" };
    assert.deepEqual(found(step('dateLiteral', facts, 'pass')), []);
    assert.deepEqual(found(step('dateLiteral', facts), { ...FORM, dateLiteral: '@' }), [
      "dateLiteral='",
    ]);
  });

  it('is nothing for any other step', () => {
    assert.deepEqual(found(step('address', { baseUrl: 'https://crm.example.com' }, 'pass')), []);
    assert.deepEqual(found(step('clock')), []);
  });
});
