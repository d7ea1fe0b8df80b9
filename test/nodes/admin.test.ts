import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import http from 'node:http';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import type { NodeAPI } from 'node-red';
import sagecrmCallback from '../../nodes/sagecrm-callback/sagecrm-callback';
import sagecrmConfig from '../../nodes/sagecrm-config/sagecrm-config';
import { defaultResources } from '../../src/config/defaults';
import type { TestStep } from '../../src/discovery/connection-test';
import type { EntityList, FieldList } from '../../src/discovery/entities';
import { startSimulator, type Simulator } from '../simulator/simulator';
import { loopbackTls } from '../simulator/tls/loopback-tls';
import { AdminServer, close, listen } from '../support/admin-server';
import {
  coreNode,
  loadFlow,
  startNodeRed,
  stopNodeRed,
  unloadFlow,
  type Credentials,
  type FlowNode,
  type NodeInitializer,
  type RunningFlow,
} from '../support/node-red';

const ROUTES = ['test', 'entities', 'fields'] as const;
const STORED = '__PWRD__';
const RUNTIME = process.env.TEST_NODE_RED ?? require.resolve('node-red');
const LOG_ON = { username: 'crm-user', password: 'crm-pass' };

interface AdminError {
  code: string;
  message: string;
  nextStep: string;
  field?: string;
}

/** Node-RED's own check of permissions, which its public interface only shows once it is set up. */
interface Auth {
  init(settings: object, storage: object): void;
  needsPermission: NodeAPI['auth']['needsPermission'];
}

