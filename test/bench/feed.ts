import { rowJson, type BacklogRows } from '../backlog/rows';

/** The records as an RSS feed: one article for each, which says the same. */
export function feedOf(rows: BacklogRows): string {
  const items = Array.from({ length: rows.records }, (_, place) => {
    const row = rows.at(0, place);
    return `<item><guid>${row.id}</guid><title>Company ${row.id}</title><link>https://crm.example.com/${row.id}</link><pubDate>${new Date(row.date).toUTCString()}</pubDate><description>${escaped(rowJson(row))}</description></item>`;
  });
  return `<?xml version="1.0"?><rss version="2.0"><channel><title>Companies</title><link>https://crm.example.com</link><description>Companies</description>${items.join('')}</channel></rss>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
