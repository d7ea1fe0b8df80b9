import assert from 'node:assert/strict';
import { performance } from 'node:perf_hooks';
import { stateFolders } from './support/clean-slate';
import { edited, POLL, pollFlow, withLogOn } from './support/lifecycle-flow';
import { LifecycleRig } from './support/lifecycle-rig';
import { NodeRedProcess, type FlowNode, type NodeRedOptions } from './support/node-red-process';
import { newUserDir } from './support/package';
import { describeOnEachRuntime } from './support/runtimes';

/** Three pages of records. */
const MANY = 50;
/** Node-RED gives its nodes 15 s to close. */
const SOON_MS = 10_000;

describeOnEachRuntime('a poll node in a project', (runtime) => {
  let options: NodeRedOptions;
  let nodeRed: NodeRedProcess;
  let rig: LifecycleRig;
  let flow: FlowNode[];

  before('start Node-RED with two projects', async function () {
    this.timeout(180_000);
    options = {
      runtime: runtime(),
      userDir: await newUserDir(),
      settings: { editorTheme: { tours: false, projects: { enabled: true } } },
      env: gitAuthor(),
    };
    nodeRed = await NodeRedProcess.start(options);
    await create('second');
    await create('first');
  });

  after(() => nodeRed.stop());

  beforeEach(async () => {
    rig = await LifecycleRig.around(nodeRed, options.userDir);
    rig.seed(MANY);
    flow = pollFlow(rig.addresses);
    await nodeRed.deploy(withLogOn(flow));
  });

  afterEach(() => rig.close());

  it('goes on where it was when its project is opened again after another', async () => {
    assert.equal(await rig.poll(POLL), MANY);
    rig.simulator.crm.many('company', MANY);
    await rig.beginPoll(POLL);

    await open('second');
    rig.simulator.faults.clear();
    await nodeRed.deploy([{ id: 'elsewhere', type: 'tab', label: 'Elsewhere' }]);
    await nodeRed.deploy([]);
    assert.deepEqual(stateFolders(rig.userDir), [POLL]);
    rig.change(1);

    await open('first');
    await rig.assertExactlyOnce(POLL);
    await nodeRed.deploy(edited(flow, POLL, { name: 'Renamed' }));
    await rig.assertExactlyOnce(POLL);
  });

  it('ends soon in the middle of a poll, and goes on after the restart', async () => {
    await rig.beginPoll(POLL);
    const began = performance.now();
    await nodeRed.stop();
    assert.ok(performance.now() - began < SOON_MS);

    rig.simulator.faults.clear();
    rig.change(1);
    nodeRed = await NodeRedProcess.start(options);
    rig.nodeRed = nodeRed;
    await rig.assertExactlyOnce(POLL);
  });

  async function create(name: string): Promise<void> {
    const project = { name, summary: '', files: { flow: 'flows.json' }, credentialSecret: name };
    await untilOpened(nodeRed.request('POST', '/projects', project));
  }

  async function open(name: string): Promise<void> {
    await untilOpened(nodeRed.request('PUT', `/projects/${name}`, { active: true }));
  }

  async function untilOpened(request: Promise<Response>): Promise<void> {
    const [response] = await Promise.all([request, nodeRed.untilStarted()]);
    await response.body?.cancel();
  }

  /** Whoever runs the tests need not be known to git. */
  function gitAuthor(): Record<string, string> {
    const [name, email] = ['Tests', 'tests@example.com'];
    return {
      ...{ GIT_AUTHOR_NAME: name, GIT_AUTHOR_EMAIL: email },
      ...{ GIT_COMMITTER_NAME: name, GIT_COMMITTER_EMAIL: email },
    };
  }
});
