import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { readFinding, writeFinding } from '../../../src/store/finding-file';

describe('the finding file', () => {
  let folder: string;

  beforeEach(async () => {
    folder = path.join(await mkdtemp(path.join(os.tmpdir(), 'sagecrm-finding-')), 'server');
  });

  afterEach(async () => {
    await rm(path.dirname(folder), { recursive: true });
  });

  it('holds nothing at first', () => {
    assert.deepEqual(readFinding(folder), {});
  });

  it('gives back what was written last, and leaves nothing else behind', async () => {
    await writeFinding(folder, { api: 'hub' });
    await writeFinding(folder, { api: 'sdata', dateLiteral: "'", ordered: false });
    assert.deepEqual(readFinding(folder), { api: 'sdata', dateLiteral: "'", ordered: false });
    assert.deepEqual(await readdir(folder), ['finding.json']);
  });

  for (const damaged of ['', '{"api":', '{"api":"other"}', '[]']) {
    it(`counts ${damaged === '' ? 'an empty file' : damaged} as nothing found`, async () => {
      await writeFinding(folder, { api: 'hub' });
      await writeFile(path.join(folder, 'finding.json'), damaged);
      assert.deepEqual(readFinding(folder), {});
    });
  }
});
