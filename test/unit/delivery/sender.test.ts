import assert from 'node:assert/strict';
import { send } from '../../../src/delivery/sender';
import type { Transport, WebhookAnswer, WebhookRequest } from '../../../src/delivery/transport';
import { SageCrmError } from '../../../src/errors/sagecrm-error';
import type { RenderedEnvelope } from '../../../src/event/envelopes/envelope';
import { ManualClock } from '../../support/manual-clock';

const endpoint = {
  url: new URL('https://receiver.example/hook?token=hush'),
  headers: { 'X-A': '1', 'content-type': 'text/plain', 'Webhook-Id': 'mine' },
  timeoutMs: 15_000,
};

describe('send', () => {
  const clock = new ManualClock(1_000);
  const webhook: RenderedEnvelope = {
    id: 'w1',
    contentType: 'application/json',
    body: '{}',
    headersFor: (attemptAt) => ({ 'webhook-id': 'w1', 'webhook-timestamp': String(attemptAt) }),
  };
  let requests: WebhookRequest[];
  let stopping: AbortController;

  beforeEach(() => {
    requests = [];
    stopping = new AbortController();
  });

  function sending(answer: () => Promise<WebhookAnswer>) {
    const transport: Transport = {
      post: (request) => {
        requests.push(request);
        return answer();
      },
      close: () => undefined,
    };
    return send(webhook, endpoint, { transport, clock }, stopping.signal);
  }

  it('posts the body with the headers of the node, and on top those of the webhook', async () => {
    const verdict = await sending(() => Promise.resolve({ statusCode: 202, hint: {} }));
    assert.deepEqual(verdict, { kind: 'delivered', statusCode: 202 });
    const [request] = requests;
    assert.deepEqual(request?.headers, {
      'content-type': 'text/plain',
      'User-Agent': 'node-red-sagecrm',
      'X-A': '1',
      'webhook-id': 'w1',
      'webhook-timestamp': '1000',
    });
    assert.equal(request.body, '{}');
    assert.equal(request.timeoutMs, 15_000);
  });

  it('judges what keeps it from an answer, without the path and the query', async () => {
    const verdict = await sending(() => Promise.reject(new Error('hush')));
    assert.ok(verdict?.kind === 'retry');
    assert.equal(verdict.error.code, 'UNREACHABLE');
    assert.doesNotMatch(verdict.error.message, /hush/);
    const refused = await sending(() =>
      Promise.reject(new SageCrmError('ADDRESS_REFUSED', 'inside', 'look')),
    );
    assert.equal(refused?.kind, 'final');
  });

  it('has no verdict when it was stopped', async () => {
    stopping.abort();
    assert.equal(await sending(() => Promise.reject(new Error('aborted'))), undefined);
  });
});
