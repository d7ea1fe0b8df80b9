import type { Random } from '../../../src/effects/random';
import type { Simulator } from '../../simulator/simulator';
import { ENTITIES } from './entities';
import { pick } from '../../support/random';

/** Longer than the pollers look back. */
const LONG_S = 200;

/** Late commits show within this; the pollers look back 120 s. */
const LATEST_COMMIT_S = 60;

/** The people who work with the simulated Sage CRM. Each change writes another label. */
export class Office {
  private changes = 0;

  constructor(
    private readonly simulator: Simulator,
    private readonly random: Random,
  ) {}

  /** A while's work: at least `rows` changes of companies, many at the same second, and some more. */
  work(rows: number): void {
    const { crm, clock } = this.simulator;
    // At times nothing passes, so that a record may change twice in one second.
    clock.advance(pick([0, 0, 1, 30, LONG_S], this.random) * 1000);
    const ties = Math.ceil(rows / 2);
    crm.many('company', ties, () => this.label('Comp_Name'));
    // So one poll finds more than the next one would look back for.
    clock.advance(LONG_S * 1000);
    for (let made = ties; made < rows; made += 1) {
      if (made % 5 === 0) clock.advance(1000);
      crm.create('company', this.label('Comp_Name'));
    }
    for (let count = 0; count < 8; count += 1) this.update();
    crm.create('person', this.label('Pers_LastName'));
    this.commitLate();
    // What was written in the second of a poll makes it read twice; this way both come about.
    clock.advance(pick([0, 2], this.random) * 1000);
  }

  /** What somebody does in a moment. */
  workOn(): void {
    const { random, simulator } = this;
    const deed = random();
    if (deed < 0.3) simulator.crm.create('company', this.label('Comp_Name'));
    else if (deed < 0.7) this.update();
    else if (deed < 0.8) this.commitLate();
    else simulator.clock.advance(Math.ceil(random() * 20) * 1000);
  }

  /** All that is under way comes to its end. */
  rest(): void {
    this.simulator.clock.advance(LATEST_COMMIT_S * 1000);
  }

  private commitLate(): void {
    const { simulator, random } = this;
    const seconds = Math.ceil(random() * LATEST_COMMIT_S);
    const commitAt = simulator.clock.now() + seconds * 1000;
    if (random() < 0.5) simulator.crm.create('company', this.label('Comp_Name'), { commitAt });
    else this.update({ commitAt });
  }

  private update(options: { commitAt?: number } = {}): void {
    const { random, simulator } = this;
    const { entity, column } = random() < 0.8 ? ENTITIES[0] : ENTITIES[1];
    const rows = simulator.crm.rows(entity);
    if (rows.length > 0) {
      simulator.crm.update(entity, pick(rows, random).id, this.label(column), options);
    }
  }

  private label(column: string): Record<string, string> {
    this.changes += 1;
    return { [column]: `version ${this.changes}` };
  }
}
