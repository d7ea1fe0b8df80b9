import assert from 'node:assert/strict';
import { Background } from '../../../src/effects/background';

describe('work in the background', () => {
  it('is over when all that was begun has ended', async () => {
    const done: string[] = [];
    const background = new Background(() => undefined);
    const later = async (name: string): Promise<void> => {
      await Promise.resolve();
      done.push(name);
    };
    background.run(() => later('one'));
    background.run(() => later('two'));
    await background.settled();
    assert.deepEqual(done, ['one', 'two']);
  });

  it('tells what fails, and fails nobody', async () => {
    const told: unknown[] = [];
    const background = new Background((error) => told.push(error));
    const fault = new Error('disk full');
    background.run(() => Promise.reject(fault));
    await background.settled();
    assert.deepEqual(told, [fault]);
  });
});
