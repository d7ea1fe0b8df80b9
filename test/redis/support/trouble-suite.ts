import type { Crew } from './crew';
import { CrewStage, workWhile } from './crew-stage';

/** What processes do not lose that share the state of a poll node on Redis, whatever happens to them. */
export function itLosesNothing(commit: 'emitted' | 'acknowledged', seed: number): void {
  let stage: CrewStage;
  let crew: Crew;

  before(async () => {
    stage = await CrewStage.build();
  });

  after(() => stage.remove());

  afterEach(() => crew.close());

  it('when processes are killed while they work', async () => {
    crew = await stage.begin(commit, seed);
    for (const messages of [1, 10, 30]) {
      await workWhile(crew, async () => {
        await crew.untilEmitted(messages);
        await crew.kill(await crew.ownerOf('accounts'));
        crew.join();
      });
    }
    crew.check();
  });

  it('when one stands still for longer than its lease, and goes on then', async () => {
    crew = await stage.begin(commit, seed + 10);
    for (const messages of [1, 25]) {
      await workWhile(crew, async () => {
        await crew.untilEmitted(messages);
        const owner = await crew.ownerOf('accounts');
        owner.freeze();
        await crew.untilPolled('accounts', (worker) => worker !== owner.name);
        crew.office.work(20);
        await crew.untilPolled('accounts', (worker) => worker !== owner.name);
        owner.thaw();
      });
    }
    crew.check();
  });

  it('when Redis is killed and starts again on what its disk holds', async () => {
    crew = await stage.begin(commit, seed + 20);
    for (const messages of [1, 25]) {
      await workWhile(crew, async () => {
        await crew.untilEmitted(messages);
        await crew.redis.kill();
        crew.office.work(10);
        await crew.untilFailing();
        await crew.redis.launch();
      });
    }
    crew.check();
  });

  it('when connections to Redis break, and when it answers nobody for a while', async () => {
    crew = await stage.begin(commit, seed + 30);
    for (const messages of [1, 10, 30]) {
      await workWhile(crew, async () => {
        await crew.untilEmitted(messages);
        await crew.redis.ask('client', 'kill', 'type', 'normal');
      });
    }
    await workWhile(crew, async () => {
      crew.redis.freeze();
      await crew.untilFailing();
      crew.redis.thaw();
    });
    crew.check();
  });
}
