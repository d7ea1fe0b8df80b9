import { pollKeys } from '../../../src/redis/poll-keys';
import type { RedisServer } from '../../support/redis-server';
import type { OpenState, RigState } from '../../support/rig-state';
import { Instance } from './instance';

const PREFIX = 'rig';

/** State on Redis, of a poll node of its own; each opening is another instance of it. */
export class StateOnRedis implements RigState {
  private instance: Instance | undefined;
  private instances = 0;

  /** @param node its id */
  constructor(
    private readonly server: RedisServer,
    private readonly node: string,
  ) {}

  async open(resource: string, isInFlight: () => boolean): Promise<OpenState> {
    // A killed instance gives nothing back; its lease has run out by now.
    const { lease } = pollKeys(PREFIX, this.node, resource);
    await this.server.ask('hset', lease, 'until', 0);
    const instance = new Instance({
      ...{ url: this.server.url, prefix: PREFIX, node: this.node, isInFlight },
      owner: `instance ${(this.instances += 1)}`,
      resources: [resource],
    });
    await instance.leases.open();
    this.instance = instance;
    return {
      store: instance.store,
      lease: instance.leases.of(resource),
      close: () => instance.close(),
    };
  }

  /** What was sent by now is carried out, and nothing after it. */
  die(): void {
    this.instance?.connection.close();
  }

  async remove(): Promise<void> {
    const keys = (await this.server.ask('keys', `{${PREFIX}:poll:${this.node}*`)) as string[];
    await this.server.ask('unlink', ...keys);
  }
}
