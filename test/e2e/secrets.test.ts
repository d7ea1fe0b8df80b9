import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { startSimulator, type Simulator } from '../simulator/simulator';
import { loopbackTls } from '../simulator/tls/loopback-tls';
import {
  startReceiver,
  type Delivery,
  type ReceiverAnswer,
  type WebhookReceiver,
} from '../simulator/webhook-receiver';
import { EditorTraffic } from './support/comms';
import { NodeRedProcess, type FlowNode } from './support/node-red-process';
import { newUserDir } from './support/package';
import { leaks } from './support/planted';
import { describeOnEachRuntime } from './support/runtimes';
import { BUTTON, environmentOf, failing, PLANTED, secretFlow } from './support/secret-flow';

/** What a failure can be told by, whatever else it holds. */
const LOUD = { console: { level: 'trace', metrics: true, audit: true } };

/** A port for the system's own services, which no other test can be given meanwhile. */
const NOBODY = 'http://127.0.0.1:9';

/** Those of them that go to a server or receiver. */
const SENT: readonly string[] = [
  ...['crmPassword', 'userSecret', 'organizationSecret', 'elementToken'],
  ...['hookPassword', 'headerValue', 'urlPassword'],
];

describeOnEachRuntime('a secret', (runtime) => {
  let simulator: Simulator;
  let echo: WebhookReceiver;
  let untrusted: WebhookReceiver;
  let nodeRed: NodeRedProcess;
  let traffic: EditorTraffic;
  let userDir: string;
  let flow: FlowNode[];

  before('let everything fail that can', async function () {
    this.timeout(180_000);
    simulator = await startSimulator({ password: PLANTED.crmPassword });
    simulator.crm.create('company');
    echo = await startReceiver({ respond: echoOf });
    untrusted = await startReceiver({ respond: echoOf, tls: loopbackTls() });
    const places = { echo: echo.url, untrusted: untrusted.url, nobody: NOBODY, crm: simulator.url };
    userDir = await newUserDir();
    nodeRed = await NodeRedProcess.start({
      ...{ runtime: runtime(), userDir, env: environmentOf(places) },
      settings: { logging: LOUD },
    });
    traffic = await EditorTraffic.open(nodeRed.url);
    flow = secretFlow(places);
    await nodeRed.deploy(flow);
    await nodeRed.inject(BUTTON);
    await Promise.all(failing(flow).map((id) => nodeRed.waitForLog(new RegExp(`seen ${id} `))));
    await nodeRed.waitForLog(/"status":"delivered"/);
    await nodeRed.waitForLog(/410/);
  });

  after(async () => {
    traffic.close();
    await nodeRed.stop();
    await Promise.all([echo.close(), untrusted.close(), simulator.close()]);
  });

  it('reaches those whom it is for, and is found when it is looked for', () => {
    const requests = echo.deliveries.map(({ headers }) => JSON.stringify(headers));
    const sent = leaks(requests.join('\n'), PLANTED);
    assert.deepEqual(sent.sort(), [...SENT].sort());
  });

  it('is not in the log, though that tells everything', () => {
    assert.match(nodeRed.log.join('\n'), /\[trace\]|\[audit\]/);
    assert.deepEqual(leaks(nodeRed.log.join('\n'), PLANTED), []);
  });

  it('is not in what the editor gets: the debug sidebar and the status of nodes', () => {
    assert.match(traffic.text, /"topic":"debug"/);
    assert.match(traffic.text, /"topic":"status\/to-500"/);
    assert.deepEqual(leaks(traffic.text, PLANTED), []);
  });

  it('is not in the flows that the editor loads, nor in the file of them', async () => {
    const response = await nodeRed.request('GET', '/flows');
    assert.deepEqual(leaks(await response.text(), PLANTED), []);
    const file = await readFile(path.join(userDir, 'flows.json'), 'utf8');
    assert.deepEqual(leaks(file, PLANTED), []);
    for (const { id, type } of flow) {
      const known = await nodeRed.request('GET', `/credentials/${type.replace(' ', '-')}/${id}`);
      assert.deepEqual(leaks(await known.text(), PLANTED), [], id);
    }
  });

  it('is not in what is kept on disk', async () => {
    const folder = path.join(userDir, 'sagecrm');
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    assert.ok(files.some(({ parentPath }) => parentPath.includes('poll-crm')));
    assert.ok(files.some(({ parentPath }) => parentPath.includes('to-404')));
    for (const { parentPath, name } of files) {
      const content = await readFile(path.join(parentPath, name), 'latin1');
      assert.deepEqual(leaks(content, PLANTED), [], name);
    }
  });

  it('is not in the answers of the admin API', async () => {
    const answers: string[] = [];
    for (const { id, type, ...properties } of flow) {
      if (type === 'sagecrm-callback') {
        answers.push(await answer('sagecrm-callback/status', { id }));
        answers.push(await answer('sagecrm-callback/dead-letters', { id }));
      } else if (type === 'sagecrm-config') {
        const form = { id, properties: { ...properties, credentials: undefined } };
        answers.push(await answer('sagecrm-config/test', form));
        answers.push(await answer('sagecrm-config/entities', form));
      }
    }
    const text = answers.join('\n');
    assert.match(text, /DELIVERY_REFUSED/);
    assert.match(text, /"code":"UNREACHABLE"/);
    assert.deepEqual(leaks(text, PLANTED), []);
  });

  /** The answer as text, an error's too. */
  async function answer(name: string, body: object): Promise<string> {
    try {
      return await (await nodeRed.request('POST', `/${name}`, body)).text();
    } catch (error) {
      return String(error);
    }
  }
});

/** Says a request back in headers and body; a path such as `/404` asks for that status. */
function echoOf({ path: asked, headers, body }: Delivery): ReceiverAnswer {
  const said = JSON.stringify({ headers, body });
  const status = Number(/^\/(\d{3})/.exec(asked)?.[1] ?? 200);
  return {
    status,
    headers: {
      ...{ 'content-type': 'text/html', 'x-echo': encodeURIComponent(headers.authorization ?? '') },
      ...(status === 302 ? { location: `/elsewhere?${encodeURIComponent(said)}` } : {}),
      ...(status === 401
        ? { 'www-authenticate': `Basic realm="${encodeURIComponent(said)}"` }
        : {}),
    },
    body: `<html><body>${said}</body></html>`,
  };
}
