import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { MUTANTS, type Mutant, type Suite } from '../test/mutants/mutants';
import { ROOT, runCaptured, scriptOf } from './process';

/** What the mutants live in, and the tests that must find them. */
const COPIED = ['src', 'test', 'docs', '.mocharc.json', 'package.json', 'tsconfig.json'];
const TESTS: Readonly<Record<Suite, readonly string[]>> = {
  polling: [
    'test/unit/poll/**/*.test.ts',
    'test/unit/store/{*poll*,level-journal,block-text,model,id-filter}.test.ts',
    'test/unit/event/fingerprint.test.ts',
    'test/unit/template/url-template.test.ts',
  ],
  delivery: ['test/unit/delivery/**/*.test.ts', 'test/unit/store/*outbox*.test.ts'],
};
const MODEL_RUNS = '100';
/** A mutant may loop for ever; that counts as noticed. */
const LONGEST_RUN_MS = 120_000;

async function main(): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'sagecrm-mutants-'));
  try {
    for (const name of COPIED)
      cpSync(path.join(ROOT, name), path.join(folder, name), { recursive: true });
    symlinkSync(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'));
    if (!(await testsPass(folder, 'polling')) || !(await testsPass(folder, 'delivery')))
      throw new Error('the tests fail without any mutant');
    const survivors: string[] = [];
    for (const mutant of MUTANTS) {
      const survived = await survives(folder, mutant);
      console.log(`${survived ? 'SURVIVED' : 'noticed '}  ${mutant.name}`);
      if (survived) survivors.push(mutant.name);
    }
    console.log(`${MUTANTS.length - survivors.length} noticed, ${survivors.length} survived`);
    process.exitCode = survivors.length === 0 ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function survives(folder: string, { file, from, to, name, suite }: Mutant): Promise<boolean> {
  const full = path.join(folder, file);
  const original = readFileSync(full, 'utf8');
  if (original.split(from).length !== 2) {
    throw new Error(`${name}: its text does not stand in ${file} exactly once`);
  }
  writeFileSync(
    full,
    original.replace(from, () => to),
  );
  try {
    return await testsPass(folder, suite ?? 'polling');
  } finally {
    writeFileSync(full, original);
  }
}

async function testsPass(folder: string, suite: Suite): Promise<boolean> {
  const args = [scriptOf('mocha'), '--bail', '--exit', '--timeout', '60000', ...TESTS[suite]];
  const { code } = await runCaptured(process.execPath, args, {
    cwd: folder,
    env: { MODEL_RUNS },
    timeoutMs: LONGEST_RUN_MS,
  });
  return code === 0;
}

void main();
