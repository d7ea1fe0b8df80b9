import axios from 'axios';
import { z } from 'zod';
import type { CrmRecord } from '../../src/event/event';

const rowsSchema = z.array(z.record(z.string(), z.unknown()));

interface HubPage {
  rows: CrmRecord[];
  next: string | undefined;
}

/**
 * Reads a list of companies as carefully as one can without looking behind: all pages, and any
 * fault fails the whole reading. Shared by the transcriptions, so that they differ only in what
 * they ask for and what they remember.
 */
export class HubReader {
  constructor(
    private readonly url: string,
    private readonly pageSize: number,
  ) {}

  /** All rows for a clause, or all there are. Rejects on any fault, and on a page that repeats. */
  async readAll(where?: string): Promise<CrmRecord[]> {
    const rows: CrmRecord[] = [];
    let token: string | undefined;
    for (;;) {
      const page = await this.page(where, token);
      rows.push(...page.rows);
      if (page.next === undefined) return rows;
      if (page.next === token) throw new Error('the next page is the same page again');
      token = page.next;
    }
  }

  private async page(where: string | undefined, nextPage: string | undefined): Promise<HubPage> {
    const { data, headers } = await axios.get<unknown>(`${this.url}/hubs/crm/accounts`, {
      params: { where, nextPage, pageSize: this.pageSize },
      auth: { username: 'crm-user', password: 'crm-pass' },
      responseType: 'json',
      // By default axios hands out JSON that was cut as if it were text.
      transitional: { silentJSONParsing: false },
      proxy: false,
    });
    const next: unknown = headers['elements-next-page-token'];
    return { rows: rowsSchema.parse(data), next: typeof next === 'string' ? next : undefined };
  }
}
