import assert from 'node:assert/strict';
import { tlsFaultOf } from '../../nodes/runtime/redis-tls';
import { parseRedisAddress } from '../../src/config/redis-address';
import type { TlsOptions } from '../../src/http/agents';
import { SageCrmError } from '../../src/errors/sagecrm-error';
import { loopbackTls } from '../simulator/tls/loopback-tls';
import { RedisServer } from '../support/redis-server';
import { startCluster } from './support/kinds';
import { pollOnce } from './support/poll-once';
import { NO_CLIENT_CERTIFICATE, tlsOptions } from './support/tls-options';

const { key, cert } = loopbackTls();
const TRUSTING: TlsOptions = { ca: cert };

function isTlsFault(code: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof SageCrmError, String(error));
    assert.equal(error.code, 'REDIS_UNAVAILABLE');
    assert.match(error.what, code);
    assert.match(error.nextStep, /TLS configuration for Redis that trusts its certificate/);
    assert.doesNotMatch(`${error.message} ${String(error.cause)}`, /s3cr3t/);
    return true;
  };
}

describe('The state of poll nodes on a Redis with TLS', () => {
  let server: RedisServer;
  let port: number;
  let count = 0;

  before(async () => {
    server = await RedisServer.start({ ...tlsOptions(NO_CLIENT_CERTIFICATE), isForgetful: true });
    port = server.tlsPort;
    await server.ask('acl', 'setuser', 'poller', 'on', '>s3cr3t', '~*', '+@all');
  });

  after(() => server.stop());

  function polled(tls?: TlsOptions, url = `rediss://poller:s3cr3t@127.0.0.1:${port}`) {
    return pollOnce(url, `tls${(count += 1)}`, tls);
  }

  it('is kept there with a certificate that is trusted', () => polled(TRUSTING));

  it('is kept there with a TLS configuration alone, whatever the URL begins with', () =>
    polled(TRUSTING, `redis://poller:s3cr3t@127.0.0.1:${port}`));

  it('is kept there without a check of the certificate, where that is chosen', () =>
    polled({ rejectUnauthorized: false }));

  it('is not given to a Redis whose certificate is not trusted', async () => {
    await assert.rejects(polled(), isTlsFault(/DEPTH_ZERO_SELF_SIGNED_CERT/));
  });

  it('is not given to a Redis whose certificate is for another host', async () => {
    const elsewhere = { ...TRUSTING, servername: 'elsewhere' };
    await assert.rejects(polled(elsewhere), isTlsFault(/ERR_TLS_CERT_ALTNAME_INVALID/));
  });

  it('is kept behind a client certificate, and tells when that is missing', async () => {
    const strict = await RedisServer.start({ ...tlsOptions(), isForgetful: true });
    const url = `rediss://127.0.0.1:${strict.tlsPort}`;
    try {
      await pollOnce(url, 'strict', { ...TRUSTING, cert, key });
      await assert.rejects(pollOnce(url, 'strict', TRUSTING), isTlsFault(/CERTIFICATE_REQUIRED/));
      // Also where the client has not said so.
      const address = parseRedisAddress(url);
      assert.match(String(await tlsFaultOf(address, TRUSTING)), /certificate required/);
      assert.equal(await tlsFaultOf(address, { ...TRUSTING, cert, key }), undefined);
    } finally {
      await strict.stop();
    }
  });

  it('tells a Redis that expects TLS of one that is away', async () => {
    await assert.rejects(polled(undefined, `redis://127.0.0.1:${port}`), (error: unknown) => {
      assert.ok(error instanceof SageCrmError);
      assert.equal(error.code, 'REDIS_UNAVAILABLE');
      assert.match(error.nextStep, /rediss:\/\//);
      return true;
    });
  });

  it('lies in a cluster whose certificate is trusted, and in no other', async () => {
    const cluster = await startCluster(
      tlsOptions([...NO_CLIENT_CERTIFICATE, '--tls-cluster', 'yes']),
    );
    const url = `rediss+cluster://127.0.0.1:${cluster.tlsPort}`;
    try {
      await pollOnce(url, 'cluster', TRUSTING);
      await assert.rejects(pollOnce(url, 'cluster'), isTlsFault(/DEPTH_ZERO_SELF_SIGNED_CERT/));
    } finally {
      await cluster.stop();
    }
  });

  it('is found through a sentinel, both of them with TLS, and not where one is not trusted', async () => {
    const monitored = `sentinel monitor the-master 127.0.0.1 ${port} 1`;
    const options = tlsOptions([...NO_CLIENT_CERTIFICATE, '--tls-replication', 'yes']);
    const sentinel = await RedisServer.startSentinel(monitored, options);
    const url = `rediss+sentinel://127.0.0.1:${sentinel.tlsPort}/the-master`;
    try {
      await pollOnce(url, 'sentinel', TRUSTING);
      const kept = (await server.ask('keys', '{sentinel:*')) as string[];
      assert.ok(kept.length > 0);
      await assert.rejects(pollOnce(url, 'sentinel'), isTlsFault(/DEPTH_ZERO_SELF_SIGNED_CERT/));
    } finally {
      await sentinel.stop();
    }
  });
});
