import assert from 'node:assert/strict';
import { laneOf, readCallbackInput } from '../../../src/delivery/input';
import { SageCrmError } from '../../../src/errors/sagecrm-error';
import { sampleMessage } from './support/sample';

describe('readCallbackInput', () => {
  it('reads a message of a poll node', () => {
    const { message, instanceId } = readCallbackInput({
      ...sampleMessage(),
      _msgid: 'x',
      instanceId: 'poll-1',
    });
    assert.deepEqual(message, sampleMessage());
    assert.equal(instanceId, 'poll-1');
  });

  it('takes the resource from the event, since a flow may change the topic', () => {
    const { message, instanceId } = readCallbackInput({ ...sampleMessage(), topic: 'mine' });
    assert.equal(message.topic, 'accounts');
    assert.equal(instanceId, undefined);
  });

  const { event, payload } = sampleMessage();
  const refused: { name: string; message: unknown; field: string }[] = [
    { name: 'no event', message: { payload }, field: 'event' },
    { name: 'no payload', message: { event }, field: 'payload' },
    { name: 'a payload of text', message: { event, payload: 'x' }, field: 'payload' },
    {
      name: 'an unknown event type',
      message: { payload, event: { ...event, eventType: 'MERGED' } },
      field: 'event.eventType',
    },
    {
      name: 'a date that is none',
      message: { payload, event: { ...event, date: 'yesterday' } },
      field: 'event.date',
    },
    {
      name: 'an event id that would break a header',
      message: { payload, event: { ...event, eventId: 'a\r\nX-Evil: 1' } },
      field: 'event.eventId',
    },
    { name: 'nothing', message: undefined, field: '' },
  ];
  for (const { name, message, field } of refused) {
    it(`refuses ${name}`, () => {
      assert.throws(
        () => readCallbackInput(message),
        (error) =>
          error instanceof SageCrmError &&
          error.code === 'INPUT_INVALID' &&
          error.details.field === field,
      );
    });
  }
});

describe('laneOf', () => {
  it('tells records apart by type and id', () => {
    const lane = (objectType: string, objectId: string): string =>
      laneOf(sampleMessage({ objectType, objectId }));
    assert.equal(lane('a', '1'), lane('a', '1'));
    assert.notEqual(lane('a', '1'), lane('a', '2'));
    assert.notEqual(lane('a', '1'), lane('b', '1'));
    assert.notEqual(lane('a","b', 'c'), lane('a', 'b","c'));
  });
});
