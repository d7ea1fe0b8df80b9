import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { NodeAPI, NodeMessage } from 'node-red';
import sagecrmConfig from '../../nodes/sagecrm-config/sagecrm-config';
import sagecrmPoll from '../../nodes/sagecrm-poll/sagecrm-poll';
import type { SageCrmConfigNode } from '../../nodes/runtime/server';
import { defaultResources } from '../../src/config/defaults';
import { SageCrmError } from '../../src/errors/sagecrm-error';
import type { EventMessage } from '../../src/event/event';
import { startSimulator, type Simulator } from '../simulator/simulator';
import { ScriptedServer } from '../unit/sagecrm/support/scripted-server';
import {
  loadFlow,
  startNodeRed,
  stopNodeRed,
  unloadFlow,
  type Credentials,
  type FlowNode,
  type RunningFlow,
} from '../support/node-red';

const LOG_ON = { username: 'crm-user', password: 'crm-pass' };
const SECRETS = { userSecret: 'u-1', organizationSecret: 'o-2', elementToken: 'e-3' };

interface CaughtMessage extends NodeMessage {
  error: { message: string; code?: string };
}

describe('sagecrm-config', () => {
  let simulator: Simulator;
  let scripted: ScriptedServer | undefined;
  let userDir: string;
  let environment: Record<string, string | undefined>;

  beforeEach(async () => {
    environment = {};
    scripted = undefined;
    userDir = await mkdtemp(path.join(os.tmpdir(), 'sagecrm-config-'));
    simulator = await startSimulator();
    simulator.crm.create('company');
    await startNodeRed({ userDir });
  });

  afterEach(async () => {
    await unloadFlow();
    await stopNodeRed();
    await simulator.close();
    await scripted?.close();
    await rm(userDir, { recursive: true });
    for (const [name, value] of Object.entries(environment)) restore(name, value);
  });

  /** Sets variables for this test only. */
  function setEnvironment(variables: Record<string, string>): void {
    for (const [name, value] of Object.entries(variables)) {
      environment[name] = process.env[name];
      process.env[name] = value;
    }
  }

  function flow(server: object = {}): FlowNode[] {
    const { accounts } = defaultResources();
    return [
      { id: 'tab', type: 'tab', label: 'flow' },
      {
        id: 'server',
        type: 'sagecrm-config',
        subdomain: `http://${simulator.host}`,
        ...server,
      },
      {
        id: 'poll',
        z: 'tab',
        type: 'sagecrm-poll',
        server: 'server',
        interval: 0,
        start: 'all',
        resources: { accounts },
        wires: [['out']],
      },
      { id: 'out', z: 'tab', type: 'helper', wires: [] },
      { id: 'catch', z: 'tab', type: 'catch', scope: null, uncaught: false, wires: [['caught']] },
      { id: 'caught', z: 'tab', type: 'helper', wires: [] },
    ];
  }

  function load(server: object = {}, logOn: Credentials[string] = LOG_ON): Promise<RunningFlow> {
    return loadFlow([sagecrmConfig, sagecrmPoll], flow(server), { server: logOn });
  }

  /** Polls; the first event that comes. */
  async function firstEvent(running: RunningFlow): Promise<EventMessage> {
    const arrives = running.message('out');
    running.send('poll', {});
    return (await arrives) as unknown as EventMessage;
  }

  /** Polls; the error that a Catch node gets. */
  async function firstError(running: RunningFlow): Promise<CaughtMessage['error']> {
    const caught = running.message('caught');
    running.send('poll', {});
    return ((await caught) as CaughtMessage).error;
  }

  function serverOf(running: RunningFlow): SageCrmConfigNode['server'] {
    return (running.node('server') as SageCrmConfigNode).server;
  }

  it('registers every secret as a password, so that none is sent to the editor', async () => {
    let credentials: unknown;
    const watching = (RED: NodeAPI): void => {
      const registerType = (type: string, node: never, options: { credentials: never }): void => {
        credentials = options.credentials;
        RED.nodes.registerType(type, node, options);
      };
      const nodes = { ...RED.nodes, registerType };
      sagecrmConfig({ ...RED, nodes });
    };
    await loadFlow([watching, sagecrmPoll], flow(), { server: LOG_ON });
    assert.deepEqual(credentials, {
      username: { type: 'text' },
      password: { type: 'password' },
      userSecret: { type: 'password' },
      organizationSecret: { type: 'password' },
      elementToken: { type: 'password' },
      redisUsername: { type: 'text' },
      redisPassword: { type: 'password' },
    });
  });

  it('gives its name and tags to the events', async () => {
    const running = await load({ name: 'main', tags: ['one', 'two'] });
    const { event } = await firstEvent(running);
    assert.equal(event.instanceName, 'main');
    assert.deepEqual(event.tags, ['one', 'two']);
  });

  it('stands in with its host where it has no name', async () => {
    const { event } = await firstEvent(await load());
    assert.equal(event.instanceName, simulator.host);
    assert.deepEqual(event.tags, []);
  });

  it('logs on with user and password', async () => {
    await firstEvent(await load());
    const pair = Buffer.from('crm-user:crm-pass').toString('base64');
    assert.equal(simulator.requests[0]?.headers.authorization, `Basic ${pair}`);
  });

  it('logs on with the three secrets of a hub when they are set', async () => {
    simulator.options = { elementAuth: SECRETS, password: 'another' };
    await firstEvent(await load({}, { ...LOG_ON, ...SECRETS }));
    assert.equal(
      simulator.requests[0]?.headers.authorization,
      'User u-1, Organization o-2, Element e-3',
    );
  });

  it('takes the subdomain, its other properties and credentials from the environment', async () => {
    simulator.options = { install: 'crm2', username: 'env-user', password: 'env-pass' };
    setEnvironment({
      CRM_HOST: `http://${simulator.host}`,
      CRM_INSTALL: 'crm2',
      CRM_TIMEOUT: '5',
      CRM_USER: 'env-user',
      CRM_PASSWORD: 'env-pass',
    });
    const running = await load(
      {
        subdomain: '${CRM_HOST}',
        install: '${CRM_INSTALL}',
        timeout: '${CRM_TIMEOUT}',
        api: 'sdata',
      },
      { username: '${CRM_USER}', password: '${CRM_PASSWORD}' },
    );
    const { event } = await firstEvent(running);
    assert.equal(event.objectType, 'accounts');
    assert.equal(simulator.requests[0]?.path, '/sdata/crm2j/sagecrm2/-/company');
  });

  for (const [what, server, field] of [
    ['subdomain with another scheme', { subdomain: 'ftp://crm' }, 'subdomain'],
    ['subdomain that is empty', { subdomain: '' }, 'subdomain'],
    ['time zone', { timezone: 'Mars' }, 'timezone'],
    ['time-out', { timeout: 'long' }, 'timeout'],
    ['API', { api: 'soap' }, 'api'],
    ['TLS configuration', { tls: 'nobody' }, 'tls'],
    ['proxy', { proxy: 'nobody' }, 'proxy'],
  ] as const) {
    it(`refuses a wrong ${what}, naming the field, and leaves the flow running`, async () => {
      const running = await load(server);
      const problem = serverOf(running);
      assert.ok(problem instanceof SageCrmError);
      assert.equal(problem.code, 'CONFIG_INVALID');
      assert.equal(problem.details.field, field);
      assert.equal(running.logged('server', 'error').length, 1);
      assert.equal((await firstError(running)).code, 'CONFIG_INVALID');
    });
  }

  it('aborts a request under way when it closes, without an error', async () => {
    simulator.faults.next({ kind: 'hang' });
    const running = await load();
    const server = serverOf(running);
    assert.ok(!(server instanceof SageCrmError));
    const asked = new Promise((resolve) => simulator.onRequest(resolve));
    running.send('poll', {});
    await asked;
    await running.deploy(flow({ name: 'edited' }));
    assert.deepEqual(running.logged('poll', 'error'), []);
    assert.deepEqual(running.logged('server', 'error'), []);
    const signal = new AbortController().signal;
    await assert.rejects(server.client.get('/', 'hub', signal), { code: 'ABORTED' });
    assert.equal((await firstEvent(running)).event.instanceName, 'edited');
  });

  it('ends its kept connections when the flow stops', async () => {
    scripted = await ScriptedServer.start(() => ({ body: [] }));
    const running = await load({ subdomain: `http://${scripted.host}` });
    const asked = scripted.nextRequest();
    running.send('poll', {});
    await asked;
    await running.status('poll', ({ fill }) => fill === 'green');
    const socket = scripted.requests[0]?.socket;
    assert.ok(socket !== undefined && !socket.destroyed);
    const ended = once(socket, 'close');
    await running.stop();
    await ended;
  });

  it('keeps every secret out of the log and the messages when the log-on is refused', async () => {
    const secrets = { username: 'crm-user', password: 'pw-hunter-2', ...SECRETS };
    const running = await load({}, secrets);
    const error = await firstError(running);
    assert.equal(error.code, 'LOGON_REFUSED');
    const shown = JSON.stringify([error, running.logged('poll', 'error')]);
    for (const secret of ['pw-hunter-2', ...Object.values(SECRETS)]) {
      assert.ok(!shown.includes(secret), secret);
    }
  });
});

function restore(name: string, value: string | undefined): void {
  if (value === undefined) Reflect.deleteProperty(process.env, name);
  else process.env[name] = value;
}
