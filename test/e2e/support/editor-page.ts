import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium, type Browser, type Locator, type Page } from 'playwright-core';
import { ensureChromium } from '../../../scripts/chromium';
import type { FlowNode, NodeRedProcess } from './node-red-process';

/** The part of the editor's own API that a test calls, as the page sees it. */
interface EditorApi {
  actions: { invoke(name: string): void };
  editor: {
    edit(node: unknown): void;
    editConfig(name: string, type: string, id: string): void;
  };
  events: { emit(name: string): void };
  history: { clear(): void };
  nodes: {
    node(id: string): unknown;
    clear(): void;
    version(revision: string | null): void;
    import(flows: unknown[]): void;
    dirty(is: boolean): void;
    getWorkspaceOrder(): string[];
  };
  view: { redraw(all: boolean): void };
  workspaces: { show(id: string): void };
}

/** The editor's jQuery, with which it moves what it shows and hides. */
interface EditorQuery {
  (selector: string): { dialog(method: string): void; hide(): void };
  fx: { off: boolean };
}

declare const RED: EditorApi;
declare const $: EditorQuery;

const SCREENSHOTS = path.join(tmpdir(), 'sagecrm-screenshots');
/** Many times what a machine with nothing else to do needs; only a test that fails waits so long. */
const LOAD_MS = 120_000;
const WAIT_MS = 60_000;
const CATEGORY = '#red-ui-palette-container-Sage_CRM';

/** Starts the browser that `ensureChromium` finds, without a window. */
export async function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: await ensureChromium(),
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
    // Otherwise a signal would end the browser and let the test run go on without it.
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  });
}

/** How somebody comes to the editor. */
export interface Visit {
  /** Chooses the dark theme, which Node-RED has from version 5. */
  dark?: boolean;
  /** For an editor that asks who it is. */
  logOn?: { username: string; password: string };
  /** As Node-RED's editor names it in its user settings. */
  language?: string;
}

/** Nothing slides or fades: a click meets what is there, and a look sees what will stay. */
const STILL = `*, *::before, *::after {
  animation: none !important; transition: none !important; scroll-behavior: auto !important;
}`;

/** The Node-RED editor in a real browser. */
export class EditorPage {
  /** Whatever the page complained about: console errors and exceptions. */
  readonly complaints: string[] = [];

  private constructor(readonly page: Page) {
    page.on('console', (message) => {
      if (message.type() !== 'error') return;
      this.complaints.push(`${message.text()} ${message.location().url}`);
    });
    page.on('pageerror', (error) => this.complaints.push(error.stack ?? error.message));
    page.setDefaultTimeout(WAIT_MS);
    page.setDefaultNavigationTimeout(LOAD_MS);
  }

  /** Opens the editor in a browser session of its own, and waits until its palette is complete. */
  static async open(browser: Browser, url: string, visit: Visit = {}): Promise<EditorPage> {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    const editor = new EditorPage(page);
    await page.addInitScript(
      (stored) => {
        for (const [key, value] of stored) localStorage.setItem(key, value);
      },
      Object.entries({
        ...(visit.dark === true && { 'view-dark-theme': 'dark' }),
        ...(visit.language !== undefined && { 'editor-language': visit.language }),
      }),
    );
    await page.goto(url);
    if (visit.logOn !== undefined) {
      await page.locator('#node-dialog-login-username').fill(visit.logOn.username);
      await page.locator('#node-dialog-login-password').fill(visit.logOn.password);
      await page.locator('#node-dialog-login-submit').click();
    }
    await page.locator('#red-ui-palette .red-ui-palette-node').first().waitFor();
    await page.locator('#red-ui-loading-progress').waitFor({ state: 'hidden' });
    await page.addStyleTag({ content: STILL });
    await page.evaluate(() => {
      $.fx.off = true;
    });
    return editor;
  }

  /**
   * Deploys a flow and shows it in place of what was shown, as the editor does when a project is
   * opened. It takes a tenth of the time of loading the editor anew.
   */
  async show(nodeRed: NodeRedProcess, flow: readonly FlowNode[]): Promise<void> {
    while ((await this.page.locator('.red-ui-tray').count()) > 0) await this.closeDialog('cancel');
    await this.page.evaluate(() => {
      $('.ui-dialog:visible .ui-dialog-content').dialog('close');
      RED.nodes.clear();
      RED.history.clear();
      RED.view.redraw(true);
      // Without a version, it does not tell that somebody else has deployed.
      RED.nodes.version(null);
    });
    await nodeRed.deploy(flow);
    await this.page.evaluate(async () => {
      const headers = { accept: 'application/json', 'Node-RED-API-Version': 'v2' };
      const response = await fetch('flows', { headers });
      const { rev, flows } = (await response.json()) as { rev: string; flows: unknown[] };
      RED.nodes.version(rev);
      RED.nodes.import(flows);
      RED.nodes.dirty(false);
      RED.view.redraw(true);
      const [first] = RED.nodes.getWorkspaceOrder();
      if (first !== undefined) RED.workspaces.show(first);
      RED.events.emit('flows:loaded');
      // Not removed: the editor takes each away itself once its time has come.
      $('.red-ui-notification').hide();
    });
    this.complaints.length = 0;
  }

