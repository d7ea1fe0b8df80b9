import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Redis } from 'ioredis';
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

/**
 * Systems give no port of these to whoever asks for any, so that nobody takes one while its server is
 * down; a folder of that name keeps other test processes from it. The members of a cluster talk to
 * each other at a port that lies ten thousand above, of which the same is true, and TLS has the next.
 */
const PORTS = { lowest: 20_000, highest: 22_700, step: 2 };

/** Of those folders: the same for all processes, whatever each has for its temporary files. */
const PLACES = existsSync('/dev/shm') ? '/dev/shm' : '/tmp';

/** Somebody else may have the ports that were chosen. */
const MOST_TRIES = 20;

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

interface Place {
  folder: string;
  port: number;
  tlsPort: number | undefined;
}

/** A real Redis on loopback, with a folder of its own. It ends with this process, however that ends. */
export class RedisServer {
  private child: ChildProcess | undefined;
  private guard: ChildProcess | undefined;

  private constructor(
    private readonly place: Place,
    private readonly options: readonly string[],
  ) {}

  static async start({ settings = [], ...how }: ServerOptions = {}): Promise<RedisServer> {
    const storing = how.isForgetful === true ? FORGETFUL : STORING;
    return startOnFreePorts(how.hasTls === true, (place) => {
      return Promise.resolve(new RedisServer(place, [...storing, ...settings]));
    });
  }

  /** @param monitored the line of its configuration that says what it watches */
  static async startSentinel(
    monitored: string,
    { settings = [], hasTls = false }: ServerOptions = {},
  ): Promise<RedisServer> {
    return startOnFreePorts(hasTls, async (place) => {
      const file = path.join(place.folder, 'sentinel.conf');
      await writeFile(file, `${monitored}\n`);
      // A configuration file comes first.
      return new RedisServer(place, [file, '--sentinel', ...settings]);
    });
  }

  get port(): number {
    return this.place.port;
  }

  get tlsPort(): number {
    const { tlsPort } = this.place;
    if (tlsPort === undefined) throw new Error('it was started without TLS');
    return tlsPort;
  }

  get url(): string {
    return `redis://${this.host}`;
  }

  get host(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** Starts it again on what the disk holds, at the same port. */
  async launch(): Promise<void> {
    const { folder, port, tlsPort } = this.place;
    const log = path.join(folder, 'redis.log');
    await rm(log, { force: true });
    const child = spawn(
      binary(),
      [
        ...this.options,
        ...['--port', String(port), '--bind', '127.0.0.1'],
        ...(tlsPort === undefined ? [] : ['--tls-port', String(tlsPort)]),
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
    await rm(this.place.folder, { recursive: true, force: true });
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

class PortTaken extends Error {}

async function startOnFreePorts(
  hasTls: boolean,
  create: (place: Place) => Promise<RedisServer>,
): Promise<RedisServer> {
  for (let tries = 1; ; tries += 1) {
    const server = await create(await takePlace(hasTls));
    try {
      await server.launch();
      return server;
    } catch (error) {
      await server.stop();
      if (!(error instanceof PortTaken) || tries === MOST_TRIES) throw error;
    }
  }
}

async function takePlace(hasTls: boolean): Promise<Place> {
  const { lowest, highest, step } = PORTS;
  // Processes that run side by side begin to look at different places.
  for (let place = process.pid; ; place += 1) {
    const port = lowest + ((step * place) % (highest - lowest));
    const folder = path.join(PLACES, `sagecrm-redis-${port}`);
    try {
      await mkdir(folder, { mode: 0o700 });
      return { folder, port, tlsPort: hasTls ? port + 1 : undefined };
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
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
