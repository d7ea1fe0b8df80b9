import type { ChangeOptions } from '../simulator/data';
import type { Fault } from '../simulator/faults';
import type { HubOptions } from '../simulator/options';
import { UPDATED, type Running } from './contestant';
import { CHANGE_MARK, Ledger, type Tally } from './ledger';

const AN_HOUR_MS = 3_600_000;

/** What a scenario does with a poller and its server. Simulated time moves only with `advance`. */
export class Stage {
  private readonly ledger: Ledger;
  private changes = 0;

  constructor(private readonly running: Running) {
    this.ledger = new Ledger(running.simulator);
  }

  /** Puts a few old records there and switches the poller on. */
  async start(): Promise<void> {
    for (let count = 0; count < 3; count += 1) this.create({ stamp: this.now() - AN_HOUR_MS });
    this.ledger.noteStart();
    await this.running.activate();
  }

  /** The server's time, epoch milliseconds. */
  now(): number {
    return this.running.simulator.clock.now();
  }

  /** Creates a record and returns its id. */
  create(options: ChangeOptions = {}): string {
    return this.running.simulator.crm.create('company', this.mark(), options).id;
  }

  /** Creates records with one date. */
  createTied(count: number, stamp = this.now()): void {
    for (let index = 0; index < count; index += 1) this.create({ stamp });
  }

  update(id: string): void {
    this.running.simulator.crm.update('company', id, this.mark());
  }

  /** Changes a record and writes any text, or nothing, in place of its updated date. */
  updateWithDate(id: string, date: string | null): void {
    this.running.simulator.crm.setRaw('company', id, { ...this.mark(), [UPDATED]: date });
  }

  advance(seconds: number): Promise<void> {
    return this.running.advance(seconds);
  }

  stepClock(ms: number): void {
    this.running.stepClock(ms);
  }

  restart(): Promise<void> {
    return this.running.restart();
  }

  /** A poll that must succeed. */
  async poll(): Promise<void> {
    this.ledger.noteShown();
    await this.running.poll();
  }

  /** A poll that may fail, as its poller sees fit. */
  async tryPoll(): Promise<void> {
    await this.running.poll().catch(() => undefined);
  }

  /** A poll whose second page has a fault; it must fail. */
  async failOnPage2(fault: Fault): Promise<void> {
    const { faults } = this.running.simulator;
    faults.when(({ query }) => query.nextPage !== undefined, fault);
    const failed = await this.running.poll().then(
      () => false,
      () => true,
    );
    if (!failed) throw new Error('the poll did not notice the fault');
  }

  /** A poll during which the flow breaks at the record after `count`. */
  async pollIntoBrokenFlow(count: number): Promise<void> {
    const end = this.running.received.length + count;
    this.running.onRecord = () => {
      if (this.running.received.length === end) throw new Error('the flow broke');
    };
    await this.tryPoll();
    this.running.onRecord = () => undefined;
  }

  /** Does something once, just before the page after `offset` rows is read. */
  beforePageAt(offset: number, act: () => void): void {
    const { options } = this.running.simulator;
    options.beforePage = (page) => {
      if (page.offset !== offset) return;
      options.beforePage = undefined;
      act();
    };
  }

  /** Switches quirks of the server. */
  setHub(quirks: HubOptions): void {
    const { options } = this.running.simulator;
    options.hub = { ...options.hub, ...quirks };
  }

  /** How far the server's `Date` header is ahead of its time. */
  setDateHeaderSkew(ms: number): void {
    this.running.simulator.options.dateHeaderSkewMs = ms;
  }

  /** Two more polls, for whatever is late, and the result. */
  async finish(): Promise<Tally> {
    for (let count = 0; count < 2; count += 1) {
      await this.advance(60);
      await this.poll();
    }
    return this.ledger.tally(this.running.received);
  }

  /** A mark of its own for each change, so that one can tell which version was emitted. */
  private mark(): Record<string, string> {
    this.changes += 1;
    return { [CHANGE_MARK]: `change ${this.changes}` };
  }
}
