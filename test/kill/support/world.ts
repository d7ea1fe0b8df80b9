import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Random } from '../../../src/effects/random';
import { SimulatedClock } from '../../simulator/clock';
import { startSimulator, type Simulator } from '../../simulator/simulator';
import {
  startReceiver,
  type ReceiverAnswer,
  type WebhookReceiver,
} from '../../simulator/webhook-receiver';
import { ENTITIES } from './entities';
import { Life } from './life';
import type { CrashAt, LifeOptions, Told } from './messages';
import { Office } from './office';
import { Oracle } from './oracle';
import { seededRandom } from '../../support/random';
import { Bodies, sightingsIn } from './webhook';

const START = '2026-01-31T10:00:00Z';
/** More fast time than a life has: the time of the next one begins so much later. */
const LIFETIME_MS = 8 * 3_600_000;

export type Settings = Pick<LifeOptions, 'commit'> &
  Partial<Pick<LifeOptions, 'maxInFlight' | 'pageSize' | 'batchSize'>>;

/** When a life is to be killed. */
export type End =
  /** By itself, at a point of its work. */
  | { by: 'itself'; at: CrashAt }
  /** From outside, as the `nth` request arrives there, which has no answer yet. */
  | { by: 'server' | 'receiver'; nth: number }
  /** From outside, at any time: so many real milliseconds after its start or what it told first. */
  | { by: 'chance'; from: 'start' | 'opened' | 'emitted'; ms: number };

export interface LifeSettings {
  /** What becomes of webhooks; by default all are accepted. */
  respond?: () => ReceiverAnswer;
  /** Takes up again what was given up. */
  recover?: boolean;
  /** Called with each request to the server. */
  meanwhile?: () => void;
}

/** What passes by itself, where the server was made to fail. */
const PASSING = new Set(['SERVER_ERROR', 'UNREACHABLE', 'TIMEOUT', 'JSON_CUT']);

/** A Sage CRM, a receiver and a state, on which one process after the other works. */
export class World {
  readonly oracle: Oracle;
  readonly office: Office;
  kills = 0;
  private readonly bodies = new Bodies();
  private readonly problems: string[] = [];
  private lives = 0;
  private states = 0;
  private life: Life | undefined;

  private constructor(
    private readonly program: string,
    private readonly settings: Settings,
    readonly random: Random,
    readonly simulator: Simulator,
    private readonly receiver: WebhookReceiver,
    private readonly folder: string,
  ) {
    this.oracle = new Oracle(simulator.crm);
    this.office = new Office(simulator, random);
  }

  static async start(program: string, settings: Settings, seed: number): Promise<World> {
    // In some worlds the last page holds old records too.
    const hub = { rowOrder: seed % 2 === 0 ? 'id' : 'shuffled' } as const;
    const simulator = await startSimulator({ clock: SimulatedClock.at(START), hub });
    const receiver = await startReceiver();
    const folder = await mkdtemp(path.join(os.tmpdir(), 'sagecrm-kill-'));
    const random = seededRandom(seed);
    return new World(program, settings, random, simulator, receiver, folder);
  }

  /** Where the state is. */
  get stateFolder(): string {
    return path.join(this.folder, `state-${this.states}`);
  }

  /** The next life finds no state. */
  forgetState(): void {
    this.oracle.forget();
    this.bodies.forget();
    this.states += 1;
  }

  /** One life, which must come to the given end. */
  async liveUntil(end: End, settings: LifeSettings = {}): Promise<void> {
    const ending = await this.live(settings, end);
    assert.equal(ending, 'killed', `all work was done without coming to ${JSON.stringify(end)}`);
    this.kills += 1;
  }

  /** A life in peace, until all is polled and delivered; then everything must have come. */
  async settle(): Promise<void> {
    this.office.rest();
    this.simulator.faults.clear();
    const ending = await this.live({ recover: true }, undefined);
    assert.equal(ending, 'stopped');
    assert.deepEqual(this.problems, []);
    this.oracle.check();
  }

  async close(): Promise<void> {
    this.life?.kill();
    await this.life?.ended.catch(() => undefined);
    await this.simulator.close();
    await this.receiver.close();
    await rm(this.folder, { recursive: true });
  }

