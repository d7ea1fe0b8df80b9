import { createRequire } from 'node:module';
import { nodeRed4 } from '../../../scripts/runtimes';
import type { Settings } from './settings';

interface Bcrypt {
  hashSync(password: string, rounds: number): string;
}

export const WRITER = { username: 'writer', password: 'writer-pass' };
export const READER = { username: 'reader', password: 'reader-pass' };

/** Settings of a Node-RED with one user who may do everything and one who may only look. */
export function withUsers(): Settings {
  // Node-RED's own hash, from its own dependencies.
  const bcrypt = createRequire(nodeRed4().script)('bcryptjs') as Bcrypt;
  const user = ({ username, password }: typeof WRITER, permissions: string): object => ({
    ...{ username, password: bcrypt.hashSync(password, 4), permissions },
  });
  return { adminAuth: { type: 'credentials', users: [user(WRITER, '*'), user(READER, 'read')] } };
}
