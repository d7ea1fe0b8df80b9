import assert from 'node:assert/strict';
import { readOutboxCommand } from '../../../src/delivery/command';
import { SageCrmError } from '../../../src/errors/sagecrm-error';
import { sampleMessage } from './support/sample';

function refuses(message: object, hint: RegExp): void {
  assert.throws(
    () => readOutboxCommand(message),
    (error) =>
      error instanceof SageCrmError && error.code === 'INPUT_INVALID' && hint.test(error.nextStep),
  );
}

describe('a message that steers the outbox', () => {
  it('is none when it carries an event, whatever its topic', () => {
    for (const topic of ['status', 'replay', 'drop']) {
      assert.equal(readOutboxCommand({ ...sampleMessage(), topic }), undefined);
    }
  });

  for (const message of [{}, { topic: 'accounts' }, { topic: 5 }, null, 'status']) {
    it(`is none with an unknown topic: ${JSON.stringify(message)}`, () => {
      assert.equal(readOutboxCommand(message), undefined);
    });
  }

  it('asks for the state', () => {
    assert.deepEqual(readOutboxCommand({ topic: 'status', payload: 1 }), { name: 'status' });
  });

  it('asks for dead letters, the newest hundred unless it says otherwise', () => {
    const usual = { name: 'dead-letters', page: { order: 'newest', limit: 100 } };
    assert.deepEqual(readOutboxCommand({ topic: 'dead-letters' }), usual);
    assert.deepEqual(readOutboxCommand({ topic: 'dead-letters', payload: Date.now() }), usual);
    const page = { order: 'oldest', limit: 5, after: 7 };
    assert.deepEqual(readOutboxCommand({ topic: 'dead-letters', payload: page }), {
      name: 'dead-letters',
      page,
    });
  });

  for (const payload of [{ order: 'best' }, { limit: 0 }, { limit: 1001 }, { after: -1 }]) {
    it(`refuses the page ${JSON.stringify(payload)}`, () => {
      refuses({ topic: 'dead-letters', payload }, /"order"/);
    });
  }

  for (const topic of ['replay', 'drop'] as const) {
    it(`has to say which letters to ${topic}`, () => {
      assert.deepEqual(readOutboxCommand({ topic, payload: { letters: [3, 1] } }), {
        name: topic,
        letters: [3, 1],
      });
      assert.deepEqual(readOutboxCommand({ topic, payload: { all: true } }), {
        name: topic,
        letters: undefined,
      });
      for (const payload of [undefined, '', {}, { all: false }, { letters: [] }, [1]]) {
        refuses({ topic, payload }, /"letters": \[1, 2\]/);
      }
    });
  }

  it('enables one target, or all that are silent', () => {
    assert.deepEqual(readOutboxCommand({ topic: 'enable' }), { name: 'enable', target: undefined });
    assert.deepEqual(readOutboxCommand({ topic: 'enable', payload: { target: 'https://a.b' } }), {
      name: 'enable',
      target: 'https://a.b',
    });
  });

  it('takes for a move the store that the outbox comes from', () => {
    const payload = { from: 'redis' };
    assert.deepEqual(readOutboxCommand({ topic: 'migrate', payload }), {
      name: 'migrate',
      from: 'redis',
    });
    refuses({ topic: 'migrate', payload: {} }, /"from": "embedded"/);
  });
});
