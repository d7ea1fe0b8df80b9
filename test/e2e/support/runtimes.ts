import { ensureNodeRed5, nodeRed4, type Runtime, type Runtimes } from '../../../scripts/runtimes';
import { once } from './once';

export type RuntimeKey = keyof Runtimes;

interface Release {
  /** As shown in test titles. */
  title: string;
  /** What chooses it in `TEST_RUNTIME`. */
  name: string;
  /** Installs it where it is not yet. */
  installed: () => Promise<Runtime>;
  /** Whether the dark theme is on, for each theme there is: Node-RED has one from version 5 on. */
  themes: readonly boolean[];
}

const RELEASES: Readonly<Record<RuntimeKey, Release>> = {
  nodeRed4: {
    ...{ title: 'Node-RED 4.1', name: 'node-red-4', themes: [false] },
    installed: once(() => Promise.resolve(nodeRed4())),
  },
  nodeRed5: {
    ...{ title: 'Node-RED 5', name: 'node-red-5', themes: [false, true] },
    installed: once(ensureNodeRed5),
  },
};

const BOTH: readonly RuntimeKey[] = ['nodeRed4', 'nodeRed5'];

/** Many times what a machine with nothing else to do needs; only a test that fails waits so long. */
const SLOW_MS = 180_000;

type Body = (runtime: () => Runtime, key: RuntimeKey) => void;

/** Describes the same behaviour once for each supported Node-RED; installing it may take a minute. */
export function describeOnEachRuntime(title: string, body: Body): void {
  for (const key of BOTH) describeOn(key, title, body);
}

/** Describes what one supported Node-RED shows, and the other need not show again. */
export function describeOn(key: RuntimeKey, title: string, body: Body): void {
  if (!isChosen(key)) return;
  describe(`${title} (${RELEASES[key].title})`, function () {
    this.timeout(SLOW_MS);
    let runtime: Runtime | undefined;
    before('install the runtime', async function () {
      this.timeout(300_000);
      runtime = await RELEASES[key].installed();
    });
    body(() => {
      if (runtime === undefined) throw new Error(`${key} is not there yet`);
      return runtime;
    }, key);
  });
}

export function themesOf(key: RuntimeKey): readonly boolean[] {
  return RELEASES[key].themes;
}

/** `TEST_RUNTIME` chooses one, so that two processes may share a file; without it each has its turn. */
export function isChosen(key: RuntimeKey): boolean {
  const wanted = process.env.TEST_RUNTIME ?? '';
  const names = BOTH.map((each) => RELEASES[each].name);
  if (wanted !== '' && !names.includes(wanted)) {
    throw new Error(`TEST_RUNTIME: expected ${names.join(' or ')}, got ${wanted}`);
  }
  return wanted === '' || RELEASES[key].name === wanted;
}
