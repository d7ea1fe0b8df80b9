import assert from 'node:assert/strict';
import { startSimulator, type Simulator } from '../simulator/simulator';
import { startReceiver, type WebhookReceiver } from '../simulator/webhook-receiver';
import { createEnvelope } from '../../src/event/envelopes/create-envelope';
import { changeOf } from './support/callback-rig';
import { cleanSlate } from './support/clean-slate';
import { exampleFlow, exampleLabels, nodeOfType, type Changes } from './support/example-flow';
import { NodeRedProcess, type FlowNode } from './support/node-red-process';
import { newUserDir } from './support/package';
import { describeOnEachRuntime } from './support/runtimes';
import { eventOf } from './support/webhooks';

const USER = { username: 'crm-user', password: 'crm-pass' };
const HOUR = 3_600_000;
const SECRET = `whsec_${Buffer.from('a key of twenty-four....').toString('base64')}`;
const FORWARD = '4 Forward to a webhook';
/** Shows nothing by itself. */
const RECEIVE = '6 Receive webhooks';
const NEW_EVENT = /\[debug:New events\]/;

/** How many messages the named debug node shows for one record of each kind and a second account. */
const SHOWN: Readonly<Record<string, { debug: string; messages: number }>> = {
  '1 All five resources to debug': { debug: 'Events', messages: 6 },
  '2 Created accounts only': { debug: 'New accounts', messages: 1 },
  '3 A custom resource': { debug: 'Cases', messages: 1 },
  [FORWARD]: { debug: 'Delivered', messages: 6 },
  '5 Poll on an inject': { debug: 'Events', messages: 6 },
};

describeOnEachRuntime('the example flows', (runtime) => {
  let simulator: Simulator;
  let receiver: WebhookReceiver;
  let userDir: string;
  let nodeRed: NodeRedProcess;
  /** Of the log, what is of the present test. */
  let firstLine: number;

  before('start Node-RED', async function () {
    this.timeout(180_000);
    userDir = await newUserDir();
    nodeRed = await NodeRedProcess.start({ runtime: runtime(), userDir });
  });

  after(() => nodeRed.stop());

  beforeEach(async () => {
    simulator = await startSimulator(USER);
    receiver = await startReceiver();
    seed(simulator);
    firstLine = nodeRed.log.length;
  });

  afterEach(async () => {
    await cleanSlate(nodeRed, userDir);
    await receiver.close();
    await simulator.close();
  });

  it('are all tried here', () => {
    assert.deepEqual(exampleLabels(), [...Object.keys(SHOWN), RECEIVE]);
  });

  for (const [label, { debug, messages }] of Object.entries(SHOWN)) {
    it(`"${label}" shows its events once it has a server`, async () => {
      const flow = exampleFlow(label, changes());
      await nodeRed.deploy(flow);
      const button = injectOf(flow, 'poll');
      if (button !== undefined) await nodeRed.inject(button.id);
      const shown = new RegExp(`\\[debug:${debug}\\]`);
      const lines = await shownLines(shown, messages);
      assert.equal(lines.length, messages);
      assertNoProblem();
    });
  }

  it(`"${FORWARD}" delivers one webhook for each record`, async () => {
    await nodeRed.deploy(exampleFlow(FORWARD, changes()));
    const deliveries = await receiver.waitFor(6);
    const types = deliveries.map((delivery) => eventOf(delivery).objectType).sort();
    const expected = ['accounts', 'accounts', 'contacts', 'leads', 'opportunities', 'users'];
    assert.deepEqual(types, expected);
  });

  it(`"${RECEIVE}" takes what is signed, each event once`, async () => {
    await nodeRed.deploy(exampleFlow(RECEIVE, receiving()));
    const webhook = createEnvelope('standard-webhooks', SECRET).render([changeOf('7')], {
      ...{ instanceId: 'poll', now: Date.now() },
    });
    const { body } = webhook;
    const headers = webhook.headersFor(Date.now());
    assert.equal(await post(body.replace('record', 'rec0rd'), headers), 401);
    assert.equal(await post(body, { ...headers, 'webhook-id': 'another' }), 401);
    assert.equal(await post(body, webhook.headersFor(Date.now() - HOUR)), 401);
    assert.equal(await post(body, {}), 400);
    assert.equal(await post(body, headers), 204);
    assert.equal(await post(body, headers), 204);
    const next = createEnvelope('standard-webhooks', SECRET).render([changeOf('8')], {
      ...{ instanceId: 'poll', now: Date.now() },
    });
    assert.equal(await post(next.body, next.headersFor(Date.now())), 204);
    assert.equal((await shownLines(NEW_EVENT, 2)).length, 2);
    assertNoProblem();
  });

  it(`"${RECEIVE}" asks to be called later while it has no secret`, async () => {
    await nodeRed.deploy(exampleFlow(RECEIVE, { debug: { console: true } }));
    assert.equal(await post('{}', {}), 503);
    await shownLines(/\[debug:Problems\]/, 1);
  });

  it(`"${RECEIVE}" takes what "${FORWARD}" sends`, async () => {
    const url = nodeRed.url + path();
    const credentials = { signatureKey: SECRET, username: '', password: '' };
    const forward = exampleFlow(FORWARD, {
      ...changes(),
      'sagecrm-callback': { url, format: 'standard-webhooks', allowPrivate: true, credentials },
    });
    await nodeRed.deploy([...exampleFlow(RECEIVE, receiving()), ...forward]);
    const lines = await shownLines(NEW_EVENT, 6);
    assert.equal(lines.length, 6);
    await shownLines(/\[debug:Delivered\]/, 6);
    assertNoProblem();
  });

  /** Resolves to the lines that match once there are so many. */
  function shownLines(pattern: RegExp, count: number): Promise<string[]> {
    return nodeRed.waitForLog(pattern, { after: firstLine, count });
  }

  function assertNoProblem(): void {
    assert.doesNotMatch(nodeRed.log.slice(firstLine).join('\n'), /\[debug:Problems\]/);
  }

  /** Posts to the example as a sender does; resolves to the status. */
  async function post(body: string, headers: Record<string, string>): Promise<number> {
    const response = await fetch(nodeRed.url + path(), { method: 'POST', body, headers });
    await response.body?.cancel();
    return response.status;
  }

  function path(): string {
    return String(nodeOfType(exampleFlow(RECEIVE), 'http in').url);
  }

  /** The secret is an environment variable of the tab, kept as a credential. */
  function receiving(): Changes {
    return {
      tab: { credentials: { SAGECRM_WEBHOOK_SECRET: SECRET } },
      debug: { console: true },
    };
  }

  /** What the comment of each example asks the user to edit, and a start that finds records. */
  function changes(): Changes {
    return {
      'sagecrm-config': { subdomain: simulator.url, credentials: USER },
      'sagecrm-poll': { start: 'all' },
      'sagecrm-callback': { url: receiver.url, allowPrivate: true },
      debug: { console: true },
    };
  }
});

/** One record of each kind and a case, all newly created, and an account that was updated later. */
function seed({ crm }: Simulator): void {
  const stamp = Date.now() - HOUR;
  crm.defineEntity('cases', { columnPrefix: 'Case', columns: ['Case_Description'] });
  crm.seed({ companies: 2, people: 1, leads: 1, opportunities: 1, users: 1 }, { stamp });
  crm.create('cases', {}, { stamp });
  crm.update('company', 2, {}, { stamp: stamp + HOUR / 2 });
}

function injectOf(flow: readonly FlowNode[], topic: string): FlowNode | undefined {
  return flow.find((node) => node.type === 'inject' && node.topic === topic);
}
