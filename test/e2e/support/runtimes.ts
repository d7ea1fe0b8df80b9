import { ensureRuntimes, type Runtime, type Runtimes } from '../../../scripts/runtimes';
import { once } from './once';

const installed = once(ensureRuntimes);

/** Whether the dark theme is on, for each theme there is: Node-RED has one from version 5 on. */
export const THEMES: Readonly<Record<keyof Runtimes, readonly boolean[]>> = {
  nodeRed4: [false],
  nodeRed5: [false, true],
};

/** Describes the same behaviour once for each supported Node-RED; installing it may take a minute. */
export function describeOnEachRuntime(
  title: string,
  body: (runtime: () => Runtime, key: keyof Runtimes) => void,
): void {
  for (const key of ['nodeRed4', 'nodeRed5'] as const) {
    describe(`${title} (${key === 'nodeRed4' ? 'Node-RED 4.1' : 'Node-RED 5'})`, function () {
      this.timeout(60_000);
      let runtime: Runtime | undefined;
      before('install the runtime', async function () {
        this.timeout(300_000);
        runtime = (await installed())[key];
      });
      body(() => {
        if (runtime === undefined) throw new Error(`${key} is not there yet`);
        return runtime;
      }, key);
    });
  }
}
