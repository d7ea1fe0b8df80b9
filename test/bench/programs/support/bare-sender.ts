import http from 'node:http';

/** What everything is compared with: POSTs of `node:http` over kept connections, and nothing else. */
export class BareSender {
  private readonly agent = new http.Agent({ keepAlive: true });

  constructor(private readonly url: string) {}

  post(body: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      const headers = { 'Content-Type': 'application/json', 'Content-Length': body.length };
      const request = http.request(this.url, { method: 'POST', agent: this.agent, headers });
      request.once('response', (answer) => {
        answer.once('end', resolve).resume();
      });
      request.once('error', reject);
      request.end(body);
    });
  }

  close(): void {
    this.agent.destroy();
  }
}
