import assert from 'node:assert/strict';
import type { CommittedChange } from '../../simulator/commit-log';
import { startSimulator, type RecordedRequest, type Simulator } from '../../simulator/simulator';
import { startReceiver, type WebhookReceiver } from '../../simulator/webhook-receiver';
import { cleanSlate } from './clean-slate';
import { buttonOf, LOG_ON, sentEvent, type Addresses, type SentEvent } from './lifecycle-flow';
import type { NodeRedProcess } from './node-red-process';
import { changeKey } from './webhooks';

const HOUR = 3_600_000;
/** Many times what a machine with nothing else to do needs; only a test that fails waits so long. */
const SENT_MS = 60_000;

/** A simulated server and a receiver of events, and a Node-RED between them. */
export class LifecycleRig {
  private readonly firstLine: number;

  private constructor(
    /** May be another one after a restart. */
    public nodeRed: NodeRedProcess,
    readonly userDir: string,
    readonly simulator: Simulator,
    private readonly receiver: WebhookReceiver,
  ) {
    this.firstLine = nodeRed.log.length;
  }

  static async around(nodeRed: NodeRedProcess, userDir: string): Promise<LifecycleRig> {
    const simulator = await startSimulator(LOG_ON);
    return new LifecycleRig(nodeRed, userDir, simulator, await startReceiver());
  }

  get addresses(): Addresses {
    return { crm: this.simulator.url, receiver: this.receiver.url };
  }

  /** Ends both servers; Node-RED stays, with neither flows nor state. */
  async close(): Promise<void> {
    this.simulator.faults.clear();
    await cleanSlate(this.nodeRed, this.userDir);
    await this.closeServers();
  }

  async closeServers(): Promise<void> {
    await this.receiver.close();
    await this.simulator.close();
  }

  /** Companies that were updated a while ago, each at another second. */
  seed(count: number): void {
    const stamp = (index: number): number => Date.now() - HOUR + index * 1000;
    this.simulator.crm.many('company', count, {}, { stamp });
  }

  change(id: number): void {
    this.simulator.crm.update('company', id, { Comp_Name: 'Renamed' });
  }

  /** Presses the button of a poll node; resolves, once it has polled, to how many events came. */
  async poll(id: string): Promise<number> {
    const after = this.nodeRed.log.length;
    await this.nodeRed.inject(buttonOf(id));
    return this.finished(id, after);
  }

  /** Resolves, once a poll node reports a poll after those lines of the log, to its events. */
  async finished(id: string, after: number, count = 1): Promise<number> {
    const lines = await this.nodeRed.waitForLog(finishedLine(id), { after, count });
    const [, created, updated] = finishedLine(id).exec(lines[0] ?? '') ?? [];
    return Number(created) + Number(updated);
  }

  /** Begins a poll whose second page hangs; resolves once that page has been asked for. */
  async beginPoll(id: string): Promise<void> {
    this.simulator.faults.when(asksForNextPage, { kind: 'hang' });
    const asked = this.untilAsked(asksForNextPage);
    await this.nodeRed.inject(buttonOf(id));
    await asked;
  }

  untilAsked(predicate: (request: RecordedRequest) => boolean): Promise<void> {
    return new Promise((resolve) => {
      const stop = this.simulator.onRequest((request) => {
        if (!predicate(request)) return;
        stop();
        resolve();
      });
    });
  }

  /** Resolves once the receiver has got that many events in all. */
  async untilReceived(count: number): Promise<void> {
    await this.receiver.waitFor(count);
  }

  /**
   * Polls until nothing is left, then compares what was sent with what there was to send: every
   * change, unless only some are named.
   *
   * @param from the poll node, when `id` is the subflow instance that it is in
   */
  async assertExactlyOnce(
    id: string,
    changes: readonly CommittedChange[] = this.simulator.crm.commitLog,
    from = id,
  ): Promise<void> {
    while ((await this.poll(id)) > 0);
    const expected = [...changes];
    expected.push(this.mark());
    assert.equal(await this.poll(id), 1);
    await this.assertSent(from, expected);
  }

  /** The same for a poll node that polls by itself: a last change tells that it got there. */
  async assertExactlyOnceByItself(...ids: string[]): Promise<void> {
    this.mark();
    await Promise.all(ids.map((id) => this.assertSent(id, this.simulator.crm.commitLog)));
  }

  /** Warnings and errors in the log since the rig was made. */
  complaints(): string[] {
    return this.nodeRed.log.slice(this.firstLine).filter((line) => /\[(warn|error)\]/.test(line));
  }

  sentBy(id: string): SentEvent[] {
    return this.receiver.deliveries
      .map((delivery) => sentEvent(delivery.path))
      .filter(({ from }) => from === id);
  }

  private async assertSent(id: string, changes: readonly CommittedChange[]): Promise<void> {
    const keys = changes.map(changeKey).sort();
    await this.untilSent(id, keys);
    const events = this.sentBy(id);
    assert.deepEqual(events.map(changeKey).sort(), keys);
    assert.equal(new Set(events.map(({ eventId }) => eventId)).size, events.length);
  }

  /** A change to come after all others. */
  private mark(): CommittedChange {
    this.simulator.crm.create('company');
    const last = this.simulator.crm.commitLog.at(-1);
    assert.ok(last);
    return last;
  }

  private untilSent(id: string, keys: readonly string[]): Promise<void> {
    const missing = new Set(keys);
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        clearTimeout(timer);
        stopListening();
      };
      const check = (events: readonly SentEvent[]): void => {
        for (const event of events) if (event.from === id) missing.delete(changeKey(event));
        if (missing.size > 0) return;
        stop();
        resolve();
      };
      const stopListening = this.receiver.onDelivery(({ path }) => {
        check([sentEvent(path)]);
      });
      const timer = setTimeout(() => {
        stop();
        reject(new Error(`${id} has not sent ${missing.size}: ${[...missing].join(', ')}`));
      }, SENT_MS);
      check(this.sentBy(id));
    });
  }
}

export function asksForNextPage({ path: asked, query }: RecordedRequest): boolean {
  return asked.endsWith('/accounts') && 'nextPage' in query;
}

/** The last change of each record: what a reader who begins now can learn. */
export function newest(changes: readonly CommittedChange[]): CommittedChange[] {
  return [...new Map(changes.map((change) => [change.id, change])).values()];
}

function finishedLine(id: string): RegExp {
  return new RegExp(`finished ${id} (\\d+)\\+(\\d+)`);
}
