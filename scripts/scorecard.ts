import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { installInto, packInto } from './package';
import { ROOT } from './process';
import { publintMessages } from './scorecard/publint';
import { scorecard } from './scorecard/rules';
import { tableOf } from './scorecard/table';

/** Holds the packed package against Node-RED's scorecard and publint: `npx tsx scripts/scorecard.ts`. */
async function main(): Promise<void> {
  const home = mkdtempSync(path.join(tmpdir(), 'sagecrm-scorecard-'));
  await installInto(home, await packInto(home));
  const text = readFileSync(path.join(ROOT, 'package.json'), 'utf8');
  const { name } = JSON.parse(text) as { name: string };
  const findings = await scorecard(home, name);
  const messages = await publintMessages(path.join(home, 'node_modules', name));
  rmSync(home, { recursive: true });
  console.log(`${tableOf(findings)}\n\n  publint  ${messages.join('\n           ') || 'nothing'}`);
  const broken = findings.some(({ verdict }) => verdict === 'broken');
  process.exitCode = broken || messages.length > 0 ? 1 : 0;
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
