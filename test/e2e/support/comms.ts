import { once } from 'node:events';
import { request } from 'node:http';
import type { Duplex } from 'node:stream';

/** A WebSocket frame of text that a client sends, masked with zeros (RFC 6455, section 5.2). */
function textFrame(text: string): Buffer {
  const payload = Buffer.from(text);
  return Buffer.concat([Buffer.from([0x81, 0x80 | payload.length, 0, 0, 0, 0]), payload]);
}

/** What the runtime sends an open editor: the debug sidebar, the status of nodes, notifications. */
export class EditorTraffic {
  private readonly chunks: Buffer[] = [];

  private constructor(private readonly socket: Duplex) {
    socket.on('data', (chunk: Buffer) => this.chunks.push(chunk));
    socket.on('error', () => undefined);
  }

  static async open(url: string): Promise<EditorTraffic> {
    const upgrade = request(`${url}/comms`, {
      headers: {
        ...{ connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' },
        'sec-websocket-key': Buffer.alloc(16).toString('base64'),
      },
    }).end();
    const [, socket] = (await once(upgrade, 'upgrade')) as [unknown, Duplex];
    const traffic = new EditorTraffic(socket);
    socket.write(textFrame(JSON.stringify({ subscribe: 'status/#' })));
    return traffic;
  }

  /** Everything so far, the few bytes that begin each frame among it. */
  get text(): string {
    return Buffer.concat(this.chunks).toString('utf8');
  }

  close(): void {
    this.socket.destroy();
  }
}
