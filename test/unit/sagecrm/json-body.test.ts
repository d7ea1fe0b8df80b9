import assert from 'node:assert/strict';
import fc from 'fast-check';
import { SageCrmError } from '../../../src/errors/sagecrm-error';
import { readJson } from '../../../src/sagecrm/json-body';

function codeFor(text: string, contentType = 'application/json'): string {
  try {
    readJson(text, contentType);
  } catch (error) {
    if (error instanceof SageCrmError) return error.code;
    throw error;
  }
  return 'none';
}

describe('readJson', () => {
  it('reads any JSON, whatever it is called', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        assert.deepEqual(readJson(text, 'text/html'), JSON.parse(text));
      }),
    );
  });

  it('says JSON_CUT wherever an answer breaks off', () => {
    const text = JSON.stringify([{ Comp_Name: 'Cedar Works', $key: 43, tags: ['a', null] }]);
    for (let length = 1; length < text.length; length += 1) {
      assert.equal(codeFor(text.slice(0, length)), 'JSON_CUT', text.slice(0, length));
    }
    assert.equal(codeFor(` \n${text.slice(0, 9)}`), 'JSON_CUT');
  });

  it('says NOT_JSON for pages, text and nothing, and what came', () => {
    for (const text of ['<!DOCTYPE html>', 'Service is starting', '', ' \n']) {
      assert.equal(codeFor(text, 'text/html; charset=utf-8'), 'NOT_JSON');
    }
    const message = (text: string, type: string) => () => readJson(text, type);
    assert.throws(message('<html>', 'text/html; charset=utf-8'), /sent text\/html instead/);
    assert.throws(message('<html>', ''), /sent plain text instead/);
    assert.throws(message('', 'text/html'), /sent an empty answer instead/);
  });

  it('quotes nothing of the answer', () => {
    assert.throws(
      () => readJson('{"Pers_LastName": Lovelace}', 'application/json'),
      (error: Error) =>
        !error.message.includes('Lovelace') && !String(error.cause).includes('Lovelace'),
    );
  });
});
