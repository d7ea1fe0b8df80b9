import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  joinUrl,
  parameter,
  splitUrl,
  withoutParameters,
  withParameter,
} from '../../../src/sagecrm/request-url';

const URL_TEXT = "/hubs/crm/accounts?where=A%3E'1'&pageSize=5&X=a+b%20c";

describe('a request URL', () => {
  it('is put together again byte for byte', () => {
    const piece = fc.stringMatching(/^[\w%+'><=.-]+$/);
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 5 }), (pieces) => {
        const url = `/path?${pieces.join('&')}`;
        assert.equal(joinUrl(splitUrl(url)), url);
      }),
    );
    assert.equal(joinUrl(splitUrl('/path')), '/path');
    assert.equal(joinUrl(splitUrl('/path?')), '/path');
  });

  it('tells its parameters, decoded, whatever the case of their names', () => {
    const url = splitUrl(URL_TEXT);
    assert.equal(parameter(url, 'WHERE'), "A>'1'");
    assert.equal(parameter(url, 'x'), 'a b c');
    assert.equal(parameter(url, 'nothing'), undefined);
  });

  it('keeps every other parameter as it was written when one is set', () => {
    const url = withParameter(splitUrl(URL_TEXT), 'pagesize', 'a+b');
    assert.equal(joinUrl(url), "/hubs/crm/accounts?where=A%3E'1'&pagesize=a%2Bb&X=a+b%20c");
    assert.equal(joinUrl(withParameter(splitUrl('/p'), 'a', '1')), '/p?a=1');
  });

  it('loses parameters whatever the case of their names', () => {
    const url = withoutParameters(splitUrl(URL_TEXT), ['PAGESIZE', 'where']);
    assert.equal(joinUrl(url), '/hubs/crm/accounts?X=a+b%20c');
  });

  it('takes a stray percent sign for itself', () => {
    assert.equal(parameter(splitUrl("/p?where=a like '50%'"), 'where'), "a like '50%'");
  });

  it('gives a value back as it was set', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (value) => {
        const url = splitUrl(joinUrl(withParameter(splitUrl('/p?a=1'), 'where', value)));
        assert.equal(parameter(url, 'where'), value);
        assert.equal(parameter(url, 'a'), '1');
      }),
    );
  });
});
