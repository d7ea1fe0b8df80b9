import assert from 'node:assert/strict';
import type { DeadLetterView } from '../../nodes/sagecrm-callback/dead-letter-view';
import type { OutboxStatus } from '../../src/delivery/outbox-status';
import type { WebhookReceiver } from '../simulator/webhook-receiver';
import { CallbackRig } from './support/callback-rig';
import { NodeRedProcess } from './support/node-red-process';
import { newUserDir } from './support/package';
import { describeOn } from './support/runtimes';

const READER = { username: 'reader', password: 'only for tests' };
/** Its password with bcrypt, at the least cost. */
const READER_HASH = '$2b$04$pj5h0hDjVzbedn9230F7F.VkJBqUe85uUHZ4l1.gH4AGeY9DmpRQC';

/** Everybody may do everything, but whoever logs on as the reader may only look. */
const ADMIN_AUTH = {
  type: 'credentials',
  users: [{ username: READER.username, password: READER_HASH, permissions: 'read' }],
  default: { permissions: '*' },
};

// It asks nothing of the runtime here; the tests of the node run the same code on both.
describeOn('nodeRed5', 'the dead letters of a callback node', (runtime) => {
  let nodeRed: NodeRedProcess;
  let rig: CallbackRig;
  let receiver: WebhookReceiver;

  before('start Node-RED', async function () {
    this.timeout(180_000);
    nodeRed = await NodeRedProcess.start({
      ...{ runtime: runtime(), userDir: await newUserDir() },
      settings: { adminAuth: ADMIN_AUTH },
    });
  });

  after(() => nodeRed.stop());

  beforeEach(async () => {
    rig = await CallbackRig.on(nodeRed);
    ({ receiver } = rig);
    receiver.respond = () => ({ status: 404 });
    await rig.deploy();
    await rig.give(['1', '2', '3', '4']);
    await rig.outcomes(4);
    receiver.respond = [];
    rig.forget();
  });

  afterEach(() => rig.close());

  it('are listed by a message and by the admin API, page by page', async () => {
    const letters = await rig.letters();
    assert.deepEqual(recordsOf(letters).sort(), ['1', '2', '3', '4']);
    for (const { reason, attempts, target, takenAt, buriedAt } of letters) {
      assert.deepEqual([reason.code, reason.statusCode], ['DELIVERY_REFUSED', 404]);
      assert.deepEqual([attempts, target], [1, '']);
      const [taken, buried] = [Date.parse(takenAt), Date.parse(buriedAt)];
      assert.ok(taken <= buried && buried <= Date.now(), `${takenAt}, ${buriedAt}`);
    }
    const newest = await rig.ask<DeadLetterView[]>('dead-letters');
    assert.deepEqual(newest, [...letters].reverse());
    const page = { order: 'oldest', limit: 2, after: letters[0]?.letter };
    assert.deepEqual(await rig.ask('dead-letters', page), letters.slice(1, 3));
    assert.deepEqual(await rig.admin('dead-letters', page), letters.slice(1, 3));
  });

  it('are delivered again by a message, one or all', async () => {
    const [first] = await rig.letters();
    assert.ok(first);
    assert.deepEqual(await rig.ask('replay', { letters: [first.letter] }), { replayed: 1 });
    const [outcome] = await rig.outcomes(1);
    assert.equal(outcome?.delivery?.status, 'delivered');
    assert.equal(outcome.event?.eventId, first.message.event.eventId);

    assert.deepEqual(await rig.ask('replay', { all: true }), { replayed: 3 });
    await rig.outcomes(4);
    assert.deepEqual(rig.received().slice(4).sort(), ['1', '2', '3', '4']);
    assert.deepEqual(await rig.letters(), []);
    assertIdsAreThoseOfBefore();
  });

  it('are delivered again through the admin API, and fail again with all tries counted anew', async () => {
    receiver.respond = [{ status: 503 }, { status: 404 }];
    const [first] = await rig.letters();
    assert.ok(first);
    const answer = await rig.admin('replay', { letters: [first.letter] });
    assert.deepEqual(answer, { replayed: 1 });
    await rig.outcomes(1);
    const letters = await rig.letters();
    const again = letters.at(-1);
    assert.deepEqual(recordsOf(again === undefined ? [] : [again]), recordsOf([first]));
    assert.equal(again?.attempts, 2);
    assert.deepEqual(await rig.admin('replay', { all: true }), { replayed: 4 });
    await rig.outcomes(5);
    assert.deepEqual(await rig.letters(), []);
  });

  it('are dropped by a message and through the admin API, one or all', async () => {
    const [first, second, ...others] = await rig.letters();
    assert.ok(first && second);
    const both = { letters: [first.letter, 999_999] };
    assert.deepEqual(await rig.ask('drop', both), { dropped: 1 });
    assert.deepEqual(await rig.admin('drop', { letters: [second.letter] }), { dropped: 1 });
    assert.deepEqual(await rig.letters(), others);
    assert.deepEqual(await rig.admin('drop', { all: true }), { dropped: 2 });
    assert.equal((await rig.admin<OutboxStatus>('status')).dead, 0);
    assert.equal(receiver.deliveries.length, 4);
  });

  it('are left alone when it is not said which are meant', async () => {
    await assert.rejects(rig.admin('drop'), /400 .*INPUT_INVALID/);
    await assert.rejects(rig.admin('replay', { letters: [] }), /400 .*INPUT_INVALID/);
    await assert.rejects(rig.admin('status', { id: 'nobody' }), /400 .*INPUT_INVALID/);
    assert.equal((await rig.letters()).length, 4);
  });

  it('are shown to a user who may only read, who cannot touch them', async () => {
    const reader = { authorization: `Bearer ${await logOn()}` };
    const status = await rig.admin<OutboxStatus>('status', {}, reader);
    assert.deepEqual([status.dead, status.depth], [4, 0]);
    assert.equal((await rig.admin<DeadLetterView[]>('dead-letters', {}, reader)).length, 4);
    for (const name of ['replay', 'drop', 'enable']) {
      await assert.rejects(rig.admin(name, { all: true }, reader), /: 40[13] /);
    }
    assert.equal((await rig.letters()).length, 4);
  });

  async function logOn(): Promise<string> {
    const response = await nodeRed.request('POST', '/auth/token', {
      ...{ client_id: 'node-red-admin', grant_type: 'password', scope: 'read' },
      ...READER,
    });
    const { access_token: token } = (await response.json()) as { access_token: string };
    return token;
  }

  /** A receiver can tell that it has seen them. */
  function assertIdsAreThoseOfBefore(): void {
    const ids = receiver.deliveries.map(({ json }) => (json as { id: string }).id);
    assert.equal(new Set(ids).size, 4);
  }
});

function recordsOf(letters: readonly DeadLetterView[]): string[] {
  return letters.map(({ message }) => message.event.objectId);
}
