import assert from 'node:assert/strict';
import type { Locator } from 'playwright-core';
import { defaultResources } from '../../src/config/defaults';
import { startSimulator, type Simulator } from '../simulator/simulator';
import type { EditorPage } from './support/editor-page';
import type { FlowNode } from './support/node-red-process';
import { describeInEditor } from './support/shared-editor';

const PASSWORD = 'a-stored-secret';
const SHOWN = /\[debug:Events\]/;
const { accounts } = defaultResources();

describeInEditor('nodeRed5', 'the resources in the dialog of a poll node', (shared) => {
  let simulator: Simulator;
  let flow: FlowNode[];
  let editor: EditorPage;

  before(async () => {
    simulator = await startSimulator({ password: PASSWORD });
    simulator.crm.seed({ companies: 3 });
    simulator.crm.defineEntity('cases', { columnPrefix: 'Case' });
    flow = [
      { id: 'tab', type: 'tab', label: 'Poll' },
      {
        ...{
          id: 'server',
          type: 'sagecrm-config',
          name: '',
          subdomain: `http://${simulator.host}`,
        },
        ...{ api: 'auto', install: 'crm', timezone: 'Europe/Berlin' },
        credentials: { username: 'crm-user', password: PASSWORD },
      },
      {
        ...{ id: 'poll', type: 'sagecrm-poll', z: 'tab', x: 300, y: 100, name: '', start: 'all' },
        ...{ server: 'server', interval: 0, resources: { accounts }, wires: [['debug']] },
      },
      {
        ...{ id: 'go', type: 'inject', z: 'tab', x: 100, y: 100, topic: 'poll', props: [] },
        ...{ repeat: '', once: false, wires: [['poll']] },
      },
      {
        ...{ id: 'debug', type: 'debug', z: 'tab', x: 500, y: 100, name: 'Events', active: true },
        ...{ tosidebar: false, console: true, complete: 'true', targetType: 'full' },
      },
    ];
  });

  after(() => simulator.close());

  beforeEach(async () => {
    simulator.faults.clear();
    editor = await shared().show(flow);
    await editor.edit('poll');
  });

  function labelled(row: Locator, name: string): Locator {
    return row.getByLabel(name, { exact: true });
  }

  function rows(): Locator {
    return editor.tray().locator('.sagecrm-resource');
  }

  /** Adds an empty resource, whose row opens. */
  async function addResource(): Promise<Locator> {
    const index = await rows().count();
    await editor.tray().getByRole('button', { name: 'Add resource' }).click();
    const menu = editor.page.locator('.red-ui-menu:visible');
    // The menu takes the focus once it is where it stays.
    await menu.locator('a:focus').waitFor();
    await menu.getByText('Empty resource').click();
    const added = rows().nth(index);
    await added.locator('.sagecrm-resource-toggle[aria-expanded="true"]').waitFor();
    return added;
  }

  async function openAccounts(): Promise<Locator> {
    const row = rows().first();
    await row.locator('.sagecrm-resource-toggle').click();
    return row;
  }

  async function options(
    row: Locator,
    kind: 'entities' | 'columns',
    wanted: string,
  ): Promise<void> {
    const option = row.locator(`datalist[id$="-${kind}"] > option[value="${wanted}"]`);
    await option.waitFor({ state: 'attached' });
  }

  it('fills a new resource in from the entity that is chosen, and keeps what was typed', async () => {
    const row = await addResource();
    const entity = labelled(row, 'Entity');
    await entity.focus();
    await options(row, 'entities', 'cases');
    await labelled(row, 'Resource name').fill('tickets');
    await entity.fill('cases');
    await entity.press('Tab');
    await row.locator('textarea.sagecrm-url').filter({ visible: true }).waitFor();
    const prefix = (await entity.getAttribute('id'))?.replace(/-entity$/, '') ?? '';
    await editor.untilValue(`#${prefix}-updatedDateField`, 'Case_UpdatedDate');
    await editor.untilValue(`#${prefix}-createdDateField`, 'Case_CreatedDate');
    await editor.untilValue(`#${prefix}-key`, 'tickets');
    await editor.untilValue(
      `#${prefix}-url`,
      "/hubs/crm/cases?where=Case_UpdatedDate>'${gmtDate:yyyy-MM-dd'T'HH:mm:ss'Z'}'",
    );
    await row.locator('.input-error').waitFor({ state: 'detached' });
    assert.deepEqual(editor.complaints, []);
  });

  it('offers the columns of the entity in the URL', async () => {
    const row = await openAccounts();
    await labelled(row, 'Id column').focus();
    await options(row, 'columns', 'Comp_Name');
    assert.deepEqual(editor.complaints, []);
  });

  it('says why there are no names to choose from, and lets them be written', async () => {
    simulator.options = { ...simulator.options, password: 'changed' };
    try {
      const row = await addResource();
      const entity = labelled(row, 'Entity');
      await entity.focus();
      await row.getByText(/The server tells no names/).waitFor();
      await entity.fill('cases');
      await entity.press('Tab');
      const prefix = (await entity.getAttribute('id'))?.replace(/-entity$/, '') ?? '';
      await editor.untilValue(`#${prefix}-url`, '/hubs/crm/cases');
    } finally {
      simulator.options = { ...simulator.options, password: PASSWORD };
    }
  });

  it('shows how dates are written, and how often is polled', async () => {
    const row = await openAccounts();
    await row
      .getByText(/Now is written .*Z, which is .* in Europe\/Berlin/)
      .first()
      .waitFor();
    await editor.tray().locator('#node-input-interval').fill('15');
    await editor.tray().getByText('Once every 15 minutes: 96 polls a day').waitFor();
  });

  it('tries a resource: shows its records and events, and leaves the next poll as it was', async () => {
    const row = await openAccounts();
    const answered = editor.page.waitForResponse((response) =>
      response.url().endsWith('/sagecrm-poll/try'),
    );
    await row.getByRole('button', { name: 'Try it' }).click();
    assert.equal((await (await answered).text()).includes(PASSWORD), false);
    await row.getByText('Any records, however old: 3 on this page.').waitFor();
    const records = row.locator('.sagecrm-try-records > li');
    await records.nth(2).waitFor();
    assert.equal(await records.count(), 3);
    const [first] = await records.allTextContents();
    assert.match(first ?? '', /CREATED/);
    assert.match(first ?? '', /Comp_UpdatedDate/);
    await records.first().locator('summary').click();
    await records.first().getByText('"Comp_Name"').waitFor();
    assert.deepEqual(editor.complaints, []);

    const { nodeRed } = shared();
    const after = nodeRed.log.length;
    await nodeRed.inject('go');
    await nodeRed.waitForLog(SHOWN, { after, count: 3 });
  });

  it('tells what is wrong and what to do when a try fails', async () => {
    simulator.faults.next({ kind: 'status', status: 401 });
    const row = await openAccounts();
    await row.getByRole('button', { name: 'Try it' }).click();
    await row.getByText(/What to do: check the user name and the password/).waitFor();
  });
});