  private async live(
    { respond = () => ({}), recover = false, meanwhile }: LifeSettings,
    end: End | undefined,
  ): Promise<'killed' | 'stopped'> {
    const { oracle, receiver, simulator } = this;
    this.lives += 1;
    const lifeNumber = this.lives;
    let isOver = false;
    let begin = (): void => undefined;
    const hasBegun = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const rest = new Rest();
    oracle.lifeBegins();
    const life = new Life(this.program, this.optionsOf(recover, end), (told) => {
      if (end?.by === 'chance' && told.kind === end.from) begin();
      this.watch(() => {
        this.hear(told);
      });
      // Whoever is to be killed by chance may have nothing left to do by then.
      if (rest.isAfter(told) && end?.by !== 'chance') life.stop();
    });
    this.life = life;
    const killAt = (by: 'server' | 'receiver'): (() => void) => {
      let left = end?.by === by ? end.nth : 0;
      return () => {
        left -= 1;
        if (left === 0) life.kill();
      };
    };
    const atServer = killAt('server');
    const atReceiver = killAt('receiver');
    receiver.respond = (delivery) => {
      const answer = respond();
      const isAccepted = answer.hang !== true && (answer.status ?? 200) < 300;
      this.watch(() => {
        oracle.received(sightingsIn(delivery), isAccepted);
        this.bodies.check(delivery);
      });
      atReceiver();
      return answer;
    };
    const stopListening = simulator.onRequest(() => {
      atServer();
      if (!isOver && lifeNumber === this.lives) meanwhile?.();
    });
    try {
      if (end?.by === 'chance') await killByChance(life, end, hasBegun);
      return await life.ended;
    } finally {
      isOver = true;
      stopListening();
      oracle.lifeEnds(rest.hasPolledAll);
    }
  }

  /** A fault that shows in a listener is kept for the end. */
  private watch(listen: () => void): void {
    try {
      listen();
    } catch (error) {
      this.problems.push(String(error));
    }
  }

  private hear(told: Told): void {
    const { oracle } = this;
    if (told.kind === 'journaled') {
      oracle.journaled(told.sightings);
    } else if (told.kind === 'emitted') {
      oracle.emitted(told.sighting);
      if (this.settings.commit === 'emitted') oracle.received([told.sighting], true);
    } else if (told.kind === 'problem' && !PASSING.has(told.code)) {
      this.problems.push(`${told.code}: ${told.message}`);
    }
  }

  private optionsOf(recover: boolean, end: End | undefined): LifeOptions {
    return {
      maxInFlight: 25,
      pageSize: 20,
      batchSize: 1,
      ...this.settings,
      server: `http://${this.simulator.host}`,
      receiver: `${this.receiver.url}/hook`,
      folder: this.stateFolder,
      timeBegan: Date.parse(START) + this.lives * LIFETIME_MS,
      seed: Math.floor(this.random() * 2 ** 31),
      recover,
      ...(end?.by === 'itself' ? { crashAt: end.at } : {}),
    };
  }
}

/** Tells from reports that there is nothing more to do. */
class Rest {
  private readonly polled = new Set<string>();
  private quiet = 0;

  /** Every resource was polled at least once, to its end. */
  get hasPolledAll(): boolean {
    return this.polled.size === ENTITIES.length;
  }

  isAfter(told: Told): boolean {
    if (told.kind !== 'polled') return false;
    if (!told.failed && told.pages > 0) this.polled.add(told.resource);
    const isQuiet = !told.failed && told.found + told.unacknowledged === 0 && told.depth === 0;
    this.quiet = isQuiet ? this.quiet + 1 : 0;
    // A round of polls may have begun before the latest event was delivered, the next one did not.
    return this.quiet === 2 * ENTITIES.length;
  }
}

async function killByChance(
  life: Life,
  { from, ms }: Extract<End, { by: 'chance' }>,
  hasBegun: Promise<void>,
): Promise<void> {
  if (from !== 'start') await Promise.race([hasBegun, life.ended]);
  const timer = setTimeout(() => {
    life.kill();
  }, ms);
  await life.ended.finally(() => {
    clearTimeout(timer);
  });
}
