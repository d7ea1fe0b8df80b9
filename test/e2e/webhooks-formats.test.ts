import assert from 'node:assert/strict';
import { CloudEvent, HTTP } from 'cloudevents';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';
import { startReceiver, type Delivery, type WebhookReceiver } from '../simulator/webhook-receiver';
import { CallbackRig, changeOf } from './support/callback-rig';
import { NodeRedProcess } from './support/node-red-process';
import { newUserDir } from './support/package';
import { describeOn } from './support/runtimes';

const NEW = secretOf('the new key of 24 bytes.');
const OLD = secretOf('the old key of 24 bytes.');
const OTHER = secretOf('a key of somebody else..');

/** More than one webhook takes. */
const MANY = Array.from({ length: 25 }, (_, index) => `${index + 1}`);

// It asks nothing of the runtime here; the tests of the node run the same code on both.
describeOn('nodeRed5', 'the webhooks of a callback node', (runtime) => {
  let nodeRed: NodeRedProcess;
  let rig: CallbackRig;
  let receiver: WebhookReceiver;

  before('start Node-RED', async function () {
    this.timeout(180_000);
    nodeRed = await NodeRedProcess.start({ runtime: runtime(), userDir: await newUserDir() });
  });

  after(() => nodeRed.stop());

  beforeEach(async () => {
    rig = await CallbackRig.on(nodeRed);
    ({ receiver } = rig);
  });

  afterEach(() => rig.close());

  for (const format of ['standard-webhooks', 'cloudevents'] as const) {
    it(`are verified with the old and with the new key while they change, as ${format}`, async () => {
      await rig.deploy({ format }, { signatureKey: `${NEW} ${OLD}` });
      await rig.give(['1']);
      const [delivery] = await receiver.waitFor(1);
      assert.ok(delivery);
      for (const key of [NEW, OLD]) verify(key, delivery);
      assert.throws(() => {
        verify(OTHER, delivery);
      }, WebhookVerificationError);

      await rig.deploy({ format }, { signatureKey: NEW });
      await rig.give(['2']);
      const [, later] = await receiver.waitFor(2);
      assert.ok(later);
      verify(NEW, later);
      assert.throws(() => {
        verify(OLD, later);
      }, WebhookVerificationError);
    });
  }

  it('are verified in each try', async () => {
    receiver.respond = [{ status: 503 }];
    await rig.deploy({ format: 'standard-webhooks' }, { signatureKey: NEW });
    await rig.give(['1']);
    const [first, second] = await receiver.waitFor(2);
    assert.ok(first && second);
    verify(NEW, first);
    verify(NEW, second);
    assert.equal(second.headers['webhook-id'], first.headers['webhook-id']);
  });

  it('are CloudEvents in headers and body in binary mode', async () => {
    await rig.deploy({ format: 'cloudevents', cloudEventsMode: 'binary' }, { signatureKey: NEW });
    await rig.give(['7']);
    const [delivery] = await receiver.waitFor(1);
    assert.ok(delivery);
    verify(NEW, delivery);
    assert.equal(delivery.headers['ce-type'], 'com.sagecrm.accounts.updated');
    const [event] = cloudEventsIn(delivery);
    assertRecord(event, '7');
  });

  it('are CloudEvents by the dozen in batch mode', async () => {
    const mode = { format: 'cloudevents', cloudEventsMode: 'batch', batchSize: 10, flushAfter: 1 };
    await rig.deploy(mode, { signatureKey: NEW });
    await rig.give(MANY);
    const outcomes = await rig.outcomes(MANY.length);
    assert.ok(outcomes.every(({ delivery }) => delivery?.status === 'delivered'));
    const { deliveries } = receiver;
    for (const delivery of deliveries) verify(NEW, delivery);
    const batches = deliveries.map(cloudEventsIn);
    assert.ok(batches.every(({ length }) => length <= 10));
    assert.ok(batches.length < MANY.length / 2, `${batches.length}`);
    const events = batches.flat();
    assert.deepEqual(events.map(({ subject }) => subject).sort(), [...MANY].sort());
    for (const event of events) assertRecord(event, event.subject ?? '');
  });

  it('go where msg.url says, with the log-on only where it belongs', async () => {
    const elsewhere = await startReceiver();
    const logOn = { username: 'hook-user', password: 'hook-pass' };
    await rig.deploy({ allowUrlOverride: true, headers: { 'X-Team': 'crm' } }, logOn);
    await rig.give(['1']);
    await rig.give(['2'], { url: `${receiver.url}/second` });
    await rig.give(['3'], { url: `${elsewhere.url}/third` });
    await rig.outcomes(3);
    await elsewhere.close();
    const { deliveries } = receiver;
    assert.deepEqual(deliveries.map(({ path }) => path).sort(), ['/', '/second']);
    for (const { headers } of deliveries) {
      assert.match(headers.authorization ?? '', /^Basic /);
      assert.equal(headers['x-team'], 'crm');
    }
    const [third] = elsewhere.deliveries;
    assert.equal(third?.path, '/third');
    assert.equal(third.headers.authorization, undefined);
    assert.equal(third.headers['x-team'], undefined);
  });

  it('go to the URL of the node when msg.url has no say', async () => {
    await rig.deploy();
    await rig.give(['1'], { url: `${receiver.url}/second` });
    const [delivery] = await receiver.waitFor(1);
    assert.equal(delivery?.path, '/');
  });
});

/** What a receiver with one key does; throws when the webhook is not genuine. */
function verify(key: string, { body, headers }: Delivery): void {
  new Webhook(key).verify(body, plain(headers));
}

function cloudEventsIn({ body, headers }: Delivery): CloudEvent<unknown>[] {
  const events = HTTP.toEvent<unknown>({ headers: plain(headers), body });
  const list = Array.isArray(events) ? events : [events];
  return list.map((event) => {
    assert.ok(event instanceof CloudEvent);
    return event;
  });
}

function assertRecord(event: CloudEvent<unknown> | undefined, record: string): void {
  assert.ok(event);
  assert.ok(event.validate());
  assert.equal(event.id, `event-${record}`);
  assert.deepEqual(event.data, changeOf(record).payload);
}

function plain(headers: Delivery['headers']): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}

function secretOf(key: string): string {
  return `whsec_${Buffer.from(key).toString('base64')}`;
}