  close(): Promise<void> {
    return this.page.context().close();
  }

  /** Saves a picture of the page; resolves to its path. */
  async screenshot(name: string): Promise<string> {
    mkdirSync(SCREENSHOTS, { recursive: true });
    const file = path.join(SCREENSHOTS, `${name.replace(/[^\w.-]+/g, '-')}.png`);
    await this.page.screenshot({ path: file });
    return file;
  }

  /** The palette's entries below our category, top to bottom. */
  async paletteTypes(): Promise<string[]> {
    const entries = this.page.locator(`${CATEGORY} .red-ui-palette-node`);
    await entries.first().waitFor();
    return entries.evaluateAll((nodes) =>
      nodes.map((node) => node.getAttribute('data-palette-type') ?? ''),
    );
  }

  /** Drags a node from the palette onto the open flow and opens its dialog. */
  async addNode(type: string): Promise<void> {
    const entry = this.page.locator(`.red-ui-palette-node[data-palette-type="${type}"]`);
    await entry.dragTo(this.page.locator('#red-ui-workspace-chart'), {
      targetPosition: { x: 400, y: 300 },
    });
    await this.page.locator('#red-ui-workspace-chart .red-ui-flow-node').last().dblclick();
    await this.dialogOpened();
  }

  /** Imports one of a module's examples through the import dialog; `ids` are those of its nodes. */
  async importExample(moduleName: string, label: string, ids: readonly string[]): Promise<void> {
    await this.page.evaluate(() => {
      RED.actions.invoke('core:show-examples-import-dialog');
    });
    const dialog = this.page.locator('.ui-dialog:visible');
    await dialog.getByText(moduleName, { exact: true }).click();
    await dialog.getByText(label, { exact: true }).click();
    await this.page.locator('#red-ui-clipboard-dialog-ok:enabled').click();
    await dialog.waitFor({ state: 'hidden' });
    // The dialog closes before the example has been fetched.
    await this.page.waitForFunction(
      (expected) => expected.every((id) => Boolean(RED.nodes.node(id))),
      ids,
    );
  }

  /** Opens the dialog of a node on a flow. */
  async edit(id: string): Promise<void> {
    await this.page.evaluate((nodeId) => {
      RED.editor.edit(RED.nodes.node(nodeId));
    }, id);
    await this.dialogOpened();
  }

  /** Opens the dialog of a configuration node. */
  async editConfig(type: string, id: string): Promise<void> {
    await this.page.evaluate(
      ([nodeType, nodeId]) => {
        RED.editor.editConfig('', nodeType ?? '', nodeId ?? '');
      },
      [type, id],
    );
    await this.dialogOpened();
  }

  /** Resolves once a field of a dialog shows this: the editor fills its fields in late. */
  async untilValue(selector: string, value: string): Promise<void> {
    await this.page.waitForFunction(
      ([field = '', expected]) =>
        document.querySelector<HTMLInputElement>(field)?.value === expected,
      [selector, value],
    );
  }

  /** Closes the dialog on top with its Done or Cancel button. */
  async closeDialog(how: 'ok' | 'cancel'): Promise<void> {
    const tray = this.tray();
    const button = tray.locator(`#node-dialog-${how}, #node-config-dialog-${how}`);
    const trays = await this.page.locator('.red-ui-tray').count();
    await button.click();
    await this.page.waitForFunction(
      (before) => document.querySelectorAll('.red-ui-tray').length < before,
      trays,
    );
  }

  /** Presses Deploy; resolves once the runtime has taken the flows. */
  async deploy(): Promise<void> {
    const taken = this.page.waitForResponse(
      (response) => response.request().method() === 'POST' && response.url().endsWith('/flows'),
    );
    await this.page.locator('#red-ui-header-button-deploy').click();
    const response = await taken;
    if (!response.ok()) throw new Error(`the deploy was answered with ${response.status()}`);
  }

  /** The dialog on top. */
  tray(): Locator {
    return this.page.locator('.red-ui-tray').last();
  }

  /**
   * A dialog slides in only once its form is built; until then the editor opens no other. Last of
   * all it takes the focus, which a key pressed before would lose.
   */
  private async dialogOpened(): Promise<void> {
    await this.tray().locator('.red-ui-tray-body').waitFor();
    await this.page.waitForFunction(() => {
      const trays = document.querySelectorAll<HTMLElement>('.red-ui-tray');
      const tray = trays[trays.length - 1];
      return tray?.style.right === '0px' && tray.contains(document.activeElement);
    });
  }
}
