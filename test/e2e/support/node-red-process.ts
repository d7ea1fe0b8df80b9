import { spawn, type ChildProcess } from 'node:child_process';
import type { Runtime } from '../../../scripts/runtimes';
import { writeSettings, type Settings } from './settings';

/** A node of a flow file; `credentials` are sent along with a deploy as the editor does. */
export interface FlowNode extends Record<string, unknown> {
  id: string;
  type: string;
  credentials?: Record<string, string>;
}

export interface NodeRedOptions {
  runtime: Runtime;
  /** Keeps flows, credentials and state between the starts of one test. */
  userDir: string;
  /** Default: one that is free when Node-RED asks for it. */
  port?: number;
  env?: Record<string, string>;
  /** Settings beside those of every test. */
  settings?: Settings;
}

/** What Node-RED restarts: everything, changed nodes, flows with changed nodes, or what is stored. */
export type DeployType = 'full' | 'nodes' | 'flows' | 'reload';

export interface LogWait {
  /** How many lines must match. Default: 1. */
  count?: number;
  /** Lines to pass over, such as `log.length` for only those still to come. Default: 0. */
  after?: number;
  timeoutMs?: number;
}

/** Many times what a machine with nothing else to do needs; only a test that fails waits so long. */
const START_MS = 120_000;
const STOP_MS = 20_000;
const LOG_WAIT_MS = 60_000;

const RUNNING = /Server now running at (http:\S+?)\/?$/;

/** A real Node-RED in a process of its own, driven as the editor drives it: over its HTTP API. */
export class NodeRedProcess {
  /** Everything it has printed, line by line. */
  readonly log: string[] = [];
  private readonly watchers = new Set<() => void>();
  private readonly exited: Promise<void>;
  private address = '';
  private token: string | undefined;
  private readonly killOnExit = (): void => {
    this.child.kill('SIGKILL');
  };

  private constructor(private readonly child: ChildProcess) {
    this.readLog();
    process.once('exit', this.killOnExit);
    this.exited = new Promise((resolve) => {
      child.once('close', () => {
        process.removeListener('exit', this.killOnExit);
        resolve();
      });
    });
  }

  /** Resolves once the flows are started and the editor answers; throws with the log otherwise. */
  static async start(options: NodeRedOptions): Promise<NodeRedProcess> {
    const { runtime, userDir } = options;
    const settings = await writeSettings(userDir, options.port ?? 0, options.settings);
    const child = spawn(
      runtime.node,
      [runtime.script, '--userDir', userDir, '--settings', settings],
      { cwd: userDir, env: environment(options.env), stdio: ['ignore', 'pipe', 'pipe'] },
    );
    const nodeRed = new NodeRedProcess(child);
    try {
      const [[running = '']] = await Promise.all([
        nodeRed.waitForLog(RUNNING, { timeoutMs: START_MS }),
        nodeRed.waitForLog(/Started flows/, { timeoutMs: START_MS }),
      ]);
      // It names the port that it was given by the system.
      nodeRed.address = RUNNING.exec(running)?.[1] ?? '';
    } catch (error) {
      await nodeRed.kill();
      throw error;
    }
    return nodeRed;
  }

  /** Where editor and admin API answer. */
  get url(): string {
    return this.address;
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /**
   * Replaces the flows, as the Deploy button does; resolves once they have been started. A reload
   * ignores `flows`.
   */
  async deploy(flows: readonly FlowNode[], type: DeployType = 'full'): Promise<void> {
    const started = this.untilStarted();
    await Promise.all([this.requestDeploy(flows, type), started]);
  }

  /** Asks for a deploy; resolves once the new flows are stored and begin to start. */
  async requestDeploy(flows: readonly FlowNode[], type: DeployType = 'full'): Promise<void> {
    const headers = { 'Node-RED-Deployment-Type': type, 'Node-RED-API-Version': 'v2' };
    const response = await this.request('POST', '/flows', { flows }, headers);
    await response.body?.cancel();
  }

  /** Resolves once flows have been started `count` more times. */
  async untilStarted(count = 1): Promise<void> {
    const after = this.log.length;
    await this.waitForLog(/Started (modified )?(flows|nodes)/, { after, count });
  }

  /** Makes every later request in the name of this user; resolves to the token that says so. */
  async logOn(username: string, password: string): Promise<string> {
    const response = await this.request('POST', '/auth/token', {
      ...{ client_id: 'node-red-editor', grant_type: 'password', scope: '' },
      ...{ username, password },
    });
    const { access_token: token } = (await response.json()) as { access_token: string };
    this.token = token;
    return token;
  }

  /** The answer to a GET of the admin API. */
  async get<T>(path: string): Promise<T> {
    const response = await this.request('GET', path);
    return (await response.json()) as T;
  }

  /** Throws with the body when the answer is not 2xx. */
  async request(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    const response = await fetch(this.url + path, {
      method,
      headers: {
        ...{ accept: 'application/json', 'content-type': 'application/json' },
        // A kept connection may be ended by the server in the moment in which it is used again.
        connection: 'close',
        ...(this.token !== undefined && { authorization: `Bearer ${this.token}` }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) {
      const text = await response.text();
      throw new Error(`${method} ${path}: ${response.status} ${text}`);
    }
    return response;
  }

  /** Presses the button of an inject node. */
  async inject(id: string): Promise<void> {
    const response = await this.request('POST', `/inject/${id}`);
    await response.body?.cancel();
  }

  /** Resolves to the matching lines once there are enough of them. */
  waitForLog(pattern: RegExp, wait: LogWait = {}): Promise<string[]> {
    const { count = 1, after = 0, timeoutMs = LOG_WAIT_MS } = wait;
    const matches = (): string[] => this.log.slice(after).filter((line) => pattern.test(line));
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        clearTimeout(timer);
        this.watchers.delete(check);
      };
      const check = (): void => {
        if (matches().length < count) return;
        stop();
        resolve(matches());
      };
      const give = (reason: string): void => {
        if (!this.watchers.has(check)) return;
        stop();
        const found = `${matches().length} of ${count} lines match ${pattern}`;
        reject(new Error(`${reason}: ${found}\n${this.log.join('\n')}`));
      };
      const timer = setTimeout(give, timeoutMs, `${timeoutMs} ms passed`);
      this.watchers.add(check);
      void this.exited.then(() => {
        give('Node-RED ended');
      });
      check();
    });
  }

  /** Ends it as a service manager does; throws when it does not go by itself. */
  async stop(): Promise<void> {
    this.child.kill('SIGTERM');
    const gone = await Promise.race([this.exited.then(() => true), this.afterStopTime()]);
    if (gone) return;
    await this.kill();
    throw new Error(`Node-RED did not stop in ${STOP_MS} ms:\n${this.log.join('\n')}`);
  }

  /** Ends it as a power cut does. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.exited;
  }

  private afterStopTime(): Promise<false> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, STOP_MS, false);
      void this.exited.then(() => {
        clearTimeout(timer);
      });
    });
  }

  private readLog(): void {
    for (const stream of [this.child.stdout, this.child.stderr]) {
      let rest = '';
      stream?.setEncoding('utf8').on('data', (chunk: string) => {
        const lines = (rest + chunk).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) this.take(line);
      });
    }
  }

  private take(line: string): void {
    this.log.push(line);
    for (const check of [...this.watchers]) check();
  }
}

/** This process's environment without what npm and the test runner put there for themselves. */
function environment(extra: Record<string, string> = {}): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|NODE_V8_COVERAGE$|NODE_OPTIONS$|TEST_)/.test(name),
  );
  return { ...Object.fromEntries(own), ...extra };
}
