import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { bundled } from './bundle';
import { Crew } from './crew';

export const RESOURCES = ['accounts', 'contacts'];

/** Three processes at work, for the tests of one suite. */
export class CrewStage {
  private constructor(
    private readonly folder: string,
    private readonly program: string,
  ) {}

  static async build(): Promise<CrewStage> {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'sagecrm-crew-'));
    return new CrewStage(folder, await bundled('program', folder));
  }

  async begin(commit: 'emitted' | 'acknowledged', seed: number): Promise<Crew> {
    const crew = await Crew.start(this.program, commit, seed);
    crew.office.work(60);
    for (let count = 0; count < 3; count += 1) crew.join();
    await crew.untilAllCame();
    for (const resource of RESOURCES) await crew.untilPolled(resource, () => true);
    return crew;
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true });
  }
}

/** A while's work comes through, whatever is done to the crew at its beginning. */
export async function workWhile(crew: Crew, trouble: () => Promise<void>): Promise<void> {
  crew.office.work(40);
  await trouble();
  await crew.untilAllCame();
  crew.office.rest();
  await crew.untilAllCame();
}
