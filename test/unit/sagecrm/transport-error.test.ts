import assert from 'node:assert/strict';
import https from 'node:https';
import { inspect } from 'node:util';
import axios, { type AxiosRequestConfig } from 'axios';
import { transportError } from '../../../src/sagecrm/transport-error';
import { SageCrmError } from '../../../src/errors/sagecrm-error';
import { startSimulator } from '../../simulator/simulator';
import { loopbackTls } from '../../simulator/tls/loopback-tls';
import { ScriptedServer } from './support/scripted-server';

const SECRET = 'Basic secret-of-the-user';

/** What axios throws for a request that fails. */
async function thrownFor(url: string, config: AxiosRequestConfig = {}): Promise<unknown> {
  try {
    await axios.get(url, {
      adapter: 'http',
      proxy: false,
      headers: { Authorization: SECRET },
      ...config,
    });
  } catch (error) {
    return error;
  }
  return assert.fail('the request did not fail');
}

describe('transportError', () => {
  let server: ScriptedServer;

  beforeEach(async () => {
    server = await ScriptedServer.start(() => ({ body: 'x'.repeat(2000) }));
  });

  afterEach(async () => {
    await server.close();
  });

  it('says RESPONSE_TOO_LARGE when the client had enough', async () => {
    const error = transportError(
      await thrownFor(`http://${server.host}/`, { maxContentLength: 1000 }),
    );
    assert.equal(error.code, 'RESPONSE_TOO_LARGE');
    assert.match(error.nextStep, /smaller page size/);
  });

  it('says UNREACHABLE with the code of the network', async () => {
    const { host } = server;
    await server.close();
    const error = transportError(await thrownFor(`http://${host}/`));
    assert.equal(error.code, 'UNREACHABLE');
    assert.match(error.message, /ECONNREFUSED/);
  });

  it('says UNREACHABLE for a host that nobody knows', async () => {
    const error = transportError(
      await thrownFor('http://crm.invalid/', {
        lookup: (host, _options, callback) => {
          const fault = Object.assign(new Error(`getaddrinfo ENOTFOUND ${host}`), {
            code: 'ENOTFOUND',
          });
          callback(fault, '');
        },
      }),
    );
    assert.equal(error.code, 'UNREACHABLE');
    assert.match(error.message, /ENOTFOUND.*check the subdomain/);
  });

  it('says TLS_FAILED for a certificate that nobody vouches for, and what to do', async () => {
    const simulator = await startSimulator({ tls: loopbackTls() });
    try {
      const error = transportError(await thrownFor(simulator.url));
      assert.equal(error.code, 'TLS_FAILED');
      assert.match(error.message, /DEPTH_ZERO_SELF_SIGNED_CERT.*choose a TLS configuration/);
      const httpsAgent = new https.Agent({ ca: loopbackTls().cert });
      await axios.get(simulator.url, { httpsAgent, proxy: false, validateStatus: () => true });
      httpsAgent.destroy();
    } finally {
      await simulator.close();
    }
  });

  it('says TLS_FAILED for a server without TLS', async () => {
    const error = transportError(await thrownFor(`https://${server.host}/`));
    assert.equal(error.code, 'TLS_FAILED');
    assert.match(error.nextStep, /http:\/\/ in front/);
  });

  it('says ABORTED for what was called off', async () => {
    const signal = AbortSignal.abort();
    assert.equal(
      transportError(await thrownFor(`http://${server.host}/`, { signal })).code,
      'ABORTED',
    );
  });

  it('keeps the request, with its log-on, out of the error', async () => {
    server.answerWith(() => 'reset');
    const thrown = await thrownFor(`http://${server.host}/`);
    assert.match(inspect(thrown, { depth: null }), /secret-of-the-user/);
    assert.doesNotMatch(inspect(transportError(thrown), { depth: null }), /secret-of-the-user/);
  });

  it('lets an error of ours through, also as the cause of another', () => {
    const ours = new SageCrmError('ADDRESS_REFUSED', 'no', 'ask');
    assert.equal(transportError(ours), ours);
    assert.equal(transportError(new Error('outer', { cause: ours })), ours);
  });

  it('takes anything', () => {
    for (const thrown of [undefined, 'text', {}, new Error('boom')]) {
      assert.equal(transportError(thrown).code, 'UNREACHABLE');
    }
  });
});
