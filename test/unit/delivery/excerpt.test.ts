import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { Excerpt, isText } from '../../../src/delivery/excerpt';

async function excerptOf(...chunks: Buffer[]): Promise<string> {
  const stream = Readable.from(chunks);
  const excerpt = new Excerpt(stream);
  await finished(stream);
  return excerpt.text();
}

describe('Excerpt', () => {
  it('is the text of a short answer', async () => {
    assert.equal(await excerptOf(Buffer.from('Thank '), Buffer.from('you ü\n')), 'Thank you ü');
  });

  it('ends a long answer with an ellipsis', async () => {
    const text = await excerptOf(Buffer.alloc(1500, 'x'), Buffer.alloc(1500, 'x'));
    assert.equal(text, `${'x'.repeat(2000)}…`);
  });

  it('leaves control characters out', async () => {
    assert.equal(await excerptOf(Buffer.from('a\u0000\u001b[31mb\tc')), 'a[31mb\tc');
  });
});

describe('isText', () => {
  for (const type of [
    undefined,
    'text/html; charset=utf-8',
    'application/json',
    'application/problem+json',
  ]) {
    it(`takes ${type ?? 'no content type'} for text`, () => {
      assert.ok(isText(type));
    });
  }

  for (const type of ['image/png', 'application/octet-stream', 'application/zip']) {
    it(`does not take ${type} for text`, () => {
      assert.ok(!isText(type));
    });
  }
});
