import assert from 'node:assert/strict';
import { GroupCommit } from '../../../src/effects/group-commit';

/** Writes that end when the test says so. */
class Disk {
  readonly writes: string[][] = [];
  private endings: ((error?: Error) => void)[] = [];

  readonly write = (items: readonly string[]): Promise<void> =>
    new Promise((resolve, reject) => {
      this.writes.push([...items]);
      this.endings.push((error) => {
        if (error === undefined) resolve();
        else reject(error);
      });
    });

  /** Ends the write that began first. */
  end(error?: Error): void {
    this.endings.shift()?.(error);
  }
}

describe('a group commit', () => {
  it('writes at once what comes while nothing is under way', async () => {
    const disk = new Disk();
    const written = new GroupCommit(disk.write).add(['a', 'b']);
    await Promise.resolve();
    assert.deepEqual(disk.writes, [['a', 'b']]);
    disk.end();
    await written;
  });

  it('gathers what comes during a write into the next one', async () => {
    const disk = new Disk();
    const group = new GroupCommit(disk.write);
    const first = group.add(['a']);
    await Promise.resolve();
    const later = [group.add(['b']), group.add(['c', 'd'])];
    assert.deepEqual(disk.writes, [['a']]);
    disk.end();
    await first;
    await Promise.resolve();
    assert.deepEqual(disk.writes, [['a'], ['b', 'c', 'd']]);
    disk.end();
    await Promise.all(later);
  });

  it('tells those whose write failed, and goes on with the next', async () => {
    const disk = new Disk();
    const group = new GroupCommit(disk.write);
    const first = group.add(['a']);
    await Promise.resolve();
    const second = group.add(['b']);
    disk.end(new Error('disk full'));
    await assert.rejects(first, /disk full/);
    await Promise.resolve();
    disk.end();
    await second;
    await group.settled();
    assert.deepEqual(disk.writes, [['a'], ['b']]);
  });

  it('is settled when nothing is under way, also after a failure', async () => {
    const disk = new Disk();
    const group = new GroupCommit(disk.write);
    await group.settled();
    const failing = group.add(['a']);
    await Promise.resolve();
    disk.end(new Error('disk full'));
    await group.settled();
    await assert.rejects(failing);
  });
});
