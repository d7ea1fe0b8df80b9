import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Redis } from 'ioredis';
import { atReservedPlace, leavePlace, PortTaken, type Place } from './reserved-place';
import { until } from './until';

/** Where packages of the usual systems put it; `REDIS_SERVER` names another place. */
const BINARIES = [
  '/usr/bin/redis-server',
  '/usr/local/bin/redis-server',
  '/opt/homebrew/bin/redis-server',
];

/** Every write is on disk before it is answered, so that a restart finds all of them. */
const STORING = ['--save', '', '--appendonly', 'yes', '--appendfsync', 'always'];

const FORGETFUL = ['--save', '', '--appendonly', 'no'];

/** Kills the server `$1`, and removes its folder `$2`, once the other end of its input is gone. */
const GUARD = 'read -r line; kill -9 "$1"; rm -rf "$2"';

export interface ServerOptions {
  /** More of its own, as `['--cluster-enabled', 'yes']`. */
  settings?: readonly string[];
  /** It listens with TLS, too, at a port of its own. */
  hasTls?: boolean;
  /** It keeps nothing on disk: quicker, where a test does not end it and start it again. */
  isForgetful?: boolean;
}

/** A real Redis on loopback, with a folder of its own. It ends with this process, however that ends. */
export class RedisServer {
  private child: ChildProcess | undefined;
  private guard: ChildProcess | undefined;

  private constructor(
    private readonly place: Place,
    private readonly options: readonly string[],
    private readonly hasTls: boolean,
  ) {}

  static async start({
    settings = [],
    hasTls = false,
    isForgetful = false,
  }: ServerOptions = {}): Promise<RedisServer> {
    const options = [...(isForgetful ? FORGETFUL : STORING), ...settings];
    return atReservedPlace((place) => new RedisServer(place, options, hasTls).launched());
  }

  /** @param monitored the line of its configuration that says what it watches */
  static async startSentinel(
    monitored: string,
    { settings = [], hasTls = false }: ServerOptions = {},
  ): Promise<RedisServer> {
    return atReservedPlace(async (place) => {
      const file = path.join(place.folder, 'sentinel.conf');
      await writeFile(file, `${monitored}\n`);
      // A configuration file comes first.
      return new RedisServer(place, [file, '--sentinel', ...settings], hasTls).launched();
    });
  }

  get port(): number {
    return this.place.port;
  }

  get tlsPort(): number {
    if (!this.hasTls) throw new Error('it was started without TLS');
    return this.place.port + 1;
  }

  get url(): string {
    return `redis://${this.host}`;
  }

  get host(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** Starts it again on what the disk holds, at the same port. */
  async launch(): Promise<void> {
    const { folder, port } = this.place;
    const log = path.join(folder, 'redis.log');
    await rm(log, { force: true });
    const child = spawn(
      binary(),
      [
        ...this.options,
        ...['--port', String(port), '--bind', '127.0.0.1'],
        ...(this.hasTls ? ['--tls-port', String(this.tlsPort)] : []),
        ...['--dir', folder, '--logfile', log],
      ],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    );
    this.child = child;
    this.protect(child);
    await until('redis-server answers', async () => isOver(child) || this.isServedBy(child));
    if (isOver(child)) throw await launchFailure(log);
  }

  /** As a power cut of the process: nothing is tidied up. */
  async kill(): Promise<void> {
    const { child, guard } = this;
    this.child = undefined;
    this.guard = undefined;
    guard?.kill('SIGKILL');
    if (child === undefined || isOver(child)) return;
    child.ref();
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
    await leavePlace(this.place);
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

  private async launched(): Promise<this> {
    try {
      await this.launch();
      return this;
    } catch (error) {
      await this.kill();
      throw error;
    }
  }

  /** Also after a signal that leaves this process no time for hooks. */
  private protect(child: ChildProcess): void {
    const args = ['-c', GUARD, 'guard', String(child.pid), this.place.folder];
    this.guard = spawn('/bin/sh', args, { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
    // A test that forgets to stop it keeps this process from ending no longer.
    this.guard.unref();
    child.unref();
  }

  /** False while another one has the port, and while it still reads what the disk holds. */
  private async isServedBy({ pid }: ChildProcess): Promise<boolean> {
    const told = String(await this.ask('info'));
    return told.includes(`process_id:${pid}\r\n`) && !told.includes('loading:1');
  }
}

async function launchFailure(log: string): Promise<Error> {
  const told = await readFile(log, 'utf8').catch(() => 'it has written no log');
  const message = `redis-server ended:\n${told}`;
  return told.includes('Address already in use') ? new PortTaken(message) : new Error(message);
}

function isOver({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

function binary(): string {
  const found = [process.env.REDIS_SERVER ?? '', ...BINARIES].find((file) => existsSync(file));
  if (found !== undefined) return found;
  throw new Error(
    'these tests need redis-server: install it (apt-get install redis-server) or set REDIS_SERVER to its path',
  );
}
