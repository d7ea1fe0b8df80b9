import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { endpointOf } from '../../../src/delivery/endpoint';
import { mergeHeaders } from '../../../src/delivery/headers';
import { SageCrmError } from '../../../src/errors/sagecrm-error';

const nobody = { username: '', password: '' };

function basic(text: string): string {
  return `Basic ${Buffer.from(text, 'utf8').toString('base64')}`;
}

describe('endpointOf', () => {
  it('takes the log-on from the credentials', () => {
    const endpoint = endpointOf(
      { url: 'https://example.com/hook?a=1#top', headers: { 'X-A': '1' }, timeout: 5 },
      { username: 'Jürgen', password: 'p:w' },
    );
    assert.equal(endpoint.url.href, 'https://example.com/hook?a=1');
    assert.equal(endpoint.timeoutMs, 5_000);
    assert.deepEqual(endpoint.headers, { 'X-A': '1', Authorization: basic('Jürgen:p:w') });
  });

  it('takes the log-on from the URL when there are no credentials', () => {
    const endpoint = endpointOf(
      { url: 'https://us%40er:50%@example.com/', headers: {}, timeout: 5 },
      nobody,
    );
    assert.equal(endpoint.url.href, 'https://example.com/');
    assert.deepEqual(endpoint.headers, { Authorization: basic('us@er:50%') });
  });

  it('prefers the credentials to the URL', () => {
    const endpoint = endpointOf(
      { url: 'https://old:old@example.com/', headers: {}, timeout: 5 },
      { username: 'new', password: '' },
    );
    assert.deepEqual(endpoint.headers, { Authorization: basic('new:') });
  });

  it('leaves an Authorization header of the flow alone', () => {
    const endpoint = endpointOf(
      { url: 'https://example.com/', headers: { authorization: 'Bearer x' }, timeout: 5 },
      nobody,
    );
    assert.deepEqual(endpoint.headers, { authorization: 'Bearer x' });
  });

  it('refuses two ways to log on', () => {
    assert.throws(
      () =>
        endpointOf(
          { url: 'https://example.com/', headers: { authorization: 'Bearer hush' }, timeout: 5 },
          { username: 'user', password: 'hush' },
        ),
      (error) =>
        error instanceof SageCrmError &&
        error.code === 'CONFIG_INVALID' &&
        error.details.field === 'headers.Authorization' &&
        !inspect(error).includes('hush'),
    );
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
