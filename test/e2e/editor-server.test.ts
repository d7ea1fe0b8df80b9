import assert from 'node:assert/strict';
import type { Locator, Response } from 'playwright-core';
import { defaultResources } from '../../src/config/defaults';
import { startSimulator, type Simulator } from '../simulator/simulator';
import type { EditorPage } from './support/editor-page';
import type { FlowNode } from './support/node-red-process';
import { describeInEditor } from './support/shared-editor';

const PASSWORD = 'a-stored-secret';
const { accounts } = defaultResources();

describeInEditor('nodeRed5', 'the dialog of a server', (shared) => {
  let simulator: Simulator;
  let flow: FlowNode[];
  let editor: EditorPage;
  /** What the routes of the test have answered. */
  let answers: Promise<string>[];

  before(async () => {
    simulator = await startSimulator({ password: PASSWORD });
    simulator.crm.seed({ companies: 3 });
    flow = [
      { id: 'tab', type: 'tab', label: 'Poll' },
      {
        ...{
          id: 'server',
          type: 'sagecrm-config',
          name: '',
          subdomain: `http://${simulator.host}`,
        },
        ...{ api: 'auto', install: 'crm', timezone: 'UTC' },
        credentials: { username: 'crm-user', password: PASSWORD },
      },
      {
        ...{ id: 'poll', type: 'sagecrm-poll', z: 'tab', x: 200, y: 100, name: '' },
        ...{ server: 'server', interval: 0, resources: { accounts }, wires: [[]] },
      },
    ];
  });

  after(() => simulator.close());

  afterEach(() => {
    editor.page.off('response', listen);
  });

  beforeEach(async () => {
    simulator.faults.clear();
    simulator.options = { ...simulator.options, apis: ['hub', 'sdata'], install: 'crm' };
    answers = [];
    editor = await shared().show(flow);
    editor.page.on('response', listen);
    await editor.editConfig('sagecrm-config', 'server');
    await editor.untilValue('#node-config-input-username', 'crm-user');
  });

  function listen(response: Response): void {
    if (!response.url().includes('/sagecrm-config/')) return;
    answers.push(response.text().catch(() => ''));
  }

  function button(name: string): Locator {
    return editor.tray().getByRole('button', { name });
  }

  function step(id: string): Locator {
    return editor.tray().locator(`.sagecrm-test-steps > li[data-step="${id}"]`);
  }

  async function concluded(text: RegExp): Promise<void> {
    await editor.tray().locator('.sagecrm-test-summary').filter({ hasText: text }).waitFor();
  }

  /** No secret has come to the page, nor was one sent to it. */
  async function assertKeptSecret(secret: string): Promise<void> {
    for (const text of [...(await Promise.all(answers)), await editor.page.content()]) {
      assert.equal(text.includes(secret), false);
    }
  }

  it('tests the connection with the password that only the runtime knows', async () => {
    await button('Test connection').click();
    await concluded(/The connection works/);
    for (const id of ['logon', 'api', 'resource']) {
      assert.match((await step(id).getAttribute('class')) ?? '', /sagecrm-test-pass/);
    }
    assert.match((await step('resource').textContent()) ?? '', /accounts/);
    await assertKeptSecret(PASSWORD);
    assert.deepEqual(editor.complaints, []);
  });

  it('tests what is written in the form, before it is deployed', async () => {
    const tray = editor.tray();
    await tray.locator('#node-config-input-password').fill('a-wrong-one');
    await button('Test connection').click();
    await concluded(/put right/);
    const logon = step('logon');
    assert.match((await logon.getAttribute('class')) ?? '', /sagecrm-test-failure/);
    assert.match(
      (await logon.locator('.sagecrm-next-step').textContent()) ?? '',
      /check the user name and the password/,
    );
    assert.match((await step('zone').getAttribute('class')) ?? '', /sagecrm-test-skipped/);
    await assertKeptSecret(PASSWORD);
    await assertKeptSecret('a-wrong-one');
  });

  it('offers the install name that it finds, and takes it over', async () => {
    simulator.options = { ...simulator.options, apis: ['sdata'], install: 'crm2' };
    await button('Test connection').click();
    await concluded(/put right/);
    assert.match((await step('install').textContent()) ?? '', /has no install crm/);
    simulator.options = { ...simulator.options, install: 'crm2' };
    await button('Set Install name to crm2').click();
    await editor.untilValue('#node-config-input-install', 'crm2');
    await button('Test connection').click();
    await concluded(/The connection works/);
  });

  it('can be stopped while the server does not answer', async () => {
    simulator.faults.next({ kind: 'hang' });
    await button('Test connection').click();
    await step('address').waitFor();
    await button('Stop').click();
    await concluded(/stopped/);
    await editor.tray().locator('button:enabled', { hasText: 'Test connection' }).waitFor();
  });

  it('does not send the stored password to another server', async () => {
    const asked = simulator.requests.length;
    await editor.tray().locator('#node-config-input-subdomain').fill('http://127.0.0.1:9');
    await button('Test connection').click();
    await concluded(/stored password is for another server/);
    assert.equal(simulator.requests.length, asked);
  });
});
