import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { defaultResources } from '../../src/config/defaults';
import { until } from '../support/until';
import { COLOURS, violations } from './support/axe';
import type { EditorPage } from './support/editor-page';
import type { FlowNode } from './support/node-red-process';
import { themesOf } from './support/runtimes';
import { describeInEditor } from './support/shared-editor';
import { startSimulator, type Simulator } from '../simulator/simulator';

/** The part of the editor's own API that these tests call. */
interface EditorApi {
  actions: { invoke(name: string): void };
  history: { pop(): void; redo(): void; depth(): number };
  nodes: {
    createCompleteNodeSet(): Record<string, unknown>[];
    filterNodes(filter: { type: string }): Record<string, unknown>[];
    dirty(): boolean;
  };
  workspaces: { show(id: string): void };
}

declare const RED: EditorApi;

const EXAMPLE = readFileSync(path.join(__dirname, '../fixtures/instance-example.json'), 'utf8');
const TAB: FlowNode = { id: 'tab1', type: 'tab', label: 'Flow' };
const PANEL = '#node-input-import-panel';

const USER = { username: 'crm-user', password: 'crm-pass' };

/** What a poll node of an earlier version gains once its dialog is done: the documented defaults. */
const POLL_DEFAULTS = {
  ...{ overlap: 120, lateWindow: 24, startDate: '', commit: 'emitted', report: false },
  ...{ maxInFlight: 1000, redeliverAfter: 30, outputs: 1 },
};

/** Few properties, numbers and resources as text, and a capital among the keys of the dates. */
function olderFlow(crm: string): FlowNode[] {
  const { accounts } = defaultResources();
  const { updatedDateTimezone, ...dates } = accounts?.datesConfiguration as Record<string, unknown>;
  const datesConfiguration = { ...dates, UpdatedDateTimezone: updatedDateTimezone };
  return [
    {
      ...{ id: 'old-server', type: 'sagecrm-config', name: 'Old', subdomain: crm, timeout: '30' },
      credentials: USER,
    },
    {
      ...{ id: 'old-poll', type: 'sagecrm-poll', z: 'tab1', x: 200, y: 300, wires: [[]] },
      ...{ name: 'Old', server: 'old-server', interval: '15', start: 'now' },
      resources: JSON.stringify({ accounts: { ...accounts, datesConfiguration } }),
    },
  ];
}

interface Instance {
  configuration: Record<string, unknown>;
  [key: string]: unknown;
}

function example(settings: Record<string, unknown> = {}): Instance {
  const instance = JSON.parse(EXAMPLE) as Instance;
  return { ...instance, configuration: { ...instance.configuration, ...settings } };
}

function pollNode(properties: Record<string, unknown> = {}): FlowNode {
  return {
    ...{ id: 'poll1', type: 'sagecrm-poll', z: 'tab1', x: 200, y: 120, wires: [[]] },
    ...{ name: '', server: '', interval: 5, resources: defaultResources() },
    ...properties,
  };
}

function server(properties: Record<string, unknown> = {}): FlowNode {
  return {
    ...{ id: 'server1', type: 'sagecrm-config', name: 'Ours', subdomain: 'crm.example.com' },
    ...{ api: 'auto', install: 'crm', timezone: 'UTC', tags: [] },
    ...properties,
  };
}

function callback(properties: Record<string, unknown> = {}): FlowNode {
  return {
    ...{ id: 'callback1', type: 'sagecrm-callback', z: 'tab1', x: 480, y: 120, wires: [[]] },
    ...{ name: 'Hook', url: 'https://old.example.com/hook', enabled: true, headers: {} },
    ...properties,
  };
}

