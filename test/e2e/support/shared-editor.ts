import type { Browser } from 'playwright-core';
import type { Runtime } from '../../../scripts/runtimes';
import { EditorPage, launchBrowser, type Visit } from './editor-page';
import { NodeRedProcess, type FlowNode } from './node-red-process';
import { newUserDir } from './package';
import { describeOn, type RuntimeKey } from './runtimes';

type Look = Omit<Visit, 'logOn'>;

/** What the tests of dialogs share: to start it for each of them would take most of their time. */
export class SharedEditor {
  private constructor(
    private readonly runtime: Runtime,
    private readonly userDir: string,
    private current: NodeRedProcess,
    readonly browser: Browser,
    private readonly pages = new Map<string, EditorPage>(),
  ) {}

  static async start(runtime: Runtime): Promise<SharedEditor> {
    const userDir = await newUserDir();
    const nodeRed = await NodeRedProcess.start({ runtime, userDir });
    return new SharedEditor(runtime, userDir, nodeRed, await launchBrowser());
  }

  get nodeRed(): NodeRedProcess {
    return this.current;
  }

  /** Deploys a flow and shows it in the editor. */
  async show(flow: readonly FlowNode[], visit: Look = {}): Promise<EditorPage> {
    const editor = await this.open(visit);
    await editor.show(this.nodeRed, flow);
    return editor;
  }

  /** The editor with what it has shown last; it is loaded only if it is not open like this. */
  async open(visit: Look = {}): Promise<EditorPage> {
    const { dark = false, language = '' } = visit;
    const key = `${dark ? 'dark' : 'light'} ${language}`.trim();
    const editor =
      this.pages.get(key) ?? (await EditorPage.open(this.browser, this.nodeRed.url, visit));
    this.pages.set(key, editor);
    await editor.page.bringToFront();
    return editor;
  }

  /** Starts Node-RED anew with what it has stored. No editor stays open. */
  async restart(): Promise<void> {
    await this.closePages();
    await this.current.stop();
    const { runtime, userDir } = this;
    this.current = await NodeRedProcess.start({ runtime, userDir });
  }

  /** Closes every editor, in whatever state it is; resolves to pictures of them. */
  async giveUpPages(name: string): Promise<string[]> {
    const pictures: string[] = [];
    for (const [key, editor] of this.pages) {
      pictures.push(await editor.screenshot(`${name} ${key}`));
    }
    await this.closePages();
    return pictures;
  }

  async end(): Promise<void> {
    await this.browser.close();
    await this.current.stop();
  }

  /** Whoever shows something then loads the editor anew. */
  async closePages(): Promise<void> {
    for (const editor of this.pages.values()) await editor.close();
    this.pages.clear();
  }
}

/** One for each Node-RED that a test of this process asks for, until the last test is over. */
const EDITORS: Readonly<Record<RuntimeKey, (runtime: Runtime) => Promise<SharedEditor>>> = {
  nodeRed4: sharedEditor(),
  nodeRed5: sharedEditor(),
};

/**
 * Describes what the editor of one Node-RED shows. All such tests of a process share one Node-RED
 * and one browser; each deploys the flow that it needs, and finds none of an earlier one.
 */
export function describeInEditor(
  key: RuntimeKey,
  title: string,
  body: (shared: () => SharedEditor) => void,
): void {
  describeOn(key, title, (runtime) => {
    let shared: SharedEditor | undefined;

    before('start Node-RED and a browser', async function () {
      this.timeout(300_000);
      shared = await EDITORS[key](runtime());
    });

    afterEach(async function () {
      const test = this.currentTest;
      if (test?.state !== 'failed') return;
      for (const picture of (await shared?.giveUpPages(test.fullTitle())) ?? []) {
        console.log(`    see ${picture}`);
      }
    });

    after(() => shared?.nodeRed.deploy([]));

    body(() => {
      if (shared === undefined) throw new Error('the editor is not there yet');
      return shared;
    });
  });
}

function sharedEditor(): (runtime: Runtime) => Promise<SharedEditor> {
  const started: { editor?: Promise<SharedEditor> } = {};
  // This module is loaded by a test file outside of any suite, so this comes after all of them.
  after('end Node-RED and the browser', async function () {
    this.timeout(60_000);
    await (await started.editor)?.end();
  });
  return (runtime) => (started.editor ??= SharedEditor.start(runtime));
}
