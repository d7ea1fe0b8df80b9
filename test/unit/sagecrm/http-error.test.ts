import assert from 'node:assert/strict';
import { statusError, type FailedAnswer } from '../../../src/sagecrm/http-error';

function errorFor(answer: Partial<FailedAnswer>) {
  return statusError({ status: 400, headers: {}, body: '', ...answer }, 'crm-user', 0);
}

describe('statusError', () => {
  for (const [status, code] of [
    [300, 'REDIRECTED'],
    [301, 'REDIRECTED'],
    [400, 'BAD_REQUEST'],
    [401, 'LOGON_REFUSED'],
    [403, 'LOGON_REFUSED'],
    [404, 'NOT_FOUND'],
    [410, 'BAD_REQUEST'],
    [414, 'BAD_REQUEST'],
    [429, 'RATE_LIMITED'],
    [500, 'SERVER_ERROR'],
    [502, 'SERVER_ERROR'],
    [504, 'SERVER_ERROR'],
  ] as const) {
    it(`takes ${status} for ${code} and keeps the status`, () => {
      const error = errorFor({ status });
      assert.equal(error.code, code);
      assert.equal(error.details.statusCode, status);
    });
  }

  it('says once what a hub says twice', () => {
    const words = { message: 'No such column', providerMessage: 'No such column' };
    const body = JSON.stringify(words);
    const { message } = statusError({ status: 400, headers: {}, body }, 'user', 0);
    assert.equal(message.split('No such column').length, 2);
  });

  it('takes every shape of a body without failing', () => {
    for (const body of ['', 'null', '[]', '{}', '5', '"x"', '{"message": 5}', '<html>', '{"a":']) {
      assert.equal(errorFor({ body }).code, 'BAD_REQUEST');
    }
    for (const $diagnoses of [[], [{}], [{ $message: null }], 'x', [5]]) {
      assert.equal(errorFor({ body: JSON.stringify({ $diagnoses }) }).code, 'BAD_REQUEST');
    }
  });

  it('quotes the first diagnosis of Sage CRM', () => {
    const body = JSON.stringify({
      $diagnoses: [
        { $sdataCode: 'BadWhereSyntax', $message: 'near >', $applicationCode: 2403 },
        { $message: 'second' },
      ],
    });
    assert.match(errorFor({ body }).what, /^Sage CRM refused .*\("BadWhereSyntax: near >"\)$/);
  });

  it("prefers the request's id in the body to the one in the header", () => {
    const headers = { 'elements-request-id': 'header' };
    assert.equal(errorFor({ headers }).details.requestId, 'header');
    const body = JSON.stringify({ message: 'no', requestId: 'body' });
    assert.equal(errorFor({ headers, body }).details.requestId, 'body');
  });
});
