import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';

/** Where packages of the usual systems put it; `REDIS_SERVER` names another place. */
const BINARIES = [
  '/usr/bin/redis-server',
  '/usr/local/bin/redis-server',
  '/opt/homebrew/bin/redis-server',
];

const LONGEST_START_MS = 10_000;

const STORING = ['--save', '', '--appendonly', 'yes', '--appendfsync', 'always'];

/** A real Redis on a free port of this machine, with a folder of its own. */
export class RedisServer {
  private child: ChildProcess | undefined;

  private constructor(
    private readonly folder: string,
    readonly port: number,
    private readonly options: readonly string[],
  ) {}

  /**
   * Every write is on disk before it is answered, so that a restart finds all of them.
   *
   * @param options more of them, as `['--cluster-enabled', 'yes']`
   */
  static async start(options: readonly string[] = []): Promise<RedisServer> {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'sagecrm-redis-'));
    const server = new RedisServer(folder, await freePort(), options);
    await server.launch();
    return server;
  }

  /**
   * @param monitored the line of its configuration that says what it watches
   * @param options more of them
   */
  static async startSentinel(
    monitored: string,
    options: readonly string[] = [],
  ): Promise<RedisServer> {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'sagecrm-sentinel-'));
    const file = path.join(folder, 'sentinel.conf');
    await writeFile(file, `${monitored}\n`);
    const server = new RedisServer(folder, await freePort(), [file, '--sentinel', ...options]);
    await server.launch();
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  get host(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** Starts it again on what the disk holds. */
  async launch(): Promise<void> {
    const child = spawn(
      binary(),
      [
        // A configuration file comes first; a sentinel keeps nothing else.
        ...(this.options.includes('--sentinel') ? this.options : STORING.concat(this.options)),
        ...['--port', String(this.port), '--bind', '127.0.0.1', '--dir', this.folder],
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    this.child = child;
    const log = text(child.stdout);
    const ended = once(child, 'exit').then(async () => {
      throw new Error(`redis-server ended:\n${await log}`);
    });
    ended.catch(() => undefined);
    await Promise.race([this.answers(), ended]);
  }

  /** As a power cut of the process: nothing is tidied up. */
  async kill(): Promise<void> {
    const { child } = this;
    this.child = undefined;
    const isRunning = child?.exitCode === null && child.signalCode === null;
    if (!isRunning) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  /** It answers nobody until `thaw`. */
  freeze(): void {
    this.child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.child?.kill('SIGCONT');
  }

  async stop(): Promise<void> {
    await this.kill();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** What an administrator would ask it. */
  async ask(command: string, ...args: (string | number)[]): Promise<unknown> {
    const client = new Redis(this.port, '127.0.0.1', {
      lazyConnect: true,
      retryStrategy: () => null,
    });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return await client.call(command, args);
    } finally {
      client.disconnect();
    }
  }

  private async answers(): Promise<void> {
    const end = performance.now() + LONGEST_START_MS;
    for (;;) {
      const answer = await this.ask('ping').catch(() => undefined);
      if (answer === 'PONG') return;
      if (performance.now() > end) throw new Error('redis-server does not answer');
      await pause(20);
    }
  }
}

function binary(): string {
  const found = [process.env.REDIS_SERVER ?? '', ...BINARIES].find((file) => existsSync(file));
  if (found !== undefined) return found;
  throw new Error(
    'these tests need redis-server: install it (apt-get install redis-server) or set REDIS_SERVER to its path',
  );
}

/** The members of a cluster talk to each other at a port that lies ten thousand above. */
const HIGHEST_PORT = 55_535;

export async function freePort(): Promise<number> {
  for (;;) {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    if (port <= HIGHEST_PORT) return port;
  }
}
