import assert from 'node:assert/strict';
import { startSimulator, type Simulator } from '../simulator/simulator';
import { defaultResources } from '../../src/config/defaults';
import { EditorFlow } from './support/editor-flow';
import type { EditorPage } from './support/editor-page';
import type { FlowNode } from './support/node-red-process';
import { describeInEditor } from './support/shared-editor';
import { unfold } from './support/unfold';

const USER = { username: 'crm-user', password: 'crm-pass' };
const TAB = 'tab';
const SUBFLOW = 'subflow';
const POLL = 'inner-poll';
const SERVER = 'server';

describeInEditor('nodeRed5', 'a poll node in a subflow', (shared) => {
  let simulator: Simulator;
  let firstLine: number;
  let editor: EditorPage;

  before(async () => {
    simulator = await startSimulator(USER);
    simulator.crm.create('company', {}, { stamp: Date.now() - 60_000 });
    firstLine = shared().nodeRed.log.length;
    editor = await shared().show(flowOf(simulator.url));
  });

  after(() => simulator.close());

  it('polls for each instance, with the variables of each', async () => {
    const seen = { after: firstLine, count: 2 };
    const lines = await shared().nodeRed.waitForLog(/\[debug:Events\]/, seen);
    assert.equal(lines.length, 2);
    assertNoError();
  });

  it('has a dialog that takes variables, and instances that deploy what was edited', async () => {
    const flow = new EditorFlow(editor);
    await editor.edit(POLL);
    await editor.untilValue('#node-input-interval', '${MINUTES}');
    await unfold(editor);
    const tray = editor.tray();
    await tray.locator('.input-error').first().waitFor({ state: 'detached' });
    await editor.untilValue('#node-input-server', SERVER);
    await tray.locator('#node-input-name').fill('Poll inside');
    await tray.locator('#node-input-overlap').fill('${OVERLAP}');
    await editor.closeDialog('ok');
    assert.equal((await flow.node(POLL))?.interval, '${MINUTES}');
    assert.equal((await flow.node(POLL))?.overlap, '${OVERLAP}');

    const started = shared().nodeRed.untilStarted();
    await editor.deploy();
    await started;
    assertNoError();
    assert.deepEqual(editor.complaints, []);
  });

  function assertNoError(): void {
    assert.doesNotMatch(shared().nodeRed.log.slice(firstLine).join('\n'), /\[error\]/);
  }
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
