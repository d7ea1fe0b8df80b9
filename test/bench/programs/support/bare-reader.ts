import http from 'node:http';

/** What every backlog is compared with: pages fetched over a kept connection and parsed. */
export class BareReader {
  private readonly agent = new http.Agent({ keepAlive: true });

  /** @param crm the URL of a server with a number of records */
  constructor(private readonly crm: string) {}

  /** Drops what it reads. Returns how many records there were. */
  async readAll(pageSize: number): Promise<number> {
    let records = 0;
    for await (const rows of this.pages(pageSize)) records += rows.length;
    return records;
  }

  async *pages(pageSize: number): AsyncGenerator<object[]> {
    let token: string | undefined = '0';
    while (token !== undefined) {
      const page = await this.page(`?pageSize=${pageSize}&nextPage=${token}`);
      yield page.rows;
      token = page.next;
    }
  }

  close(): void {
    this.agent.destroy();
  }

  private page(query: string): Promise<{ rows: object[]; next: string | undefined }> {
    return new Promise((resolve, reject) => {
      const url = `${this.crm}/hubs/crm/accounts${query}`;
      http
        .get(url, { agent: this.agent }, (answer) => {
          const chunks: Buffer[] = [];
          answer.on('data', (chunk: Buffer) => chunks.push(chunk));
          answer.once('end', () => {
            const rows = JSON.parse(Buffer.concat(chunks).toString('utf8')) as object[];
            const next = answer.headers['elements-next-page-token'];
            resolve({ rows, next: typeof next === 'string' ? next : undefined });
          });
        })
        .once('error', reject);
    });
  }
}
