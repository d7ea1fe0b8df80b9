import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { networkFault } from '../../../src/delivery/fault';
import { judgeAnswer, judgeFault } from '../../../src/delivery/verdict';
import { SageCrmError } from '../../../src/errors/sagecrm-error';

const WHERE = 'https://receiver.example';

describe('judgeAnswer', () => {
  const judge = (statusCode: number) => judgeAnswer({ statusCode, hint: {} }, WHERE, 0);

  for (const status of [200, 201, 202, 204, 299]) {
    it(`counts ${status} as delivered`, () => {
      assert.deepEqual(judge(status), { kind: 'delivered', statusCode: status });
    });
  }

  for (const status of [408, 425, 429, 500, 501, 502, 503, 504, 599]) {
    it(`tries again after ${status}`, () => {
      const verdict = judge(status);
      assert.ok(verdict.kind === 'retry');
      assert.equal(verdict.error.code, status === 429 ? 'RATE_LIMITED' : 'SERVER_ERROR');
      assert.equal(verdict.error.details.statusCode, status);
    });
  }

  for (const status of [400, 401, 403, 404, 405, 413, 422]) {
    it(`gives up after ${status}`, () => {
      const verdict = judge(status);
      assert.ok(verdict.kind === 'final');
      assert.equal(verdict.error.code, 'DELIVERY_REFUSED');
      assert.equal(verdict.error.details.statusCode, status);
    });
  }

  it('takes 410 for the end of all webhooks to the target', () => {
    const verdict = judge(410);
    assert.ok(verdict.kind === 'gone');
    assert.equal(verdict.error.code, 'DELIVERY_REFUSED');
    assert.equal(verdict.error.details.statusCode, 410);
  });

  for (const status of [300, 301, 302, 303, 304, 307, 308]) {
    it(`does not follow ${status}`, () => {
      const verdict = judge(status);
      assert.ok(verdict.kind === 'final');
      assert.equal(verdict.error.code, 'REDIRECTED');
    });
  }

  it('hands on how long the receiver asks to wait', () => {
    const verdict = judgeAnswer({ statusCode: 503, hint: { retryAfter: '7' } }, WHERE, 0);
    assert.ok(verdict.kind === 'retry');
    assert.equal(verdict.error.details.retryAfterMs, 7_000);
  });
});

describe('judgeFault', () => {
  it('tries again after a network fault', () => {
    const verdict = judgeFault(Object.assign(new Error('x'), { code: 'ECONNRESET' }), WHERE);
    assert.ok(verdict.kind === 'retry');
    assert.equal(verdict.error.code, 'UNREACHABLE');
  });

  for (const code of ['ADDRESS_REFUSED', 'CONFIG_INVALID'] as const) {
    it(`gives up after ${code}`, () => {
      const verdict = judgeFault(new SageCrmError(code, 'what', 'next'), WHERE);
      assert.equal(verdict.kind, 'final');
    });
  }
});

describe('networkFault', () => {
  const codes: [string, string][] = [
    ['ECONNREFUSED', 'UNREACHABLE'],
    ['ENOTFOUND', 'UNREACHABLE'],
    ['EAI_AGAIN', 'UNREACHABLE'],
    ['ETIMEDOUT', 'TIMEOUT'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'TLS_FAILED'],
    ['CERT_HAS_EXPIRED', 'TLS_FAILED'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'TLS_FAILED'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'TLS_FAILED'],
    ['EPROTO', 'TLS_FAILED'],
  ];
  for (const [code, expected] of codes) {
    it(`tells ${code} as ${expected}, with the receiver and the code`, () => {
      const fault = networkFault(Object.assign(new Error('x'), { code }), WHERE);
      assert.equal(fault.code, expected);
      assert.match(fault.message, new RegExp(`${WHERE}.*\\(${code}\\)`));
    });
  }

  it('finds the cause inside what an HTTP client throws', () => {
    const inner = Object.assign(new Error('x'), { code: 'ECONNREFUSED' });
    const fault = networkFault(new Error('outer', { cause: inner }), WHERE);
    assert.match(fault.message, /ECONNREFUSED/);
    const own = new SageCrmError('ADDRESS_REFUSED', 'what', 'next');
    assert.equal(networkFault(new Error('outer', { cause: own }), WHERE), own);
  });

  it('says so when a proxy refuses', () => {
    const fault = networkFault(new Error('Bad response: 407'), WHERE);
    assert.equal(fault.code, 'UNREACHABLE');
    assert.match(fault.message, /The proxy opened no connection \(status 407\)/);
  });

  it('takes nothing over from the thrown object but its code', () => {
    const thrown = Object.assign(new Error('hush'), {
      code: 'ECONNRESET',
      config: { headers: { Authorization: 'hush' }, data: 'hush' },
    });
    assert.doesNotMatch(inspect(networkFault(thrown, WHERE), { depth: 10 }), /hush/);
    assert.equal(networkFault('hush', WHERE).message.includes('hush'), false);
  });

  it('ends on causes that go round in a circle', () => {
    const first = new Error('a');
    const second = new Error('b', { cause: first });
    first.cause = second;
    assert.equal(networkFault(first, WHERE).code, 'UNREACHABLE');
  });
});
