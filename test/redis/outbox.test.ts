import { RedisServer } from '../support/redis-server';
import { itIsAnOutbox } from './support/outbox-behaviours';
import { opensEmbedded, opensShared } from './support/outbox-desk';

describe('An outbox', function () {
  this.timeout(20_000);

  describe('beside Node-RED', () => {
    let remove: () => Promise<void>;

    afterEach(() => remove());

    itIsAnOutbox(async () => {
      const embedded = await opensEmbedded();
      remove = embedded.remove;
      return embedded.open;
    });
  });

  describe('on Redis', () => {
    let server: RedisServer;
    let count = 0;

    before(async () => {
      server = await RedisServer.start();
    });

    after(() => server.stop());

    itIsAnOutbox(() => {
      count += 1;
      return Promise.resolve(opensShared(server.url, `outbox${count}`));
    });
  });
});
