import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import fc from 'fast-check';
import { proxyFor, proxyNodeEnvironment, withModeOverride } from '../../../src/http/proxy';

interface ProxyHelper {
  getProxyForUrl(url: string, options: object): string;
}

/** Node-RED's own decision, to compare with. */
const nodeRed = createRequire(require.resolve('node-red'))(
  '@node-red/nodes/core/network/lib/proxyHelper.js',
) as ProxyHelper;

describe('proxyFor', () => {
  const proxies = { http_proxy: 'http://p:1', https_proxy: 'http://s:2' };

  it('takes the proxy of the scheme', () => {
    assert.equal(proxyFor(new URL('http://a.example'), proxies), 'http://p:1');
    assert.equal(proxyFor(new URL('https://a.example'), proxies), 'http://s:2');
  });

  it('takes ALL_PROXY when the scheme has none, and connects directly without any', () => {
    assert.equal(proxyFor(new URL('https://a.example'), { ALL_PROXY: 'http://x:3' }), 'http://x:3');
    assert.equal(proxyFor(new URL('https://a.example'), {}), undefined);
  });

  it('adds the scheme of the URL to a proxy without one', () => {
    assert.equal(proxyFor(new URL('http://a.example'), { http_proxy: 'p:1' }), 'http://p:1');
  });

  const exceptions: { noProxy: string; url: string; direct: boolean }[] = [
    { noProxy: '*', url: 'http://a.example', direct: true },
    { noProxy: 'a.example', url: 'http://a.example', direct: true },
    { noProxy: 'A.Example', url: 'http://a.example', direct: true },
    { noProxy: 'a.example', url: 'http://b.a.example', direct: false },
    { noProxy: '.a.example', url: 'http://b.a.example', direct: true },
    { noProxy: '.a.example', url: 'http://a.example', direct: false },
    { noProxy: '*a.example', url: 'http://a.example', direct: true },
    { noProxy: '*.a.example', url: 'http://b.a.example', direct: true },
    { noProxy: 'a.example:8080', url: 'http://a.example:8080', direct: true },
    { noProxy: 'a.example:8080', url: 'http://a.example', direct: false },
    { noProxy: 'a.example:80', url: 'http://a.example', direct: true },
    { noProxy: 'a.example:443', url: 'https://a.example', direct: true },
    { noProxy: 'x, a.example y', url: 'http://a.example', direct: true },
    { noProxy: '127.0.0.1', url: 'http://127.0.0.1:1880', direct: true },
    { noProxy: '[::1]', url: 'http://[::1]:1880', direct: true },
    { noProxy: '[::1]:1880', url: 'http://[::1]:1880', direct: true },
    { noProxy: '::1', url: 'http://[::1]:1880', direct: true },
    { noProxy: '', url: 'http://a.example', direct: false },
  ];
  for (const { noProxy, url, direct } of exceptions) {
    it(`goes ${direct ? 'directly' : 'through the proxy'} to ${url} with NO_PROXY "${noProxy}"`, () => {
      const env = { ...proxies, NO_PROXY: noProxy };
      assert.equal(proxyFor(new URL(url), env) === undefined, direct);
    });
  }

  it('lets a proxy node hide the environment', () => {
    const env = proxyNodeEnvironment('http://node:1', ['a.example', '.b.example']);
    assert.equal(proxyFor(new URL('https://c.example'), env), 'http://node:1');
    assert.equal(proxyFor(new URL('https://a.example'), env), undefined);
    assert.equal(proxyFor(new URL('https://x.b.example'), env), undefined);
  });

  it('lets NR_PROXY_MODE overrule the settings', () => {
    assert.deepEqual(withModeOverride({ mode: 'strict' }, { NR_PROXY_MODE: 'legacy' }), {
      mode: 'legacy',
    });
    assert.deepEqual(withModeOverride({ mode: 'legacy' }, { NR_PROXY_MODE: 'odd' }), {
      mode: 'legacy',
    });
  });

  it('decides as Node-RED does', () => {
    const host = fc.constantFrom('a.example', 'b.a.example', '10.0.0.1', '[fd00::1]', 'localhost');
    const port = fc.constantFrom('', ':80', ':443', ':8080');
    const exception = fc
      .tuple(fc.constantFrom('', '.', '*', '*.'), fc.oneof(host, fc.constant('example')), port)
      .map((parts) => parts.join(''));
    const list = fc
      .tuple(fc.array(exception, { maxLength: 3 }), fc.constantFrom(',', ' ', ', '))
      .map(([items, separator]) => items.join(separator));
    const proxy = fc.constantFrom('http://one:1', 'two:2', '');
    const env = fc.record(
      {
        http_proxy: proxy,
        HTTP_PROXY: proxy,
        https_proxy: proxy,
        HTTPS_PROXY: proxy,
        all_proxy: proxy,
        npm_config_proxy: proxy,
        npm_config_https_proxy: proxy,
        no_proxy: list,
        NO_PROXY: list,
        npm_config_no_proxy: list,
      },
      { requiredKeys: [] },
    );
    const rules = fc.record(
      {
        mode: fc.constantFrom('strict' as const, 'legacy' as const),
        favourUpperCase: fc.boolean(),
        lowerCaseOnly: fc.boolean(),
        excludeNpm: fc.boolean(),
      },
      { requiredKeys: [] },
    );
    const scheme = fc.constantFrom('http', 'https');
    fc.assert(
      fc.property(scheme, host, port, env, rules, (proto, name, portText, variables, options) => {
        const url = new URL(`${proto}://${name}${portText}/path`);
        const expected = nodeRed.getProxyForUrl(url.href, { ...options, env: variables });
        assert.equal(proxyFor(url, variables, options) ?? '', expected);
      }),
      { numRuns: 1000 },
    );
  });
});
