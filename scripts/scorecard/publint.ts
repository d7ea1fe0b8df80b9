import { readFileSync } from 'node:fs';
import path from 'node:path';

/** What publint says about a package that was unpacked to a folder, suggestions included. */
export async function publintMessages(folder: string): Promise<string[]> {
  // Both modules are ES modules only.
  const [{ publint }, { formatMessage }] = await Promise.all([
    import('publint'),
    import('publint/utils'),
  ]);
  const { messages } = await publint({ pkgDir: folder, pack: false, strict: true });
  const text = readFileSync(path.join(folder, 'package.json'), 'utf8');
  const manifest = JSON.parse(text) as Record<string, unknown>;
  return messages.map(
    (message) => `${message.type}: ${formatMessage(message, manifest) ?? message.code}`,
  );
}
