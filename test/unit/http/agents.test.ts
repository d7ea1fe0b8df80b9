import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import net, { type AddressInfo, type LookupFunction } from 'node:net';
import { createAgents, type AgentOptions, type HttpAgents } from '../../../src/http/agents';
import { SageCrmError } from '../../../src/errors/sagecrm-error';
import { loopbackTls } from '../../simulator/tls/loopback-tls';

describe('createAgents', () => {
  const servers: net.Server[] = [];
  const sockets = new Set<net.Socket>();
  const pools: HttpAgents[] = [];

  afterEach(async () => {
    for (const pool of pools.splice(0)) pool.destroy();
    for (const socket of sockets) socket.destroy();
    for (const server of servers.splice(0)) {
      server.close();
      await once(server, 'close');
    }
  });

  async function listen(server: net.Server, host = '127.0.0.1') {
    servers.push(server);
    server.on('connection', (socket: net.Socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    });
    server.listen(0, host);
    await once(server, 'listening');
    return server.address() as AddressInfo;
  }

  function agents(options: Partial<AgentOptions> = {}): HttpAgents {
    const pool = createAgents({ env: {}, ...options });
    pools.push(pool);
    return pool;
  }

  /** The body of the answer to a GET. */
  async function get(url: string, pool: HttpAgents): Promise<string> {
    const target = new URL(url);
    const { httpAgent, httpsAgent } = pool.forUrl(target);
    const hostname = target.hostname.replace(/^\[(.*)\]$/, '$1');
    const common = { hostname, port: target.port, path: target.pathname };
    const request =
      target.protocol === 'https:'
        ? https.get({ ...common, agent: httpsAgent })
        : http.get({ ...common, agent: httpAgent });
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    const chunks: string[] = [];
    for await (const chunk of response.setEncoding('utf8')) chunks.push(chunk as string);
    return chunks.join('');
  }

  /** A proxy that opens tunnels to any loopback port and notes what it was asked for. */
  async function startProxy(host = '127.0.0.1') {
    const asked: { target: string; logOn?: string }[] = [];
    const clients = new Set<net.Socket>();
    const proxy = http.createServer();
    proxy.on('connect', (request: http.IncomingMessage, client: net.Socket) => {
      const target = request.url ?? '';
      clients.add(client);
      asked.push({ target, logOn: request.headers['proxy-authorization'] });
      const { hostname, port } = new URL(`http://${target}`);
      const upstream = net.connect(Number(port || '80'), hostname.replace(/[[\]]/g, ''), () => {
        client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
        client.pipe(upstream).pipe(client);
      });
      sockets.add(upstream);
      upstream.on('error', () => client.destroy());
      client.on('error', () => upstream.destroy());
    });
    const { port } = await listen(proxy, host);
    return { asked, clients, url: `http://${host.includes(':') ? `[${host}]` : host}:${port}` };
  }

  const echo = (_request: http.IncomingMessage, response: http.ServerResponse): void => {
    response.end('hello');
  };

  it('keeps a connection for the next request', async () => {
    let connections = 0;
    const server = http.createServer(echo).on('connection', () => (connections += 1));
    const { port } = await listen(server);
    const pool = agents();
    await get(`http://127.0.0.1:${port}/`, pool);
    await get(`http://127.0.0.1:${port}/`, pool);
    assert.equal(connections, 1);
  });

  it('reaches a literal IPv6 host', async () => {
    const { port } = await listen(http.createServer(echo), '::1');
    assert.equal(await get(`http://[::1]:${port}/`, agents()), 'hello');
  });

  it('resolves names with the lookup it was given', async () => {
    const { port } = await listen(http.createServer(echo));
    const asked: string[] = [];
    const lookup: LookupFunction = (hostname, options, callback) => {
      asked.push(hostname);
      if (options.all === true) callback(null, [{ address: '127.0.0.1', family: 4 }]);
      else callback(null, '127.0.0.1', 4);
    };
    assert.equal(await get(`http://crm.example:${port}/`, agents({ lookup })), 'hello');
    assert.deepEqual(asked, ['crm.example']);
  });

  it('trusts the authority of its TLS options, and no other', async () => {
    const { port } = await listen(https.createServer(loopbackTls(), echo));
    const url = `https://127.0.0.1:${port}/`;
    assert.equal(await get(url, agents({ tls: { ca: loopbackTls().cert } })), 'hello');
    await assert.rejects(get(url, agents()), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
  });

  it('tunnels through the proxy of the flow, with its log-on', async () => {
    const { port } = await listen(http.createServer(echo));
    const proxy = await startProxy();
    const pool = agents({
      proxy: { url: proxy.url, noProxy: [], username: 'us:er', password: '100%' },
      env: { http_proxy: 'http://127.0.0.1:9' },
    });
    assert.equal(await get(`http://127.0.0.1:${port}/`, pool), 'hello');
    assert.equal(pool.isProxied(new URL(`http://127.0.0.1:${port}/`)), true);
    const logOn = `Basic ${Buffer.from('us:er:100%').toString('base64')}`;
    assert.deepEqual(proxy.asked, [{ target: `127.0.0.1:${port}`, logOn }]);
  });

  it('takes a malformed escape in a proxy URL as it stands', async () => {
    const { port } = await listen(http.createServer(echo));
    const proxy = await startProxy();
    const url = proxy.url.replace('//', '//us%40er:50%@');
    await get(`http://127.0.0.1:${port}/`, agents({ env: { http_proxy: url } }));
    assert.equal(proxy.asked[0]?.logOn, `Basic ${Buffer.from('us@er:50%').toString('base64')}`);
  });

  it('tunnels HTTPS through the proxy of the environment, except where NO_PROXY says so', async () => {
    const { port } = await listen(https.createServer(loopbackTls(), echo));
    const proxy = await startProxy();
    const tls = { ca: loopbackTls().cert };
    const env = { HTTPS_PROXY: proxy.url, NO_PROXY: 'localhost' };
    assert.equal(await get(`https://127.0.0.1:${port}/`, agents({ tls, env })), 'hello');
    assert.equal(await get(`https://localhost:${port}/`, agents({ tls, env })), 'hello');
    assert.deepEqual(
      proxy.asked.map(({ target }) => target),
      [`127.0.0.1:${port}`],
    );
  });

  it('tunnels to and through literal IPv6 hosts', async () => {
    const { port } = await listen(http.createServer(echo), '::1');
    const proxy = await startProxy('::1');
    const pool = agents({ env: { http_proxy: proxy.url } });
    assert.equal(await get(`http://[::1]:${port}/`, pool), 'hello');
    assert.deepEqual(
      proxy.asked.map(({ target }) => target),
      [`[::1]:${port}`],
    );
  });

  it('holds the certificate behind a tunnel against the address without brackets', async () => {
    const { port } = await listen(https.createServer(loopbackTls(), echo), '::1');
    const proxy = await startProxy();
    const env = { https_proxy: proxy.url };
    const ca = loopbackTls().cert;
    const url = `https://[::1]:${port}/`;
    await assert.rejects(get(url, agents({ env, tls: { ca } })), {
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
      host: '::1',
    });
    const named = agents({ env, tls: { ca, servername: 'localhost' } });
    assert.equal(await get(url, named), 'hello');
  });

  it('fails only the request when a proxy resets its tunnel', async () => {
    const proxy = await startProxy();
    const resetTunnels = (): void => {
      for (const client of proxy.clients) client.resetAndDestroy();
    };
    const { port } = await listen(https.createServer(loopbackTls(), resetTunnels));
    const pool = agents({ env: { https_proxy: proxy.url }, tls: { ca: loopbackTls().cert } });
    await assert.rejects(get(`https://127.0.0.1:${port}/`, pool), { code: 'ECONNRESET' });
  });

  it('drops an idle tunnel that a proxy resets', async () => {
    const { port } = await listen(https.createServer(loopbackTls(), echo));
    const proxy = await startProxy();
    const pool = agents({ env: { https_proxy: proxy.url }, tls: { ca: loopbackTls().cert } });
    const url = `https://127.0.0.1:${port}/`;
    await get(url, pool);
    const { httpsAgent } = pool.forUrl(new URL(url));
    const [idle] = Object.values(httpsAgent.freeSockets).flat();
    assert.ok(idle);
    proxy.clients.forEach((client) => client.resetAndDestroy());
    await new Promise((resolve) => idle.once('close', resolve));
    assert.equal(await get(url, pool), 'hello');
    assert.equal(proxy.asked.length, 2);
  });

  it('ends a tunnel that is still being opened when it is destroyed', async () => {
    const silent = net.createServer();
    const { port } = await listen(silent);
    const pool = agents({ env: { http_proxy: `http://127.0.0.1:${port}` } });
    const failing = assert.rejects(get('http://receiver.example/', pool));
    const [socket] = (await once(silent, 'connection')) as [net.Socket];
    socket.on('error', () => undefined).resume();
    pool.destroy();
    await failing;
    if (!socket.closed) await once(socket, 'close');
  });

  it('gives up on a tunnel that does not open in time', async () => {
    const { port } = await listen(net.createServer());
    const env = { http_proxy: `http://127.0.0.1:${port}` };
    const pool = agents({ env, connectTimeoutMs: 20 });
    await assert.rejects(get('http://receiver.example/', pool), { code: 'ETIMEDOUT' });
  });

  it('gives up on a TLS connection that does not stand in time', async () => {
    const { port } = await listen(net.createServer());
    const pool = agents({ connectTimeoutMs: 20 });
    await assert.rejects(get(`https://127.0.0.1:${port}/`, pool), { code: 'ETIMEDOUT' });
  });

  it('closes idle connections when it is destroyed, and gives no agents any more', async () => {
    const server = http.createServer(echo);
    const { port } = await listen(server);
    const pool = agents();
    await get(`http://127.0.0.1:${port}/`, pool);
    const [socket] = sockets;
    assert.ok(socket);
    pool.destroy();
    if (!socket.closed) await once(socket, 'close');
    assert.throws(
      () => pool.forUrl(new URL('http://a.example')),
      (error) => error instanceof SageCrmError && error.code === 'ABORTED',
    );
  });

  for (const url of ['socks5://127.0.0.1:1', 'nonsense', '']) {
    it(`refuses "${url}" as the proxy of the flow without quoting it`, () => {
      assert.throws(
        () => createAgents({ env: {}, proxy: { url, noProxy: [] } }),
        (error) =>
          error instanceof SageCrmError &&
          error.code === 'CONFIG_INVALID' &&
          error.details.field === 'proxy',
      );
    });
  }
});
