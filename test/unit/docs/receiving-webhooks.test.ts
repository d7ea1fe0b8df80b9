import assert from 'node:assert/strict';
import { execFileSync, fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createEnvelope, type EnvelopeOptions } from '../../../src/event/envelopes/create-envelope';
import type { EnvelopeFormat } from '../../../src/event/envelopes/envelope';
import type { EventMessage } from '../../../src/event/event';
import { sampleMessage } from '../delivery/support/sample';

const PAGE = readFileSync(path.resolve(__dirname, '../../../docs/receiving-webhooks.md'), 'utf8');

const NEW = `whsec_${Buffer.from('the new key of 24 bytes.').toString('base64')}`;
const OLD = `whsec_${Buffer.from('the old key of 24 bytes.').toString('base64')}`;
const OTHER = `whsec_${Buffer.from('a key of somebody else..').toString('base64')}`;
const SENT_AT = 1_769_854_531;

/** What a receiver is given, and whether it must accept it. */
interface Case {
  name: string;
  scheme: 'standard' | 'elements';
  /** Several only for Standard Webhooks. */
  secrets: string[];
  headers: Record<string, string>;
  /** Base64. */
  body: string;
  /** Seconds. */
  now: number;
  genuine: boolean;
}

describe('docs/receiving-webhooks.md', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'sagecrm-docs-'));
  const fileOf = (name: string, text: string): string => {
    const file = path.join(folder, name);
    writeFileSync(file, text);
    return file;
  };

  before(() => {
    const [verify, receiver] = blocks('js');
    fileOf('verify.mjs', verify ?? '');
    fileOf('receiver.mjs', receiver ?? '');
  });

  after(() => {
    rmSync(folder, { recursive: true });
  });

  it('shows code for JavaScript, Python and C#', () => {
    const counts = ['js', 'python', 'csharp'].map((language) => blocks(language).length);
    assert.deepEqual(counts, [2, 1, 1]);
  });

  it('shows bodies as they are sent', () => {
    const [openConnectors, standardWebhooks, cloudEvents] = blocks('json').map(
      (text) => JSON.parse(text) as unknown,
    );
    assert.deepEqual(openConnectors, JSON.parse(rendered('open-connectors').body));
    assert.deepEqual(standardWebhooks, JSON.parse(rendered('standard-webhooks').body));
    assert.deepEqual(cloudEvents, JSON.parse(rendered('cloudevents').body));
  });

  it('leads only to schemas that are there', () => {
    const links = [...PAGE.matchAll(/\]\((schemas\/[^)]+)\)/g)].map(([, link]) => link ?? '');
    assert.equal(links.length, 5);
    for (const link of links) readFileSync(path.resolve(__dirname, '../../../docs', link));
  });

  it('has JavaScript that tells genuine webhooks from others', () => {
    const harness = fileOf('harness.mjs', JS_HARNESS);
    assertVerdicts(run(process.execPath, [harness], cases()));
  });

  it('has Python that tells genuine webhooks from others', () => {
    const harness = fileOf('harness.py', `${blocks('python').join('')}\n${PYTHON_HARNESS}`);
    assertVerdicts(run('python3', [harness], cases()));
  });

  describe('has a receiver that', () => {
    let receiver: ChildProcess;
    let url: string;

    before(async () => {
      const env = { ...process.env, PORT: '0', WEBHOOK_SECRETS: `${NEW} ${OLD}` };
      receiver = fork(fileOf('serve.mjs', RECEIVER_HARNESS), { env, execArgv: [] });
      url = `http://127.0.0.1:${String((await once(receiver, 'message'))[0])}/hook`;
    });

    after(async () => {
      const exit = once(receiver, 'exit');
      receiver.kill();
      await exit;
    });

    const post = async (body: string, headers: Record<string, string>): Promise<number> =>
      (await fetch(url, { method: 'POST', body, headers })).status;

    const queued = async (): Promise<unknown> => {
      const answer = once(receiver, 'message');
      receiver.send('queue');
      return ((await answer) as unknown[])[0];
    };

    it('takes a webhook once, and refuses what is not genuine or too long', async () => {
      const { body, headersFor } = rendered('standard-webhooks', OLD);
      const headers = headersFor(Date.now());
      assert.equal(await post(body.replace('Müller', 'Miller'), headers), 401);
      assert.equal(await post(body, {}), 401);
      assert.equal(await post('x'.repeat(5_000_001), headers), 413);
      assert.deepEqual(await queued(), []);
      assert.equal(await post(body, headers), 204);
      assert.equal(await post(body, headersFor(Date.now() + 1_000)), 204);
      assert.deepEqual(await queued(), [JSON.parse(body)]);
    });
  });
});

/** The code blocks of one language, in their order. */
function blocks(language: string): string[] {
  const fence = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms');
  return [...PAGE.matchAll(fence)].map(([, code]) => code ?? '');
}

function run(command: string, args: string[], given: Case[]): [Case, unknown][] {
  const output = execFileSync(command, args, { input: JSON.stringify(given), encoding: 'utf8' });
  const verdicts = JSON.parse(output) as unknown[];
  assert.equal(verdicts.length, given.length);
  return given.map((one, index) => [one, verdicts[index]]);
}

