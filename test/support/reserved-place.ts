import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';

/**
 * Systems give no port of these to whoever asks for any, so that nobody takes one while its server is
 * down; a folder of that name keeps other test processes from it. The members of a cluster of Redis
 * talk to each other at a port that lies ten thousand above, of which the same is true.
 */
const PORTS = { lowest: 20_000, highest: 22_700, step: 2 };

/** Of those folders: the same for all processes, whatever each has for its temporary files. */
const PLACES = existsSync('/dev/shm') ? '/dev/shm' : '/tmp';

/** Somebody else may have the ports that were chosen. */
const MOST_TRIES = 20;

/** Where a server can end and start again. */
export interface Place {
  /** Only for this place; goes with it. */
  folder: string;
  /** The next one is reserved, too. */
  port: number;
}

/** That somebody else listens there. */
export class PortTaken extends Error {}

/**
 * Starts a server at a place that stays its own until `leavePlace`.
 *
 * @param start rejects with `PortTaken` to be tried at another one
 */
export async function atReservedPlace<Server>(
  start: (place: Place) => Promise<Server>,
): Promise<Server> {
  for (let tries = 1; ; tries += 1) {
    const place = await reservePlace();
    try {
      return await start(place);
    } catch (error) {
      await leavePlace(place);
      if (!(error instanceof PortTaken) || tries === MOST_TRIES) throw error;
    }
  }
}

export async function leavePlace({ folder }: Place): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

async function reservePlace(): Promise<Place> {
  const { lowest, highest, step } = PORTS;
  // Processes that run side by side begin to look at different places.
  for (let place = process.pid; ; place += 1) {
    const port = lowest + ((step * place) % (highest - lowest));
    const folder = path.join(PLACES, `sagecrm-server-${port}`);
    try {
      await mkdir(folder, { mode: 0o700 });
      return { folder, port };
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
  }
}
