import { setTimeout as pause } from 'node:timers/promises';
import { RedisServer } from '../../support/redis-server';

/** A cluster of one member. */
export async function startCluster(options: readonly string[] = []): Promise<RedisServer> {
  const server = await RedisServer.start([
    ...options,
    ...['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1'],
  ]);
  await server.ask('cluster', 'addslotsrange', 0, 16_383);
  await waitUntil(async () =>
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
    const replica = await RedisServer.start(['--replicaof', '127.0.0.1', String(master.port)]);
    const monitored = `sentinel monitor the-master 127.0.0.1 ${master.port} 1`;
    await waitUntil(async () => String(await master.ask('info')).includes('state=online'));
    const sentinel = await RedisServer.startSentinel(monitored);
    await waitUntil(async () => {
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
    await waitUntil(async () => {
      const told = String(await before.ask('info', 'replication'));
      return /,offset=(\d+)/.exec(told)?.[1] === /master_repl_offset:(\d+)/.exec(told)?.[1];
    });
    await this.sentinel.ask('sentinel', 'failover', 'the-master');
    await waitUntil(async () => (await this.master()).port !== before.port);
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

const PATIENCE_MS = 20_000;

export async function waitUntil(isSo: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error('it took too long');
    await pause(20);
  }
}
