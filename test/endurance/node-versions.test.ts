import assert from 'node:assert/strict';
import { exampleFlow } from '../e2e/support/example-flow';
import { NodeRedProcess } from '../e2e/support/node-red-process';
import { newUserDir } from '../e2e/support/package';
import { eventOf } from '../e2e/support/webhooks';
import { startSimulator, type Simulator } from '../simulator/simulator';
import { startReceiver, type WebhookReceiver } from '../simulator/webhook-receiver';
import { ensureNode, ensureNodeRed5 } from '../../scripts/runtimes';

const USER = { username: 'crm-user', password: 'crm-pass' };

/** The oldest Node.js that Node-RED 5 takes, and the newest there is. */
const VERSIONS = ['22.9', '26'];

for (const version of VERSIONS) {
  describe(`the tarball on Node-RED 5 and Node.js ${version}`, function () {
    this.timeout(600_000);
    let simulator: Simulator;
    let receiver: WebhookReceiver;
    let nodeRed: NodeRedProcess;

    before(async () => {
      simulator = await startSimulator(USER);
      receiver = await startReceiver();
      const runtime = { ...(await ensureNodeRed5()), node: await ensureNode(version) };
      nodeRed = await NodeRedProcess.start({ runtime, userDir: await newUserDir() });
    });

    after(async () => {
      await nodeRed.stop();
      await receiver.close();
      await simulator.close();
    });

    it('forwards a record as a webhook', async () => {
      const { id } = simulator.crm.create('company', { Comp_Name: 'Cedar Works' });
      await nodeRed.deploy(
        exampleFlow('4 Forward to a webhook', {
          'sagecrm-config': { subdomain: simulator.url, credentials: USER },
          'sagecrm-poll': { start: 'all' },
          'sagecrm-callback': { url: receiver.url, allowPrivate: true },
        }),
      );
      const [delivery] = await receiver.waitFor(1);
      assert.ok(delivery !== undefined);
      const { objectType, objectId } = eventOf(delivery);
      assert.deepEqual({ objectType, objectId }, { objectType: 'accounts', objectId: id });
      assert.match(nodeRed.log.join('\n'), new RegExp(`Node\\.js +version: v${version}\\.`));
    });
  });
}