describe('the admin routes of sagecrm-config', () => {
  let simulator: Simulator;
  let userDir: string;
  let admin: AdminServer;

  beforeEach(async () => {
    admin = await AdminServer.start();
    userDir = await mkdtemp(path.join(os.tmpdir(), 'sagecrm-admin-'));
    simulator = await startSimulator();
    simulator.crm.seed({ companies: 3 });
    await startNodeRed({ userDir });
  });

  afterEach(async () => {
    await unloadFlow();
    await stopNodeRed();
    await admin.close();
    await simulator.close();
    await rm(userDir, { recursive: true });
  });

  function server(change: object = {}): FlowNode {
    return {
      id: 'server',
      type: 'sagecrm-config',
      subdomain: `http://${simulator.host}`,
      ...change,
    };
  }

  function load(
    nodes: readonly FlowNode[] = [],
    types: readonly NodeInitializer[] = [],
    more: Credentials = {},
  ): Promise<RunningFlow> {
    const credentials = { server: LOG_ON, callback: LOG_ON, ...more };
    return loadFlow([admin.serve, ...types, sagecrmConfig], nodes, credentials);
  }

  function post(
    route: (typeof ROUTES)[number],
    body: object,
    more: RequestInit = {},
  ): Promise<Response> {
    return admin.post(`/sagecrm-config/${route}`, body, more);
  }

  function form(change: object = {}): object {
    return {
      properties: { subdomain: `http://${simulator.host}` },
      credentials: LOG_ON,
      ...change,
    };
  }

  async function runTest(body: object): Promise<TestStep[]> {
    const response = await post('test', body);
    assert.equal(response.status, 200);
    assert.match(response.headers.get('content-type') ?? '', /^application\/x-ndjson/);
    return (await response.text())
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as TestStep);
  }

  function outcome(steps: readonly TestStep[], id: string): string | undefined {
    return steps.find((step) => step.id === id)?.outcome;
  }

  async function refused(response: Response): Promise<AdminError> {
    assert.equal(response.status, 400);
    return (await response.json()) as AdminError;
  }

  describe('POST /sagecrm-config/test', () => {
    it('answers with one step a line, resources included', async () => {
      await load();
      const { accounts, contacts = {} } = defaultResources();
      const resources = { accounts, contacts: { ...contacts, enabled: false } };
      const steps = await runTest(form({ resources }));
      assert.equal(outcome(steps, 'logon'), 'pass');
      assert.equal(outcome(steps, 'dateLiteral'), 'skipped');
      assert.deepEqual(
        steps.flatMap(({ resource }) => resource ?? []),
        ['accounts'],
      );
    });

    it('sends each step as soon as it is known', async () => {
      await load();
      simulator.faults.next({ kind: 'hang' });
      const { body } = await post('test', form());
      assert.ok(body);
      const reader = body.pipeThrough(new TextDecoderStream()).getReader();
      const { value } = await reader.read();
      assert.equal((JSON.parse(value ?? '') as TestStep).id, 'address');
      simulator.faults.clear();
      while (!(await reader.read()).done);
    });

    it('stops when the browser goes away', async () => {
      await load();
      const away = new AbortController();
      const silent = http.createServer();
      const subdomain = await listen(silent);
      const dropped = new Promise((resolve) => {
        silent.on('request', ({ socket }) => {
          socket.once('close', resolve);
          away.abort();
        });
      });
      try {
        const asked = post('test', form({ properties: { subdomain } }), { signal: away.signal });
        await assert.rejects(
          asked.then((response) => response.text()),
          { name: 'AbortError' },
        );
        await dropped;
      } finally {
        await close(silent);
      }
    });

    it('uses the TLS configuration of the flow', async () => {
      const secure = await startSimulator({ tls: loopbackTls() });
      try {
        const { cert: ca } = loopbackTls();
        const tls = { id: 'tls', type: 'tls-config', cert: '', key: '', ca: '' };
        await load([tls], [coreNode('network/05-tls.js')], { tls: { cadata: ca } });
        const without = await runTest(form({ properties: { subdomain: secure.host } }));
        assert.equal(outcome(without, 'logon'), 'failure');
        const steps = await runTest(form({ properties: { subdomain: secure.host, tls: 'tls' } }));
        assert.equal(outcome(steps, 'address'), 'pass');
        assert.equal(outcome(steps, 'logon'), 'pass');
      } finally {
        await secure.close();
      }
    });

    for (const network of ['tls', 'proxy']) {
      it(`refuses a ${network} node that is not there`, async () => {
        await load();
        const properties = { subdomain: simulator.host, [network]: 'nobody' };
        assert.equal((await refused(await post('test', form({ properties })))).field, network);
      });
    }
  });

  describe('POST /sagecrm-config/entities and /fields', () => {
    it('give the names for pick-lists', async () => {
      await load();
      const { entities } = (await (await post('entities', form())).json()) as EntityList;
      assert.ok(entities.some(({ name }) => name === 'company'));
      const response = await post('fields', form({ entity: 'accounts' }));
      const { fields } = (await response.json()) as FieldList;
      assert.ok(fields.some(({ name, type }) => name === 'Comp_UpdatedDate' && type === 'date'));
    });

    it('say what went wrong, without a secret', async () => {
      await load();
      const body = { message: 'crm-pass is wrong' };
      simulator.faults.next({ kind: 'status', status: 401, body });
      const { code, message, nextStep } = await refused(await post('entities', form()));
      assert.equal(code, 'LOGON_REFUSED');
      assert.match(message, /••• is wrong/);
      assert.match(nextStep, /password/);
    });

    it('refuse a name that is no entity', async () => {
      await load();
      const error = await refused(await post('fields', form({ entity: '../users' })));
      assert.equal(error.field, 'entity');
      assert.equal(simulator.requests.length, 0);
    });
  });

  describe('take what the form does not know from the deployed node', () => {
    for (const [how, credentials] of [
      ['the placeholder', { username: 'crm-user', password: STORED }],
      ['nothing', undefined],
    ] as const) {
      it(`for ${how}`, async () => {
        await load([server()]);
        const response = await post('test', form({ id: 'server', credentials }));
        const text = await response.text();
        assert.match(text, /"id":"logon","outcome":"pass"/);
        assert.doesNotMatch(text, /crm-pass/);
      });
    }

    it('but not for a field that was emptied', async () => {
      await load([server()]);
      const credentials = { username: 'crm-user', password: '' };
      assert.equal(outcome(await runTest(form({ id: 'server', credentials })), 'logon'), 'failure');
    });

    for (const route of ROUTES) {
      it(`and never send it to another server (${route})`, async () => {
        const other = await startSimulator();
        try {
          await load([server()]);
          const properties = { subdomain: `http://${other.host}` };
          const credentials = { username: 'crm-user', password: STORED };
          const body = { id: 'server', properties, credentials, entity: 'company' };
          const error = await refused(await post(route, body));
          assert.equal(error.code, 'CONFIG_INVALID');
          assert.match(error.nextStep, /type the password/);
          await refused(await post(route, { ...body, credentials: {} }));
          assert.equal(other.requests.length, 0);
        } finally {
          await other.close();
        }
      });
    }

    it('nor to the same host without its encryption', async () => {
      await load([server({ subdomain: simulator.host })]);
      const credentials = { ...LOG_ON, password: STORED };
      await refused(await post('test', form({ id: 'server', credentials })));
      assert.equal(simulator.requests.length, 0);
    });

    it('and take a typed password for any server', async () => {
      await load([server({ subdomain: 'https://crm.example.com' })]);
      const credentials = { username: 'crm-user', password: 'crm-pass' };
      const steps = await runTest({ ...form({ id: 'server' }), credentials });
      assert.equal(outcome(steps, 'logon'), 'pass');
    });

    it('and nothing from a node of another type', async () => {
      const callback = { id: 'callback', type: 'sagecrm-callback', url: 'https://h.example.com' };
      await load([callback], [sagecrmCallback]);
      const subdomain = `http://${simulator.host}`;
      await runTest({ id: 'callback', properties: { subdomain, api: 'sdata' } });
      const [{ headers } = assert.fail()] = simulator.requests;
      assert.equal(headers.authorization, `Basic ${Buffer.from(':').toString('base64')}`);
    });

    it('and ask for the password of a node that is not deployed', async () => {
      await load();
      const credentials = { ...LOG_ON, password: STORED };
      const { field } = await refused(await post('test', form({ id: 'new', credentials })));
      assert.equal(field, 'credentials.password');
    });
  });

  describe('fill in environment variables', () => {
    afterEach(() => {
      delete process.env.SAGECRM_TEST_HOST;
      delete process.env.SAGECRM_TEST_PASSWORD;
    });

    const properties = { subdomain: '${SAGECRM_TEST_HOST}' };
    const credentials = { username: 'crm-user', password: '${SAGECRM_TEST_PASSWORD}' };

    it('of the process, for a node that is not deployed', async () => {
      process.env.SAGECRM_TEST_HOST = `http://${simulator.host}`;
      process.env.SAGECRM_TEST_PASSWORD = 'crm-pass';
      await load();
      const steps = await runTest({ properties, credentials });
      assert.equal(outcome(steps, 'logon'), 'pass');
      assert.doesNotMatch(JSON.stringify(steps), /crm-pass/);
    });

    it('of the global environment of Node-RED', async () => {
      process.env.SAGECRM_TEST_PASSWORD = 'crm-pass';
      const env = [{ name: 'SAGECRM_TEST_HOST', type: 'str', value: `http://${simulator.host}` }];
      const global = { id: 'global', type: 'global-config', env };
      await load([global], [coreNode('common/91-global-config.js')]);
      assert.equal(outcome(await runTest({ properties, credentials }), 'logon'), 'pass');
    });

    it('on both sides when they compare the servers', async () => {
      process.env.SAGECRM_TEST_HOST = `http://${simulator.host}`;
      await load([server(properties)]);
      const steps = await runTest({ id: 'server', properties, credentials: { password: STORED } });
      assert.equal(outcome(steps, 'logon'), 'pass');
    });

    it('and say so when one is not set', async () => {
      await load();
      assert.equal((await refused(await post('test', { properties }))).field, 'subdomain');
    });
  });

  describe('refuse', () => {
    for (const [what, body, field] of [
      ['a body that is no form', [], ''],
      ['a form without properties', {}, 'properties'],
      ['a bad address', { properties: { subdomain: 'ftp://crm' } }, 'subdomain'],
      ['a secret that is no text', { properties: {}, credentials: { password: 7 } }, 'credentials'],
    ] as const) {
      it(what, async () => {
        await load();
        for (const route of ['test', 'entities'] as const) {
          const error = await refused(await post(route, body));
          assert.equal(error.code, 'CONFIG_INVALID');
          assert.ok((error.field ?? '').startsWith(field));
        }
      });
    }

    it('a bad resource, with its path', async () => {
      await load();
      const error = await refused(await post('test', form({ resources: { accounts: {} } })));
      assert.match(error.field ?? '', /^resources\.accounts/);
    });

    it('a body that is too large', async () => {
      await load();
      const body = form({ resources: { padding: 'x'.repeat(300_000) } });
      assert.equal((await refused(await post('test', body))).code, 'INPUT_INVALID');
    });
  });

  describe('are for those who may write', () => {
    const auth = createRequire(createRequire(RUNTIME).resolve('@node-red/editor-api'))(
      './auth',
    ) as Auth;
    const withAuth: NodeInitializer = (RED) => {
      RED.auth = { needsPermission: auth.needsPermission };
    };

    beforeEach(() => {
      const users = ['reader', 'writer'].map((username) => ({ username, password: '' }));
      const tokens = [
        { token: 'may-read', user: 'reader', scope: 'read' },
        { token: 'may-write', user: 'writer', scope: ['sagecrm-config.write'] },
      ];
      const storage = { getSessions: () => Promise.resolve({}) };
      auth.init({ adminAuth: { type: 'credentials', users, tokens } }, storage);
    });

    afterEach(() => {
      auth.init({}, {});
    });

    for (const route of ROUTES) {
      it(`and nobody else (${route})`, async () => {
        await load([], [withAuth]);
        const statusFor = async (headers: Record<string, string>): Promise<number> => {
          const response = await post(route, form({ entity: 'company' }), { headers });
          await response.text();
          return response.status;
        };
        assert.equal(await statusFor({}), 401);
        assert.equal(await statusFor({ authorization: 'Bearer made-up' }), 401);
        assert.equal(await statusFor({ authorization: 'Bearer may-read' }), 401);
        assert.equal(simulator.requests.length, 0);
        assert.equal(await statusFor({ authorization: 'Bearer may-write' }), 200);
      });
    }
  });

  it('are added once, when Node-RED loads the module', async () => {
    const added: unknown[] = [];
    const noteRoutes: NodeInitializer = (RED) => {
      const add = RED.httpAdmin.post.bind(RED.httpAdmin) as (...args: unknown[]) => unknown;
      Reflect.set(RED.httpAdmin, 'post', (...args: unknown[]) => {
        added.push(args[0]);
        return add(...args);
      });
    };
    const running = await load([server()], [noteRoutes]);
    await running.deploy([server({ name: 'edited' })]);
    assert.deepEqual(
      added,
      ROUTES.map((route) => `/sagecrm-config/${route}`),
    );
  });
});
