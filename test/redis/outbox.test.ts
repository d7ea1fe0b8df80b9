import { RedisServer } from '../support/redis-server';
import { itPutsEventsTogether } from './support/batch-behaviours';
import { itIsAnOutbox } from './support/outbox-behaviours';
import { opensEmbedded, opensShared, type OpenOutbox } from './support/outbox-desk';

describe('An outbox', function () {
  this.timeout(20_000);

  describe('beside Node-RED', () => {
    let remove: () => Promise<void>;

    afterEach(() => remove());

    const openNext = async (): Promise<OpenOutbox> => {
      const embedded = await opensEmbedded();
      remove = embedded.remove;
      return embedded.open;
    };

    describe('one event in each webhook', () => {
      itIsAnOutbox(openNext);
    });

    describe('several events in one webhook', () => {
      itPutsEventsTogether(openNext);
    });
  });

  describe('on Redis', () => {
    let server: RedisServer;
    let count = 0;

    before(async () => {
      server = await RedisServer.start({ isForgetful: true });
    });

    after(() => server.stop());

    const openNext = (): Promise<OpenOutbox> => {
      count += 1;
      return Promise.resolve(opensShared(server.url, `outbox${count}`));
    };

    describe('one event in each webhook', () => {
      itIsAnOutbox(openNext);
    });

    describe('several events in one webhook', () => {
      itPutsEventsTogether(openNext);
    });
  });
});
