import type { IncomingMessage } from 'node:http';
import { parseServerAddress } from '../../../../src/config/server-address';
import type { Clock } from '../../../../src/effects/clock';
import { createAgents } from '../../../../src/http/agents';
import { RateLimit } from '../../../../src/http/rate-limit';
import type { LogOn } from '../../../../src/sagecrm/authorization';
import { CrmClient } from '../../../../src/sagecrm/client';
import type { Page, Query, Source } from '../../../../src/sagecrm/source';
import { listen, type ListeningServer } from '../../../simulator/loopback-server';
import { ManualClock } from '../../../support/manual-clock';

export interface Answer {
  /** Default 200. */
  status?: number;
  headers?: Readonly<Record<string, string>>;
  /** Text and bytes go out as they are; anything else as JSON. */
  body?: unknown;
  /** How many bytes of the body to send before the connection breaks. */
  cutAfter?: number;
}

/** `never` holds the answer back until the connection ends, `reset` breaks it at once. */
export type Script = (url: URL, count: number) => Answer | 'never' | 'reset';

/** A server on loopback that answers as a test says, and keeps what it was asked. */
export class ScriptedServer {
  /** Path and query of each request, byte for byte. */
  readonly urls: string[] = [];
  readonly requests: IncomingMessage[] = [];
  private watchers: (() => void)[] = [];
  private server: ListeningServer | undefined;

  private constructor(private script: Script) {}

  static async start(script: Script): Promise<ScriptedServer> {
    const started = new ScriptedServer(script);
    started.server = await listen((request, response) => {
      const text = request.url ?? '';
      started.urls.push(text);
      started.requests.push(request);
      const url = new URL(`http://server${text}`);
      const answer = started.script(url, started.urls.length);
      for (const notify of started.watchers.splice(0)) notify();
      if (answer === 'reset') {
        request.socket.resetAndDestroy();
        return;
      }
      if (answer === 'never') return;
      const body = bytesOf(answer.body);
      response.sendDate = false;
      response.writeHead(answer.status ?? 200, {
        'content-type': 'application/json',
        'content-length': body.length,
        ...answer.headers,
      });
      if (answer.cutAfter === undefined) response.end(body);
      else response.write(body.subarray(0, answer.cutAfter), () => request.socket.end());
    }, {});
    return started;
  }

  get host(): string {
    return this.server?.host ?? '';
  }

  answerWith(script: Script): void {
    this.script = script;
  }

  /** Resolves when the next request has come in. Ask for it before. */
  nextRequest(): Promise<void> {
    return new Promise((resolve) => this.watchers.push(resolve));
  }

  async close(): Promise<void> {
    await this.server?.close();
  }
}

function bytesOf(body: unknown): Buffer {
  if (Buffer.isBuffer(body)) return body;
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body ?? []));
}

export const LOG_ON: LogOn = {
  username: 'crm-user',
  password: 'crm-pass',
  userSecret: '',
  organizationSecret: '',
  elementToken: '',
};

export interface ClientOptions {
  logOn?: Partial<LogOn>;
  clock?: Clock;
  timeoutMs?: number;
  basePath?: string;
}

export function clientFor(
  { host }: { host: string },
  { logOn = {}, clock = new ManualClock(), timeoutMs = 30_000, basePath = '' }: ClientOptions = {},
): CrmClient {
  return new CrmClient({
    address: parseServerAddress(`http://${host}${basePath}`),
    logOn: { ...LOG_ON, ...logOn },
    agents: createAgents({ env: {} }),
    timeoutMs,
    rateLimit: new RateLimit(0, clock),
    clock,
  });
}

/** A signal that nobody aborts. */
export function untroubled(): AbortSignal {
  return new AbortController().signal;
}

/** All pages that a source gives for a query. */
export async function pagesOf(source: Source, query: Partial<Query>): Promise<Page[]> {
  const whole: Query = {
    resource: 'accounts',
    url: '',
    updatedField: 'Comp_UpdatedDate',
    ...query,
  };
  const pages: Page[] = [];
  for await (const page of source.pages(whole, untroubled())) pages.push(page);
  return pages;
}
