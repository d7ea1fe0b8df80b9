import assert from 'node:assert/strict';
import { readCommand } from '../../../src/poll/command';
import { SageCrmError } from '../../../src/errors/sagecrm-error';
import { resolveZone } from '../../../src/template/zone';

const BERLIN = resolveZone('Europe/Berlin');

function replay(payload: unknown) {
  return readCommand({ topic: 'replay', payload }, BERLIN);
}

function since(value: unknown): number | undefined {
  const command = replay({ since: value });
  return command.name === 'replay' ? command.since : undefined;
}

describe('readCommand', () => {
  for (const name of ['poll', 'pause', 'resume', 'status'] as const) {
    it(`reads the topic ${name}, whatever the payload`, () => {
      assert.deepEqual(readCommand({ topic: name, payload: { since: 1 } }, BERLIN), { name });
    });
  }

  for (const topic of [undefined, '', 'Poll', 'accounts', 5, {}]) {
    it(`takes the topic ${JSON.stringify(topic)} for a poll, as from any Inject node`, () => {
      assert.deepEqual(readCommand({ topic, payload: Date.now() }, BERLIN), { name: 'poll' });
    });
  }

  it('takes for a move the store that the state comes from', () => {
    const migrate = (payload: unknown): unknown =>
      readCommand({ topic: 'migrate', payload }, BERLIN);
    assert.deepEqual(migrate({ from: 'redis' }), { name: 'migrate', from: 'redis' });
    for (const payload of [undefined, 'redis', {}, { from: 'elsewhere' }]) {
      assert.throws(
        () => migrate(payload),
        (error) =>
          error instanceof SageCrmError &&
          error.code === 'INPUT_INVALID' &&
          error.details.field === 'payload.from',
      );
    }
  });

  describe('for an acknowledgement', () => {
    function ack(message: object): unknown {
      return readCommand({ topic: 'ack', ...message }, BERLIN);
    }

    it('takes the id from the message that is handed back', () => {
      const message = { payload: { Comp_Name: 'Cedar' }, event: { eventId: 'one', objectId: '1' } };
      assert.deepEqual(ack(message), { name: 'ack', eventIds: ['one'] });
    });

    it('takes one id or several from the payload', () => {
      assert.deepEqual(ack({ payload: 'one' }), { name: 'ack', eventIds: ['one'] });
      assert.deepEqual(ack({ payload: ['one', 'two'] }), { name: 'ack', eventIds: ['one', 'two'] });
    });

    for (const message of [{}, { payload: '' }, { payload: [] }, { payload: {} }, { event: {} }]) {
      it(`refuses ${JSON.stringify(message)}, and says what it needs`, () => {
        assert.throws(
          () => ack(message),
          (error) => error instanceof SageCrmError && error.code === 'INPUT_INVALID',
        );
      });
    }
  });

  describe('for a replay', () => {
    const instant = Date.parse('2026-01-31T10:00:00Z');

    it('reads a date with its offset, in the zone of the server without one', () => {
      assert.equal(since('2026-01-31T10:00:00Z'), instant);
      assert.equal(since('2026-01-31T12:00:00+02:00'), instant);
      assert.equal(since(' 2026-01-31T11:00:00 '), instant);
      assert.equal(since('2026-01-31'), Date.parse('2026-01-30T23:00:00Z'));
    });

    it('reads epoch milliseconds and a Date', () => {
      assert.equal(since(instant), instant);
      assert.equal(since(new Date(instant)), instant);
      assert.equal(since(0), 0);
    });

    it('takes all resources unless one or some are named', () => {
      assert.deepEqual(replay({ since: 0 }), { name: 'replay', since: 0 });
      assert.deepEqual(replay({ since: 0, resource: 'leads' }), {
        name: 'replay',
        since: 0,
        resources: ['leads'],
      });
      assert.deepEqual(replay({ since: 0, resources: ['leads', 'users'] }), {
        name: 'replay',
        since: 0,
        resources: ['leads', 'users'],
      });
    });

    for (const payload of [
      undefined,
      null,
      '2026-01-31',
      5,
      {},
      { since: '' },
      { since: 'yesterday' },
      { since: '2026-02-30' },
      { since: NaN },
      { since: true },
      { since: new Date(NaN) },
      { since: 0, resources: [] },
      { since: 0, resources: 'leads' },
      { since: 0, resource: 5 },
    ]) {
      it(`refuses the payload ${JSON.stringify(payload)}, with an example`, () => {
        assert.throws(
          () => replay(payload),
          (error) =>
            error instanceof SageCrmError &&
            error.code === 'INPUT_INVALID' &&
            error.details.field === 'payload.since' &&
            error.nextStep.includes('{"since": "2026-01-31T00:00:00Z"}'),
        );
      });
    }
  });
});
