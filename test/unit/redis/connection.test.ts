import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { SageCrmError } from '../../../src/errors/sagecrm-error';
import { RedisConnection, type RedisClient } from '../../../src/redis/connection';
import { ManualClock } from '../../support/manual-clock';

const LONGEST_WAIT_MS = 2_000;

class FakeClient extends EventEmitter implements RedisClient {
  status = 'reconnecting';
  readonly asked: string[] = [];

  call(command: string): Promise<unknown> {
    this.asked.push(command);
    return Promise.resolve('OK');
  }

  disconnect(): void {
    this.become('end');
  }

  become(status: 'ready' | 'end'): void {
    this.status = status;
    this.emit(status);
  }
}

function isUnavailable(error: unknown): boolean {
  return error instanceof SageCrmError && error.code === 'REDIS_UNAVAILABLE';
}

describe('A connection to a Redis that is away', () => {
  let client: FakeClient;
  let clock: ManualClock;
  let connection: RedisConnection;

  beforeEach(() => {
    client = new FakeClient();
    clock = new ManualClock();
    connection = new RedisConnection(client, clock);
  });

  it('fails a command after two seconds, and does not send it later', async () => {
    const failed = assert.rejects(connection.command('ping', []), isUnavailable);
    assert.deepEqual(clock.pending(), [LONGEST_WAIT_MS]);
    await clock.advance(LONGEST_WAIT_MS);
    await failed;
    client.become('ready');
    assert.deepEqual(client.asked, []);
  });

  it('sends a command as soon as it is back within that time', async () => {
    const answered = connection.command('ping', []);
    await clock.advance(LONGEST_WAIT_MS - 1);
    client.become('ready');
    assert.equal(await answered, 'OK');
    assert.deepEqual(client.asked, ['ping']);
  });

  it('fails a command at once when it will not connect again', async () => {
    const failed = assert.rejects(connection.command('ping', []), isUnavailable);
    connection.close();
    await failed;
    await assert.rejects(connection.command('ping', []), isUnavailable);
    assert.deepEqual(clock.pending(), []);
  });
});
