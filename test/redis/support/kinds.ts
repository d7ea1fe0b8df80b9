import { RedisServer, type ServerOptions } from '../../support/redis-server';
import { until } from '../../support/until';

/** A cluster of one member. */
export async function startCluster({
  settings = [],
  ...options
}: ServerOptions = {}): Promise<RedisServer> {
  const clustered = ['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1'];
  const server = await RedisServer.start({
    ...{ ...options, isForgetful: true },
    settings: [...settings, ...clustered],
  });
  await server.ask('cluster', 'addslotsrange', 0, 16_383);
  await until('the cluster is ready', async () =>
    String(await server.ask('cluster', 'info')).includes('cluster_state:ok'),
  );
  return server;
}

/** A server, its replica, and a sentinel that watches both under the name `the-master`. */
export class WatchedPair {
  private constructor(
    private readonly servers: readonly RedisServer[],
    private readonly sentinel: RedisServer,
  ) {}

  static async start(): Promise<WatchedPair> {
    const master = await RedisServer.start();
    const replica = await RedisServer.start({
      settings: ['--replicaof', '127.0.0.1', String(master.port)],
    });
    const monitored = `sentinel monitor the-master 127.0.0.1 ${master.port} 1`;
    await until('the replica has all', async () =>
      String(await master.ask('info')).includes('state=online'),
    );
    const sentinel = await RedisServer.startSentinel(monitored);
    await until('the sentinel knows the replica', async () => {
      const found = await sentinel.ask('sentinel', 'replicas', 'the-master');
      return JSON.stringify(found).includes('"master-link-status","ok"');
    });
    return new WatchedPair([master, replica], sentinel);
  }

  get url(): string {
    return `redis+sentinel://${this.sentinel.host}/the-master`;
  }

  /** The replica becomes the master, once it has all. */
  async failOver(): Promise<void> {
    const before = await this.master();
    await until('the replica has all', async () => {
      const told = String(await before.ask('info', 'replication'));
      return /,offset=(\d+)/.exec(told)?.[1] === /master_repl_offset:(\d+)/.exec(told)?.[1];
    });
    await this.sentinel.ask('sentinel', 'failover', 'the-master');
    await until(
      'another one is the master',
      async () => (await this.master()).port !== before.port,
    );
  }

  async master(): Promise<RedisServer> {
    const found = await this.sentinel.ask('sentinel', 'get-master-addr-by-name', 'the-master');
    const [, port] = found as [string, string];
    const master = this.servers.find((server) => String(server.port) === port);
    if (master === undefined) throw new Error(`nobody listens on ${port}`);
    return master;
  }

  async stop(): Promise<void> {
    await this.sentinel.stop();
    for (const server of this.servers) await server.stop();
  }
}