function assertVerdicts(verdicts: [Case, unknown][]): void {
  for (const [{ name, genuine }, verdict] of verdicts) assert.equal(verdict, genuine, name);
}

const JS_HARNESS = `
import { text } from 'node:stream/consumers';
import { verifyOpenConnectors, verifyStandardWebhook } from './verify.mjs';
const verdicts = JSON.parse(await text(process.stdin)).map((one) => {
  const body = Buffer.from(one.body, 'base64');
  return one.scheme === 'standard'
    ? verifyStandardWebhook(one.secrets, one.headers, body, one.now)
    : verifyOpenConnectors(one.secrets[0], one.headers, body);
});
console.log(JSON.stringify(verdicts));
`;

const PYTHON_HARNESS = `
import json
import sys

def verdict(one):
    body = base64.b64decode(one["body"])
    if one["scheme"] == "standard":
        return verify_standard_webhook(one["secrets"], one["headers"], body, one["now"])
    return verify_open_connectors(one["secrets"][0], one["headers"], body)

print(json.dumps([verdict(one) for one in json.load(sys.stdin)]))
`;

const RECEIVER_HARNESS = `
import { queue, server } from './receiver.mjs';
server.once('listening', () => process.send(server.address().port));
process.on('message', () => process.send(queue));
`;

function rendered(format: EnvelopeFormat, key = '', options: EnvelopeOptions = {}) {
  return createEnvelope(format, key, options).render([message()], {
    instanceId: '6fcb08974837967d',
    now: SENT_AT * 1000,
  });
}

function cases(): Case[] {
  return [
    ...standardCases('standard-webhooks'),
    ...(['structured', 'binary', 'batch'] as const).flatMap((cloudEventsMode) =>
      standardCases('cloudevents', { cloudEventsMode }),
    ),
    ...elementsCases(),
  ];
}

function standardCases(format: EnvelopeFormat, options: EnvelopeOptions = {}): Case[] {
  const { body, headersFor } = rendered(format, `${NEW} ${OLD}`, options);
  const headers = headersFor(SENT_AT * 1000);
  const good: Omit<Case, 'name'> = {
    scheme: 'standard',
    secrets: [NEW],
    headers,
    body: base64(body),
    now: SENT_AT,
    genuine: true,
  };
  const without = (name: string): Record<string, string> =>
    Object.fromEntries(Object.entries(headers).filter(([key]) => key !== name));
  const unsigned = rendered(format, '', options).headersFor(SENT_AT * 1000);
  return [
    { ...good, name: 'the new secret' },
    { ...good, name: 'the old secret', secrets: [OLD] },
    { ...good, name: 'one secret of two', secrets: [OTHER, OLD] },
    { ...good, name: 'five minutes old', now: SENT_AT + 300 },
    { ...good, name: 'five minutes early', now: SENT_AT - 300 },
    ...[
      { ...good, name: 'older', now: SENT_AT + 301 },
      { ...good, name: 'earlier', now: SENT_AT - 301 },
      { ...good, name: 'another secret', secrets: [OTHER] },
      { ...good, name: 'no secret', secrets: [] },
      { ...good, name: 'an empty secret', secrets: ['', 'whsec_'] },
      { ...good, name: 'a changed body', body: base64(`${body} `) },
      { ...good, name: 'another id', headers: { ...headers, 'webhook-id': 'other' } },
      { ...good, name: 'another time', headers: { ...headers, 'webhook-timestamp': '1769854530' } },
      { ...good, name: 'a time in words', headers: { ...headers, 'webhook-timestamp': 'now' } },
      { ...good, name: 'another alphabet', headers: { ...headers, 'webhook-signature': 'v1,ä' } },
      { ...good, name: 'another version', headers: relabelled(headers) },
      { ...good, name: 'no id', headers: without('webhook-id') },
      { ...good, name: 'no time', headers: without('webhook-timestamp') },
      { ...good, name: 'no signature', headers: without('webhook-signature') },
      { ...good, name: 'unsigned', headers: unsigned },
    ].map((bad) => ({ ...bad, genuine: false })),
  ].map((one) => ({ ...one, name: `${format} ${JSON.stringify(options)}: ${one.name}` }));
}

function relabelled(headers: Record<string, string>): Record<string, string> {
  return {
    ...headers,
    'webhook-signature': (headers['webhook-signature'] ?? '').replaceAll('v1,', 'v2,'),
  };
}

function elementsCases(): Case[] {
  const { body, headersFor } = rendered('open-connectors', 'kéy');
  const headers = Object.fromEntries(
    Object.entries(headersFor(0)).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const good: Case = {
    name: 'open-connectors',
    scheme: 'elements',
    secrets: ['kéy'],
    headers,
    body: base64(body),
    now: SENT_AT,
    genuine: true,
  };
  return [
    good,
    { ...good, name: 'another key', secrets: ['key'], genuine: false },
    { ...good, name: 'an empty key', secrets: [''], genuine: false },
    { ...good, name: 'a changed body', body: base64(`${body} `), genuine: false },
    { ...good, name: 'no signature', headers: {}, genuine: false },
  ];
}

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}

function message(): EventMessage {
  return sampleMessage({ eventId: 'u6NnbEHKZs9fbhjqS5xrPrHe', eventType: 'UPDATED' });
}