describeInEditor('nodeRed5', 'import and export in the poll node', (shared) => {
  let editor: EditorPage;

  async function open(flow: readonly FlowNode[], dark = false): Promise<void> {
    // Credentials stay with a node as long as it is deployed.
    await shared().nodeRed.deploy([]);
    editor = await shared().show(flow, { dark });
  }

  async function openImport(id = 'poll1'): Promise<void> {
    await editor.edit(id);
    await editor.page.locator('#node-input-import-open').click();
  }

  async function paste(value: unknown): Promise<void> {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    await editor.page.locator('#node-input-import-text').fill(text);
  }

  /** Presses Import; resolves once the form is filled in. */
  async function importIt(): Promise<void> {
    await importButton().click();
    await editor.page.locator(PANEL).waitFor({ state: 'hidden' });
  }

  function importButton() {
    return editor.page.locator('#node-input-import-run');
  }

  /** Resolves once Import can be pressed, or no longer. */
  function enabled(isEnabled: boolean): Promise<void> {
    const state = isEnabled ? 'enabled' : 'disabled';
    return editor.page.locator(`#node-input-import-run:${state}`).waitFor();
  }

  /** The flow as the editor would deploy it. */
  function workspace(): Promise<Record<string, unknown>[]> {
    return editor.page.evaluate(() => RED.nodes.createCompleteNodeSet());
  }

  async function nodesOfType(type: string): Promise<Record<string, unknown>[]> {
    return (await workspace()).filter((node) => node.type === type);
  }

  async function undo(): Promise<void> {
    await editor.page.evaluate(() => {
      RED.history.pop();
    });
  }

  it('makes and wires the nodes of a pasted instance in one step that can be undone', async () => {
    await open([TAB, pollNode()]);
    const before = await workspace();
    await openImport();
    await paste(EXAMPLE);
    await importIt();
    await editor.untilValue('#node-input-interval', '15');
    assert.deepEqual(await workspace(), before);
    await editor.closeDialog('ok');

    const [config] = await nodesOfType('sagecrm-config');
    const [hook] = await nodesOfType('sagecrm-callback');
    const [poll] = await nodesOfType('sagecrm-poll');
    assert.equal(config?.name, 'SageCRMPolling');
    assert.equal(config.subdomain, 'sagecrm-0.cloud-elements.com');
    assert.deepEqual(config.tags, ['Docs']);
    assert.equal(config.timezone, 'UTC');
    assert.equal(config.credentials, undefined);
    assert.equal(hook?.url, 'https://console.cloud-elements.com');
    assert.equal(hook.z, 'tab1');
    assert.ok(Number(hook.x) > 260);
    assert.ok(poll);
    assert.equal(poll.server, config.id);
    assert.equal(poll.commit, 'acknowledged');
    assert.deepEqual(poll.wires, [[hook.id]]);
    const depth = await editor.page.evaluate(() => RED.history.depth());
    assert.equal(depth, 1);

    const after = await workspace();
    await undo();
    assert.deepEqual(await workspace(), before);
    assert.equal(await editor.page.evaluate(() => RED.nodes.dirty()), false);
    await editor.page.evaluate(() => {
      RED.history.redo();
    });
    assert.deepEqual(sorted(await workspace()), sorted(after));
    await editor.deploy();
    const deployed = await shared().nodeRed.get<FlowNode[]>('/flows');
    assert.deepEqual(deployed.map(({ type }) => type).sort(), [
      'sagecrm-callback',
      'sagecrm-config',
      'sagecrm-poll',
      'tab',
    ]);
    assert.deepEqual(editor.complaints, []);
  });

  it('makes valid nodes, which are marked as changed', async () => {
    await open([TAB, pollNode()]);
    await openImport();
    await paste(EXAMPLE);
    await importIt();
    await editor.closeDialog('ok');
    for (const type of ['sagecrm-poll', 'sagecrm-callback']) {
      const [node] = await editor.page.evaluate(
        (wanted) =>
          RED.nodes.filterNodes({ type: wanted }).map(({ valid, changed }) => ({ valid, changed })),
        type,
      );
      assert.deepEqual(node, { valid: true, changed: true });
    }
    await editor.page.locator('.red-ui-flow-node-error:not(.hide)').waitFor({ state: 'hidden' });
    assert.deepEqual(editor.complaints, []);
  });

  it('takes a real password and key over, and sends them with the deploy', async () => {
    await open([TAB, pollNode()]);
    await openImport();
    await paste(
      example({
        username: 'someone',
        password: 'Str0ng-enough',
        'event.notification.signature.key': 'k3y-of-the-receiver',
      }),
    );
    await importIt();
    await editor.closeDialog('ok');
    const sent = editor.page.waitForRequest(
      (request) => request.method() === 'POST' && request.url().endsWith('/flows'),
    );
    await editor.deploy();
    const { flows } = (await sent).postDataJSON() as { flows: FlowNode[] };
    const credentials = Object.fromEntries(
      flows.flatMap((node) => (node.credentials ? [[node.type, node.credentials]] : [])),
    );
    assert.deepEqual(credentials, {
      'sagecrm-config': { username: 'someone', password: 'Str0ng-enough' },
      'sagecrm-callback': { signatureKey: 'k3y-of-the-receiver' },
    });
    assert.deepEqual(editor.complaints, []);
  });

  it('leaves nothing behind when the dialog is cancelled', async () => {
    await open([TAB, pollNode()]);
    const before = await workspace();
    await openImport();
    await paste(EXAMPLE);
    await importIt();
    await editor.closeDialog('cancel');
    assert.deepEqual(await workspace(), before);
    assert.equal(await editor.page.evaluate(() => RED.nodes.dirty()), false);
    assert.deepEqual(editor.complaints, []);
  });

  it('takes the plan back on demand, and keeps the resources', async () => {
    await open([TAB, pollNode({ server: 'server1' }), server()]);
    await openImport();
    await paste(EXAMPLE);
    await importIt();
    await editor.page.locator('#node-input-import-pending button').click();
    await editor.untilValue('#node-input-server', 'server1');
    await editor.untilValue('#node-input-commit', 'emitted');
    await editor.closeDialog('ok');
    assert.equal((await nodesOfType('sagecrm-config')).length, 1);
    assert.equal((await nodesOfType('sagecrm-callback')).length, 0);
    assert.deepEqual(editor.complaints, []);
  });

  it('lists what is wrong with the paths, and imports nothing', async () => {
    await open([TAB, pollNode()]);
    await openImport();
    const resources = defaultResources();
    await paste(
      example({
        'event.poller.refresh_interval': 'often',
        'event.poller.configuration': { ...resources, accounts: { idField: 'key' } },
      }),
    );
    const problems = editor.page.locator(`${PANEL} .sagecrm-transfer-problems code`);
    for (const path of [
      'configuration["event.poller.refresh_interval"]',
      'configuration["event.poller.configuration"].accounts.url',
    ]) {
      await problems.getByText(path, { exact: true }).waitFor();
    }
    await enabled(false);
    assert.deepEqual(await violations(editor.page, '#node-input-transfer'), []);
    await paste(EXAMPLE);
    await enabled(true);
    assert.deepEqual(editor.complaints, []);
  });

  it('takes a file that is dropped, or chosen, and no larger one', async () => {
    await open([TAB, pollNode()]);
    await openImport();
    await editor.page.evaluate(
      ([panel, content]) => {
        const data = new DataTransfer();
        data.items.add(new File([content], 'instance.json', { type: 'application/json' }));
        const event = new DragEvent('drop', {
          dataTransfer: data,
          bubbles: true,
          cancelable: true,
        });
        document.querySelector(panel)?.dispatchEvent(event);
      },
      [PANEL, EXAMPLE] as const,
    );
    await editor.page.locator(`${PANEL} .sagecrm-transfer-found`).waitFor();
    await editor.untilValue('#node-input-import-text', EXAMPLE.replaceAll('\r\n', '\n'));
    const choose = (content: string): Promise<void> =>
      editor.page.locator('#node-input-import-file').setInputFiles({
        ...{ name: 'a.json', mimeType: 'application/json', buffer: Buffer.from(content) },
      });
    await choose(JSON.stringify({ leads: defaultResources().leads }));
    await editor.page.locator(`${PANEL} .sagecrm-transfer-found`, { hasText: 'leads' }).waitFor();
    await choose(' '.repeat(300 * 1024));
    await editor.page.locator(`${PANEL} .sagecrm-transfer-problems`).waitFor();
    await enabled(false);
    assert.deepEqual(editor.complaints, []);
  });

  it('asks before it replaces resources of the user', async () => {
    const { accounts, leads } = defaultResources();
    await open([TAB, pollNode({ resources: { accounts: { ...accounts, pageSize: 7 } } })]);
    await openImport();
    await paste({ leads });
    const keys = editor.tray().locator('.sagecrm-resource-key');
    const question = editor.page.getByRole('button', { name: 'Replace' });
    await importButton().click();
    await question.waitFor();
    await editor.page.locator('.red-ui-notification:visible button', { hasText: 'Cancel' }).click();
    await question.waitFor({ state: 'detached' });
    assert.deepEqual(await keys.allTextContents(), ['accounts']);
    await importButton().click();
    await question.click();
    await editor.page.locator(PANEL).waitFor({ state: 'hidden' });
    await until('the resources are replaced', async () =>
      isDeepStrictEqual(await keys.allTextContents(), ['leads']),
    );
    await editor.closeDialog('ok');
    const [poll] = await nodesOfType('sagecrm-poll');
    assert.deepEqual(poll?.resources, { leads });
    assert.deepEqual(editor.complaints, []);
  });

  it('changes the chosen server and the callback, and keeps secrets that are masked', async () => {
    await open([
      TAB,
      pollNode({ server: 'server1', wires: [['callback1']] }),
      server({ credentials: { username: 'old', password: 'old-password', userSecret: 'u' } }),
      callback({ headers: { 'X-Old': '1' }, credentials: { signatureKey: 'old-key' } }),
    ]);
    const before = await workspace();
    await openImport();
    await paste(
      example({
        subdomain: 'crm.example.com',
        username: 'new',
        password: '********',
        'event.notification.signature.key': '********',
        'event.notification.callback.headers': { 'X-New': '2' },
      }),
    );
    await importIt();
    await editor.closeDialog('ok');
    const [config] = await nodesOfType('sagecrm-config');
    const [hook] = await nodesOfType('sagecrm-callback');
    assert.equal(config?.name, 'SageCRMPolling');
    assert.deepEqual(config.credentials, { username: 'new' });
    assert.equal(hook?.url, 'https://console.cloud-elements.com');
    assert.deepEqual(hook.headers, { 'X-Old': '1', 'X-New': '2' });
    assert.equal(hook.credentials, undefined);
    await undo();
    assert.deepEqual(withoutEmptyCredentials(await workspace()), before);
    await editor.page.evaluate(() => {
      RED.history.redo();
    });
    await editor.deploy();
    assert.deepEqual(await shared().nodeRed.get('/credentials/sagecrm-config/server1'), {
      ...{ username: 'new', has_password: true, has_userSecret: true },
      ...{ has_organizationSecret: false, has_elementToken: false },
      ...{ redisUsername: '', has_redisPassword: false },
    });
    assert.deepEqual(editor.complaints, []);
  });

  it('keeps the new server inside the subflow that the node is in', async () => {
    await open([
      { id: 'sub1', type: 'subflow', name: 'Sub', info: '', in: [], out: [] },
      TAB,
      { id: 'use1', type: 'subflow:sub1', z: 'tab1', x: 200, y: 200, name: '', wires: [] },
      pollNode({ z: 'sub1' }),
    ]);
    const before = await workspace();
    await editor.page.evaluate(() => {
      RED.workspaces.show('sub1');
    });
    await openImport();
    await paste(EXAMPLE);
    await importIt();
    await editor.closeDialog('ok');
    const [config] = await nodesOfType('sagecrm-config');
    const [hook] = await nodesOfType('sagecrm-callback');
    assert.deepEqual([config?.z, hook?.z], ['sub1', 'sub1']);
    await undo();
    assert.deepEqual(await workspace(), before);
    assert.deepEqual(editor.complaints, []);
  });

  it('exports what was imported, secrets masked', async () => {
    await open([TAB, pollNode()]);
    await openImport();
    const instance = example({
      username: 'someone',
      password: 'Str0ng-enough',
      'event.notification.callback.headers': { 'X-Team': 'crm', Authorization: 'Bearer abc1' },
      'event.notification.signature.key': 'k3y-of-the-receiver',
    });
    await paste(instance);
    await importIt();
    await editor.closeDialog('ok');
    const exported = example({
      ...instance.configuration,
      password: '********',
      'event.notification.callback.headers': { 'X-Team': 'crm', Authorization: '********' },
      'event.notification.signature.key': '********',
    });
    for (const deployed of [false, true]) {
      if (deployed) await editor.deploy();
      await editor.edit('poll1');
      await editor.page.locator('#node-input-export-open').click();
      await editor.page.waitForFunction(
        () => document.querySelector<HTMLTextAreaElement>('#node-input-export-text')?.value !== '',
      );
      const text = await editor.page.locator('#node-input-export-text').inputValue();
      assert.deepEqual(JSON.parse(text), exported);
      assert.deepEqual(await violations(editor.page, '#node-input-transfer'), []);
      const download = editor.page.waitForEvent('download');
      await editor.page.locator('#node-input-export-panel button', { hasText: 'Download' }).click();
      const file = await download;
      assert.equal(file.suggestedFilename(), 'SageCRMPolling.json');
      assert.equal(readFileSync(await file.path(), 'utf8'), text);
      await editor.closeDialog('cancel');
    }
    assert.deepEqual(editor.complaints, []);
  });

  describe('a flow of an earlier version', () => {
    let simulator: Simulator;

    beforeEach(async () => {
      simulator = await startSimulator(USER);
      await open([TAB]);
    });

    afterEach(() => simulator.close());

    it('is imported without a mark, shows the defaults, keeps its form and polls', async () => {
      const old = olderFlow(simulator.url);
      await editor.page.evaluate(() => {
        RED.actions.invoke('core:show-import-dialog');
      });
      const text = editor.page.locator('#red-ui-clipboard-dialog-import-text');
      await text.fill(JSON.stringify(old));
      // The dialog looks at its text when a key was pressed.
      await text.press('End');
      await editor.page.locator('#red-ui-clipboard-dialog-ok').click();
      await editor.page.waitForFunction(
        () => RED.nodes.filterNodes({ type: 'sagecrm-poll' }).length > 0,
      );
      const [poll] = await nodesOfType('sagecrm-poll');
      assert.ok(poll);
      const errors = await editor.page.evaluate(() =>
        RED.nodes.filterNodes({ type: 'sagecrm-poll' }).map((node) => node.validationErrors),
      );
      assert.deepEqual(errors, [[]]);
      await editor.edit(String(poll.id));
      await editor.untilValue('#node-input-overlap', '120');
      await editor.untilValue('#node-input-lateWindow', '24');
      await editor.untilValue('#node-input-commit', 'emitted');
      assert.equal(await editor.tray().locator('.input-error').count(), 0);
      await editor.closeDialog('ok');
      const [saved] = await nodesOfType('sagecrm-poll');
      assert.deepEqual(saved, { ...poll, ...POLL_DEFAULTS });
      const polled = new Promise<void>((resolve) => {
        simulator.onRequest(() => {
          resolve();
        });
      });
      await editor.deploy();
      await polled;
      assert.deepEqual(editor.complaints, []);
    });
  });

  for (const dark of themesOf('nodeRed5')) {
    it(`is accessible in the ${dark ? 'dark' : 'light'} theme`, async () => {
      await open([TAB, pollNode({ server: 'server1' }), server()], dark);
      const faults = () => violations(editor.page, '#node-input-transfer', dark ? COLOURS : {});
      await openImport();
      await paste(example({ 'extra.key': 1 }));
      await editor.page.locator(`${PANEL} fieldset`).first().waitFor();
      assert.deepEqual(await faults(), []);
      await importIt();
      assert.deepEqual(await faults(), []);
      assert.deepEqual(editor.complaints, []);
    });
  }
});

function sorted(nodes: readonly Record<string, unknown>[]): Record<string, unknown>[] {
  return nodes.toSorted((one, other) => String(one.id).localeCompare(String(other.id)));
}

/** What an undo leaves where the editor knew of no credentials before. */
function withoutEmptyCredentials(
  nodes: readonly Record<string, unknown>[],
): Record<string, unknown>[] {
  return nodes.map(({ credentials, ...node }) =>
    credentials && Object.values(credentials).some(Boolean) ? { credentials, ...node } : node,
  );
}
