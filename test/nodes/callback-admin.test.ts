import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import type { NodeAPI } from 'node-red';
import sagecrmCallback from '../../nodes/sagecrm-callback/sagecrm-callback';
import type { TestReport } from '../../nodes/sagecrm-callback/test-report';
import type { RequestPreview } from '../../src/delivery/preview';
import { startReceiver, type WebhookReceiver } from '../simulator/webhook-receiver';
import { AdminServer } from '../support/admin-server';
import {
  loadFlow,
  startNodeRed,
  stopNodeRed,
  unloadFlow,
  type NodeInitializer,
} from '../support/node-red';

const RUNTIME = process.env.TEST_NODE_RED ?? require.resolve('node-red');
const STORED = '__PWRD__';
const SECRETS = {
  signatureKey: 'whsec_c3RvcmVkIGtleQ==',
  username: 'hook',
  password: 'hidden-word',
};
const ALL_STORED = { signatureKey: STORED, username: 'hook', password: STORED };
const SAMPLE = {
  instanceId: 'poll',
  resource: 'contacts',
  instanceName: 'Bremen',
  tags: ['north'],
};

interface Auth {
  init(settings: object, storage: object): void;
  needsPermission: NodeAPI['auth']['needsPermission'];
}

describe('the routes with which the dialog of sagecrm-callback shows and tries a webhook', () => {
  let receiver: WebhookReceiver;
  let admin: AdminServer;
  let userDir: string;

  beforeEach(async () => {
    receiver = await startReceiver({ canGoDown: true });
    userDir = await mkdtemp(path.join(os.tmpdir(), 'sagecrm-callback-admin-'));
    admin = await AdminServer.start();
    await startNodeRed({ userDir });
  });

  afterEach(async () => {
    await unloadFlow();
    await stopNodeRed();
    await admin.close();
    await receiver.close();
    await rm(userDir, { recursive: true });
    delete process.env.SAGECRM_TEST_TOKEN;
  });

  /** Starts a flow with a callback node that has secrets, for the receiver or another URL. */
  async function load(url = receiver.url, types: readonly NodeInitializer[] = []): Promise<void> {
    const node = { id: 'callback', type: 'sagecrm-callback', url, allowPrivate: true, wires: [[]] };
    await loadFlow([admin.serve, ...types, sagecrmCallback], [node], { callback: SECRETS });
  }

  function post(
    route: 'preview' | 'test',
    body: object,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    const form = { id: 'callback', sample: SAMPLE, ...body };
    return admin.post(`/sagecrm-callback/${route}`, form, { headers });
  }

  async function answer<Value>(response: Response): Promise<Value> {
    const text = await response.text();
    for (const secret of [SECRETS.signatureKey, 'c3RvcmVkIGtleQ==', SECRETS.password]) {
      assert.ok(!text.includes(secret), text);
    }
    assert.equal(response.status, 200, text);
    return JSON.parse(text) as Value;
  }

  async function refused(response: Response): Promise<{ code: string; nextStep: string }> {
    assert.equal(response.status, 400);
    return (await response.json()) as { code: string; nextStep: string };
  }

  function form(change: object = {}): { properties: object } {
    return { properties: { url: `${receiver.url}/hook`, allowPrivate: true, ...change } };
  }

  describe('POST /sagecrm-callback/preview', () => {
    for (const [format, id] of [
      ['open-connectors', /"instanceName": "Bremen"/],
      ['standard-webhooks', /"type": "sagecrm\.contacts\.updated"/],
      ['cloudevents', /"source": "\/sagecrm\/poll\/contacts"/],
    ] as const) {
      it(`shows the request in the format ${format}`, async () => {
        await load();
        const shown = await answer<RequestPreview>(await post('preview', form({ format })));
        assert.equal(shown.url, `${receiver.url}/hook`);
        assert.match(shown.body, id);
        assert.ok(!Object.keys(shown.headers).some((name) => /signature/i.test(name)));
        assert.equal(receiver.deliveries.length, 0);
      });
    }

    it('signs with a sample key, whatever the key of the node is', async () => {
      await load();
      const shown = async (signatureKey: string): Promise<string | undefined> => {
        const body = { ...form({ format: 'standard-webhooks' }), credentials: { signatureKey } };
        const { headers } = await answer<RequestPreview>(await post('preview', body));
        return headers['webhook-signature'];
      };
      const stored = await shown(STORED);
      assert.match(stored ?? '', /^v1,\S+$/);
      assert.equal(await shown('whsec_b3RoZXI='), stored);
      assert.match((await shown('whsec_bmV3 whsec_b2xk')) ?? '', /^v1,\S+ v1,\S+$/);
    });

    it('holds as many events as a webhook', async () => {
      await load();
      const { body } = await answer<RequestPreview>(await post('preview', form({ batchSize: 3 })));
      assert.equal(body.match(/"eventType": /g)?.length, 3);
    });

    it('shows neither a log-on nor a variable of the environment', async () => {
      process.env.SAGECRM_TEST_TOKEN = 'hidden-word';
      await load();
      const properties = {
        url: '${SAGECRM_TEST_TOKEN}',
        headers: { 'X-T': '${SAGECRM_TEST_TOKEN}' },
      };
      const shown = await answer<RequestPreview>(
        await post('preview', { properties, credentials: ALL_STORED }),
      );
      assert.equal(shown.headers['X-T'], '${SAGECRM_TEST_TOKEN}');
      assert.equal(shown.headers.Authorization, 'Basic …');
    });

    it('refuses a key that the format cannot use', async () => {
      await load();
      const credentials = { signatureKey: 'not base64' };
      const body = { ...form({ format: 'cloudevents' }), credentials };
      assert.match((await refused(await post('preview', body))).nextStep, /whsec_/);
    });
  });

  describe('POST /sagecrm-callback/test', () => {
    it('sends one event that says it is a test, with the stored secrets', async () => {
      await load();
      const first = await answer<TestReport>(
        await post('test', { ...form(), credentials: ALL_STORED }),
      );
      const second = await answer<TestReport>(await post('test', form()));
      assert.equal(first.statusCode, 200);
      assert.match(first.id, /^test-/);
      assert.notEqual(first.id, second.id);
      const [delivery = assert.fail()] = receiver.deliveries;
      assert.equal(receiver.deliveries.length, 2);
      assert.match(delivery.body, /"sagecrmTest":true/);
      const pair = Buffer.from(`hook:${SECRETS.password}`).toString('base64');
      assert.equal(delivery.headers.authorization, `Basic ${pair}`);
      assert.ok(delivery.headers['elements-webhook-signature']);
    });

    it('blacks out what a receiver repeats of its secrets', async () => {
      process.env.SAGECRM_TEST_TOKEN = 'token-of-the-environment';
      await load();
      receiver.respond = ({ headers }) => ({
        status: 500,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ ...headers, said: SECRETS.password }),
      });
      const headers = { 'X-Token': '${SAGECRM_TEST_TOKEN}' };
      const report = await answer<TestReport>(await post('test', form({ headers })));
      assert.match(report.excerpt ?? '', /"x-token":"•••"/);
      assert.match(report.excerpt ?? '', /"authorization":"•••"/);
      assert.equal(report.error?.code, 'SERVER_ERROR');
    });

    it('never sends stored secrets to another receiver', async () => {
      await load('https://receiver.example.com/hook');
      for (const credentials of [ALL_STORED, {}]) {
        const error = await refused(await post('test', { ...form(), credentials }));
        assert.match(error.nextStep, /type the signature key and the password again/);
      }
      assert.equal(receiver.deliveries.length, 0);
      const credentials = { signatureKey: 'typed', username: '', password: '' };
      await answer<TestReport>(await post('test', { ...form(), credentials }));
      assert.equal(receiver.deliveries.length, 1);
    });

    it('keeps to the addresses that are allowed', async () => {
      await load();
      const report = await answer<TestReport>(await post('test', form({ allowPrivate: false })));
      assert.equal(report.error?.code, 'ADDRESS_REFUSED');
      assert.match(report.error.nextStep, /allow private addresses/);
      assert.equal(receiver.deliveries.length, 0);
    });

    it('tries once, and says what to do when nobody answers', async () => {
      await load();
      await receiver.goDown();
      const report = await answer<TestReport>(await post('test', form()));
      assert.equal(report.error?.code, 'UNREACHABLE');
      assert.equal(report.statusCode, undefined);
      await receiver.comeUp();
    });
  });

  it('are for those who may: to look, and to do', async () => {
    const auth = createRequire(createRequire(RUNTIME).resolve('@node-red/editor-api'))(
      './auth',
    ) as Auth;
    const users = ['reader', 'writer'].map((username) => ({ username, password: '' }));
    const tokens = [
      { token: 'may-read', user: 'reader', scope: 'read' },
      { token: 'may-write', user: 'writer', scope: ['sagecrm-callback.write'] },
    ];
    auth.init(
      { adminAuth: { type: 'credentials', users, tokens } },
      { getSessions: () => Promise.resolve({}) },
    );
    try {
      await load(receiver.url, [
        (RED) => {
          RED.auth = { needsPermission: auth.needsPermission };
        },
      ]);
      const status = async (route: 'preview' | 'test', token: string): Promise<number> => {
        const response = await post(route, form(), { authorization: `Bearer ${token}` });
        await response.text();
        return response.status;
      };
      assert.equal(await status('preview', 'made-up'), 401);
      assert.equal(await status('preview', 'may-read'), 200);
      assert.equal(await status('preview', 'may-write'), 401);
      assert.equal(await status('test', 'may-read'), 401);
      assert.equal(receiver.deliveries.length, 0);
      assert.equal(await status('test', 'may-write'), 200);
    } finally {
      auth.init({}, {});
    }
  });
});
