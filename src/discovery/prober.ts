import type { Clock } from '../effects/clock';
import { SageCrmError } from '../errors/sagecrm-error';
import type { CrmRecord } from '../event/event';
import type { CrmAnswer, CrmClient } from '../sagecrm/client';
import { feedSchema, hubRowsSchema, readShape } from '../sagecrm/rows';
import type { Api } from '../sagecrm/source';

/** Requests of one connection test, for five resources and both APIs; more would be impolite. */
const MOST_REQUESTS = 18;

/** The server's time beside this machine's at the same moment, both epoch milliseconds. */
export interface TimePair {
  server: number;
  own: number;
}

/** Asks a server few and small questions, and keeps count. */
export class Prober {
  private sent = 0;
  private latest?: TimePair;

  constructor(
    private readonly client: CrmClient,
    private readonly clock: Clock,
    private readonly signal: AbortSignal,
  ) {}

  /** How many requests are left. */
  get left(): number {
    return MOST_REQUESTS - this.sent;
  }

  /** The time of the latest answer; undefined while none has told it. */
  get time(): TimePair | undefined {
    return this.latest;
  }

  /** The server's time, or this machine's where the server does not tell. */
  get now(): number {
    return this.latest?.server ?? this.clock.now();
  }

  /**
   * @param path path and query below the server's base address, percent-encoded
   * @throws SageCrmError as the client does, and `INPUT_INVALID` when no request is left
   */
  async get(path: string, api: Api): Promise<CrmAnswer> {
    if (this.left <= 0) throw tooManyRequests();
    this.sent += 1;
    const answer = await this.client.get(path, api, this.signal);
    if (answer.serverTime !== undefined) {
      this.latest = { server: answer.serverTime, own: this.clock.now() };
    }
    return answer;
  }

  /** The records of a page. */
  async rows(path: string, api: Api): Promise<readonly CrmRecord[]> {
    const { body } = await this.get(path, api);
    return api === 'hub' ? readShape(hubRowsSchema, body) : readShape(feedSchema, body).$resources;
  }

  /** Forgets a refusal by one API, so that the other, which took the log-on, can be asked on. */
  forgiveRefusal(): void {
    this.client.retryLogOn();
  }
}

function tooManyRequests(): SageCrmError {
  return new SageCrmError(
    'INPUT_INVALID',
    `the test stops after ${MOST_REQUESTS} requests`,
    'test with fewer resources at a time',
  );
}
