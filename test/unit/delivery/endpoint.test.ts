import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { endpoints } from '../../../src/delivery/endpoint';
import { mergeHeaders } from '../../../src/delivery/headers';
import { SageCrmError, type ErrorCode } from '../../../src/errors/sagecrm-error';

const nobody = { username: '', password: '' };

function basic(text: string): string {
  return `Basic ${Buffer.from(text, 'utf8').toString('base64')}`;
}

/** The endpoint of a node's own URL. */
function ownEndpoint(
  ...options: Parameters<typeof endpoints>
): ReturnType<ReturnType<typeof endpoints>> {
  return endpoints(...options)('');
}

function hasCode(code: ErrorCode, field: string) {
  return (error: unknown): boolean =>
    error instanceof SageCrmError &&
    error.code === code &&
    error.details.field === field &&
    !inspect(error).includes('hush');
}

describe('endpoints', () => {
  it('takes the log-on from the credentials', () => {
    const endpoint = ownEndpoint(
      { url: 'https://example.com/hook?a=1#top', headers: { 'X-A': '1' }, timeout: 5 },
      { username: 'Jürgen', password: 'p:w' },
    );
    assert.equal(endpoint.url.href, 'https://example.com/hook?a=1');
    assert.equal(endpoint.timeoutMs, 5_000);
    assert.deepEqual(endpoint.headers, { 'X-A': '1', Authorization: basic('Jürgen:p:w') });
  });

  it('takes the log-on from the URL when there are no credentials', () => {
    const endpoint = ownEndpoint(
      { url: 'https://us%40er:50%@example.com/', headers: {}, timeout: 5 },
      nobody,
    );
    assert.equal(endpoint.url.href, 'https://example.com/');
    assert.deepEqual(endpoint.headers, { Authorization: basic('us@er:50%') });
  });

  it('prefers the credentials to the URL', () => {
    const endpoint = ownEndpoint(
      { url: 'https://old:old@example.com/', headers: {}, timeout: 5 },
      { username: 'new', password: '' },
    );
    assert.deepEqual(endpoint.headers, { Authorization: basic('new:') });
  });

  it('leaves an Authorization header of the flow alone', () => {
    const endpoint = ownEndpoint(
      { url: 'https://example.com/', headers: { authorization: 'Bearer x' }, timeout: 5 },
      nobody,
    );
    assert.deepEqual(endpoint.headers, { authorization: 'Bearer x' });
  });

  it('refuses two ways to log on', () => {
    assert.throws(
      () =>
        endpoints(
          { url: 'https://example.com/', headers: { authorization: 'Bearer hush' }, timeout: 5 },
          { username: 'user', password: 'hush' },
        ),
      hasCode('CONFIG_INVALID', 'headers.Authorization'),
    );
  });

  describe('for a message with a URL of its own', () => {
    const node = { url: 'https://a:b@example.com/hook', headers: { 'X-Key': 'hush' }, timeout: 5 };
    const secrets = { 'X-Key': 'hush', Authorization: basic('a:b') };

    it('sends headers and log-on to the origin they were set for', () => {
      const endpoint = endpoints(node, nobody)('https://example.com:443/other?a=1#top');
      assert.equal(endpoint.url.href, 'https://example.com/other?a=1');
      assert.deepEqual(endpoint.headers, secrets);
    });

    for (const target of [
      'http://example.com/hook',
      'https://example.com:8443/hook',
      'https://www.example.com/hook',
      'https://example.com.evil.example/hook',
    ]) {
      it(`sends neither to ${target}`, () => {
        const endpoint = endpoints(node, nobody)(target);
        assert.equal(endpoint.url.href, target);
        assert.deepEqual(endpoint.headers, {});
        assert.equal(endpoint.timeoutMs, 5_000);
      });
    }

    it('sends both wherever the message says when the node has no URL', () => {
      const endpointFor = endpoints({ ...node, url: '' }, { username: 'a', password: 'b' });
      assert.deepEqual(endpointFor('https://anywhere.example/').headers, secrets);
      assert.throws(() => endpointFor(''), hasCode('CONFIG_INVALID', 'url'));
    });

    for (const target of [
      'hush',
      '/hush',
      'ftp://example.com/hush',
      'file:///hush',
      'javascript:hush',
    ]) {
      it(`refuses ${target}`, () => {
        assert.throws(() => endpoints(node, nobody)(target), hasCode('INPUT_INVALID', 'url'));
      });
    }

    for (const target of ['https://u:hush@example.com/', 'https://hush@other.example/']) {
      it(`refuses a log-on in ${target}`, () => {
        assert.throws(() => endpoints(node, nobody)(target), hasCode('INPUT_INVALID', 'url'));
      });
    }
  });
});

describe('mergeHeaders', () => {
  it('lets the later layer win, whatever the case', () => {
    assert.deepEqual(
      mergeHeaders({ 'Content-Type': 'a', 'X-B': '1' }, { 'content-type': 'b' }, { 'x-b': '2' }),
      { 'content-type': 'b', 'x-b': '2' },
    );
  });
});
