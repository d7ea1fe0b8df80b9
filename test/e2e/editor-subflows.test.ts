import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import { startSimulator, type Simulator } from '../simulator/simulator';
import { defaultResources } from '../../src/config/defaults';
import { EditorFlow } from './support/editor-flow';
import { EditorPage, launchBrowser } from './support/editor-page';
import { NodeRedProcess, type FlowNode } from './support/node-red-process';
import { newUserDir } from './support/package';
import { describeOnEachRuntime } from './support/runtimes';
import { unfold } from './support/unfold';

const USER = { username: 'crm-user', password: 'crm-pass' };
const TAB = 'tab';
const SUBFLOW = 'subflow';
const POLL = 'inner-poll';
const SERVER = 'server';

describeOnEachRuntime('a poll node in a subflow', (runtime) => {
  let simulator: Simulator;
  let nodeRed: NodeRedProcess;
  let browser: Browser;

  before(async function () {
    this.timeout(300_000);
    simulator = await startSimulator(USER);
    simulator.crm.create('company', {}, { stamp: Date.now() - 60_000 });
    nodeRed = await NodeRedProcess.start({ runtime: runtime(), userDir: await newUserDir() });
    await nodeRed.deploy(flowOf(simulator.url));
    browser = await launchBrowser();
  });

  after(async () => {
    await browser.close();
    await nodeRed.stop();
    await simulator.close();
  });

  it('polls for each instance, with the variables of each', async () => {
    const lines = await nodeRed.waitForLog(/\[debug:Events\]/, { count: 2 });
    assert.equal(lines.length, 2);
    assert.doesNotMatch(nodeRed.log.join('\n'), /\[error\]/);
  });

  it('has a dialog that takes variables, and instances that deploy what was edited', async function () {
    this.timeout(120_000);
    const editor = await EditorPage.open(browser, nodeRed.url);
    const flow = new EditorFlow(editor);
    await editor.edit(POLL);
    await editor.untilValue('#node-input-interval', '${MINUTES}');
    await unfold(editor);
    const tray = editor.tray();
    assert.equal(await tray.locator('.input-error').count(), 0);
    assert.equal(await tray.locator('#node-input-server').inputValue(), SERVER);
    await tray.locator('#node-input-name').fill('Poll inside');
    await tray.locator('#node-input-overlap').fill('${OVERLAP}');
    await editor.closeDialog('ok');
    assert.equal((await flow.node(POLL))?.interval, '${MINUTES}');
    assert.equal((await flow.node(POLL))?.overlap, '${OVERLAP}');

    const started = nodeRed.untilStarted();
    await editor.deploy();
    await started;
    assert.doesNotMatch(nodeRed.log.join('\n'), /\[error\]/);
    assert.deepEqual(editor.complaints, []);
    await editor.close();
  });
});

/** Two instances of a subflow that polls one server. */
function flowOf(subdomain: string): FlowNode[] {
  const { accounts } = defaultResources();
  const variables = (minutes: string): object[] => [
    { name: 'MINUTES', type: 'num', value: minutes },
    { name: 'OVERLAP', type: 'num', value: '60' },
  ];
  const instance = { type: `subflow:${SUBFLOW}`, z: TAB, name: '', x: 150, wires: [['events']] };
  return [
    { id: TAB, type: 'tab', label: 'Instances', disabled: false },
    {
      ...{ id: SUBFLOW, type: 'subflow', name: 'Poll accounts', info: '', in: [] },
      ...{ env: variables('15'), out: [{ x: 400, y: 80, wires: [{ id: POLL, port: 0 }] }] },
    },
    { id: SERVER, type: 'sagecrm-config', name: '', subdomain, credentials: USER },
    {
      ...{ id: POLL, type: 'sagecrm-poll', z: SUBFLOW, name: '', server: SERVER, x: 200, y: 80 },
      ...{ interval: '${MINUTES}', start: 'all', overlap: 120, resources: { accounts } },
      ...{ report: false, outputs: 1, wires: [[]] },
    },
    { ...instance, id: 'first', y: 80, env: variables('30') },
    { ...instance, id: 'second', y: 160 },
    {
      ...{ id: 'events', type: 'debug', z: TAB, name: 'Events', x: 400, y: 120, wires: [] },
      ...{ active: true, tosidebar: false, console: true, complete: 'topic', targetType: 'msg' },
    },
  ];
}
