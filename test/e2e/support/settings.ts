import { writeFile } from 'node:fs/promises';
import path from 'node:path';

/** Settings of Node-RED that JSON can hold. */
export type Settings = Readonly<Record<string, unknown>>;

/** Writes a Node-RED settings file for a server on loopback only; resolves to its path. */
export async function writeSettings(
  userDir: string,
  port: number,
  extra: Settings = {},
): Promise<string> {
  const settings = {
    uiHost: '127.0.0.1',
    uiPort: port,
    userDir,
    flowFile: 'flows.json',
    credentialSecret: 'only-for-tests',
    editorTheme: { tours: false },
    telemetry: { enabled: false, updateNotification: false },
    externalModules: { autoInstall: false, palette: { allowInstall: false } },
    logging: { console: { level: 'info', metrics: false, audit: false } },
    ...extra,
  };
  await switchTipsOff(userDir);
  const file = path.join(userDir, 'settings.js');
  await writeFile(file, `module.exports = ${JSON.stringify(settings, null, 2)};\n`);
  return file;
}

/** The tips of Node-RED 5 throw while their tab is closed, and would count as complaints of ours. */
async function switchTipsOff(userDir: string): Promise<void> {
  const users = { _: { editor: { view: { 'view-show-tips': false } } } };
  await writeFile(path.join(userDir, '.config.users.json'), JSON.stringify(users));
}
