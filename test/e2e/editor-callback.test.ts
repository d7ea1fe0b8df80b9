import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import type { Locator } from 'playwright-core';
import { startReceiver, type Delivery, type WebhookReceiver } from '../simulator/webhook-receiver';
import { violations } from './support/axe';
import type { EditorPage } from './support/editor-page';
import { nodeOfType } from './support/example-flow';
import { forwardingFlow } from './support/forwarding';
import type { FlowNode } from './support/node-red-process';
import { describeInEditor } from './support/shared-editor';

const KEY = /^whsec_[A-Za-z0-9+/]{43}=$/;
const STORED_KEY = 'a key of the receiver';

describeInEditor('nodeRed5', 'the dialog of sagecrm-callback', (shared) => {
  let flow: FlowNode[];
  let receiver: WebhookReceiver;
  let callback: string;
  let editor: EditorPage;

  before(async () => {
    receiver = await startReceiver();
    flow = forwardingFlow({
      ...{ crm: 'http://127.0.0.1:9', username: 'someone', password: 'a secret', interval: 0 },
      ...{ callback: `${receiver.url}/hook`, signatureKey: STORED_KEY },
    });
    callback = nodeOfType(flow, 'sagecrm-callback').id;
  });

  after(() => receiver.close());

  beforeEach(async () => {
    receiver.deliveries.length = 0;
    receiver.respond = [];
    editor = await shared().show(flow);
    await editor.edit(callback);
    await editor.untilValue('#node-input-url', `${receiver.url}/hook`);
  });

  function find(selector: string): Locator {
    return editor.tray().locator(selector);
  }

  /** Opens the preview; resolves to it once it holds `wanted`. */
  async function preview(wanted: string): Promise<string> {
    const shown = find('.sagecrm-request');
    await find('#sagecrm-callback-preview').evaluate((fold: HTMLDetailsElement) => {
      fold.open = true;
    });
    await shown.filter({ hasText: wanted }).waitFor();
    return (await shown.textContent()) ?? '';
  }

  async function sendTest(): Promise<string> {
    await find('#sagecrm-callback-test').click();
    await find('#sagecrm-callback-test:enabled').waitFor();
    return (await find('#sagecrm-callback-test-result').textContent()) ?? '';
  }

  async function onlyDelivery(): Promise<Delivery> {
    const [delivery, ...others] = await receiver.waitFor(1);
    assert.equal(others.length, 0);
    return delivery ?? assert.fail();
  }

  it('shows the request that it would send, and follows the form', async () => {
    const first = await preview('Elements-Webhook-Signature');
    assert.ok(first.startsWith(`POST ${receiver.url}/hook\n`));
    assert.match(first, /"instanceName": /);
    await find('#node-input-format').selectOption('standard-webhooks');
    assert.match(await preview('webhook-signature: v1,'), /"type": "sagecrm\.accounts\.updated"/);
    await find('#node-input-format').selectOption('cloudevents');
    assert.match(await preview('"specversion"'), /application\/cloudevents\+json/);
    await find('#node-input-cloudEventsMode').selectOption('binary');
    await preview('ce-type: com.sagecrm.accounts.updated');
    await find('#node-input-url').fill('https://other.example.com/');
    await preview('POST https://other.example.com/');
    await find('#node-input-header-add').click();
    await find('#node-input-header-1-name').fill('X-Office');
    await find('#node-input-header-1-value').fill('Bremen');
    await preview('X-Office: Bremen');
    assert.deepEqual(receiver.deliveries, []);
    assert.deepEqual(editor.complaints, []);
  });

  it('makes a signature key, which a test event is then signed with', async () => {
    await find('#node-input-format').selectOption('standard-webhooks');
    await find('#sagecrm-callback-generate-key').click();
    const made = await find('#sagecrm-callback-new-key input').inputValue();
    assert.match(made, KEY);
    assert.equal(await find('#node-input-signatureKey').inputValue(), made);
    assert.match(await find('.sagecrm-key-note').innerText(), /Copy this key .* the old one/);

    await find('#node-input-signatureKey').fill('whsec_b2xk');
    await find('#sagecrm-callback-new-key').waitFor({ state: 'hidden' });
    await find('#sagecrm-callback-generate-key').click();
    const second = await find('#sagecrm-callback-new-key input').inputValue();
    assert.equal(await find('#node-input-signatureKey').inputValue(), `${second} whsec_b2xk`);
    assert.notEqual(second, made);

    await find('#node-input-username').fill('hook');
    await find('#node-input-password').fill('a password');
    assert.match(await sendTest(), /status 200/);
    const { headers, body } = await onlyDelivery();
    const key = Buffer.from(second.slice('whsec_'.length), 'base64');
    const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
    const expected = `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
    assert.equal(String(headers['webhook-signature']).split(' ')[0], expected);
    assert.deepEqual(editor.complaints, []);
  });

  it('signs a test event with the stored key, which the browser never has', async () => {
    receiver.respond = [{ status: 201, headers: { 'content-type': 'text/plain' }, body: 'Thanks' }];
    const told = await sendTest();
    assert.match(told, /status 201.*test-[\w-]+.*Thanks/);
    const { headers, body, json } = await onlyDelivery();
    const expected = createHmac('sha256', STORED_KEY).update(body).digest('base64');
    assert.equal(headers['elements-webhook-signature'], `sha256=${expected}`);
    assert.match(JSON.stringify(json), /"id":"test-.*"sagecrmTest":true/);
    assert.deepEqual(editor.complaints, []);
  });

  it('says why a test event was not delivered, and what to do', async () => {
    await find('#node-input-allowPrivate').uncheck();
    assert.match(await sendTest(), /not an address of the public internet.*allow private/);
    await find('#node-input-allowPrivate').check();
    receiver.respond = [{ status: 401 }];
    assert.match(await sendTest(), /refused the webhook with status 401.*check the callback URL/);
    assert.equal(receiver.deliveries.length, 1);
  });

  it('has no fault that axe finds', async () => {
    await preview('Elements-Webhook-Signature');
    await find('#sagecrm-callback-generate-key').click();
    receiver.respond = [{ headers: { 'content-type': 'text/plain' }, body: 'Thanks' }];
    await sendTest();
    assert.deepEqual(await violations(editor.page, '.sagecrm-form'), []);
  });
});
