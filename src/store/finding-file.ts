import { readFileSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';

/** What was found out about a server: see `src/sagecrm/forms.ts`. */
const findingSchema = z.object({
  api: z.enum(['hub', 'sdata']).optional(),
  dateLiteral: z.enum(['@', "'"]).optional(),
  ordered: z.boolean().optional(),
});

export type StoredFinding = z.output<typeof findingSchema>;

const FILE = 'finding.json';

/**
 * Reads what an earlier run found. It only saves requests, so whatever is missing or damaged counts
 * as nothing found.
 */
export function readFinding(folder: string): StoredFinding {
  try {
    return findingSchema.parse(JSON.parse(readFileSync(path.join(folder, FILE), 'utf8')));
  } catch {
    return {};
  }
}

/** Writes it so that a crash leaves the old file or the new one. */
export async function writeFinding(folder: string, finding: StoredFinding): Promise<void> {
  await mkdir(folder, { recursive: true });
  const file = path.join(folder, FILE);
  await writeFile(`${file}.new`, JSON.stringify(finding));
  await rename(`${file}.new`, file);
}
