import type { Commands } from '../../../src/redis/connection';

/** Commands of which a test knows whether an answer is still to come. */
export class CountedCommands implements Commands {
  private underWay = 0;
  private onSent: () => void = () => undefined;

  constructor(private readonly commands: Commands) {}

  command: Commands['command'] = (...given) => this.counted(this.commands.command(...given));

  run: Commands['run'] = (...given) => this.counted(this.commands.run(...given));

  /** Resolves once something more is asked, before there is an answer. */
  nextSent(): Promise<void> {
    return new Promise((resolve) => {
      this.onSent = resolve;
    });
  }

  /** Resolves once all answers have come, also to what was asked upon them. */
  async settled(): Promise<void> {
    for (let quietTurns = 0; quietTurns < 3; quietTurns++) {
      await new Promise(setImmediate);
      if (this.underWay > 0) quietTurns = 0;
    }
  }

  private async counted<Answer>(answer: Promise<Answer>): Promise<Answer> {
    this.underWay += 1;
    this.onSent();
    try {
      return await answer;
    } finally {
      this.underWay -= 1;
    }
  }
}
