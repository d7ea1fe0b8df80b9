import { findProgram, installFromDebian } from './debian';

/** Python 3, in which a page of the docs shows code that a test runs. Throws when there is none. */
export async function ensurePython(): Promise<string> {
  const found = findProgram(['python3']);
  if (found !== undefined) return found;
  await installFromDebian('python3-minimal');
  const installed = findProgram(['python3']);
  if (installed !== undefined) return installed;
  throw new Error('The Python code of the docs is run by a test and there is no python3.');
}
