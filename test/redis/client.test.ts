import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { RedisServer } from '../support/redis-server';

const PROGRAM = path.join(__dirname, 'support', 'leaving-client.ts');

/** Then it is killed; only a test that fails waits so long. */
const PATIENCE_MS = 30_000;

describe('A client of Redis', () => {
  let server: RedisServer;

  before(async () => {
    server = await RedisServer.start({ isForgetful: true });
  });

  after(() => server.stop());

  for (const whose of ['its own', 'duplicate']) {
    it(`holds no process once its connection ended before an answer had come: ${whose}`, async () => {
      const args = ['--import', 'tsx', PROGRAM, server.url, whose];
      const child = spawn(process.execPath, args, {
        stdio: ['ignore', 'inherit', 'inherit'],
        timeout: PATIENCE_MS,
      });
      assert.deepEqual(await once(child, 'exit'), [0, null]);
    });
  }
});
