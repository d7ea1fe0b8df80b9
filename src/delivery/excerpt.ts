import type { Readable } from 'node:stream';

/** More than this of an answer helps nobody. */
const LONGEST = 2000;

/** Content types that people can read. An answer that does not say what it is mostly is text. */
const TEXT = /^$|^text\/|^application\/(?:[\w.-]+\+)?(?:json|xml)\b/i;

export function isText(contentType = ''): boolean {
  return TEXT.test(contentType.trim());
}

/** Keeps the beginning of a stream while somebody else reads it. */
export class Excerpt {
  private readonly chunks: Buffer[] = [];
  private size = 0;

  constructor(stream: Readable) {
    stream.on('data', (chunk: Buffer) => {
      if (this.size >= LONGEST) return;
      this.chunks.push(chunk.subarray(0, LONGEST - this.size));
      this.size += chunk.length;
    });
  }

  /** As UTF-8, without control characters; an ellipsis stands for what is left out. */
  text(): string {
    const text = new TextDecoder().decode(Buffer.concat(this.chunks));
    // eslint-disable-next-line no-control-regex -- that is what has to go
    const readable = text.replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, '').trim();
    return this.size > LONGEST ? `${readable}…` : readable;
  }
}
