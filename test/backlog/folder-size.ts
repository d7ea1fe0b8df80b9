import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';

const SAMPLE_MS = 1000;

/** Watches how much disk a folder takes. */
export class FolderGauge {
  /** Bytes. */
  peak = 0;
  private readonly timer: NodeJS.Timeout;

  constructor(private readonly folder: string) {
    this.timer = setInterval(() => void this.sample(), SAMPLE_MS);
  }

  /** @returns the bytes in the folder now */
  async sample(): Promise<number> {
    const size = await sizeOf(this.folder);
    this.peak = Math.max(this.peak, size);
    return size;
  }

  stop(): void {
    clearInterval(this.timer);
  }
}

/** Files may go while they are counted: the database tidies up as it likes. */
async function sizeOf(folder: string): Promise<number> {
  const names = await readdir(folder).catch(() => []);
  const sizes = await Promise.all(
    names.map((name) =>
      stat(path.join(folder, name)).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
