import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { RendererObject, RendererThis, Tokens } from 'marked' with {
  'resolution-mode': 'import',
};
import { ROOT } from './process';

/** English pages lie here, translations in a folder named by their language. */
const PAGES = path.join(ROOT, 'docs', 'nodes');
const ENGLISH = 'en-US';

/**
 * Writes the help of a node type, in every language it has a page for, to where Node-RED looks for
 * it: `{locales}/{language}/{type}.html`.
 */
export async function writeHelp(type: string, locales: string): Promise<void> {
  for (const { language, file } of await pagesOf(type)) {
    const help = await helpFrom(type, await readFile(file, 'utf8'));
    await mkdir(path.join(locales, language), { recursive: true });
    await writeFile(path.join(locales, language, `${type}.html`), help);
  }
}

interface HelpPage {
  language: string;
  file: string;
}

async function pagesOf(type: string): Promise<HelpPage[]> {
  const entries = await readdir(PAGES, { withFileTypes: true });
  const languages = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  return [
    { language: ENGLISH, file: path.join(PAGES, `${type}.md`) },
    ...languages.map((language) => ({ language, file: path.join(PAGES, language, `${type}.md`) })),
  ].filter(({ file }) => existsSync(file));
}

/**
 * A page of the documentation as Node-RED's help style guide wants it
 * (https://nodered.org/docs/creating-nodes/help-style-guide): the first paragraph is the tooltip,
 * sections are `h3`. These are property lists:
 * - list items that begin with names and a type: ``- `payload` _object_: the record``;
 * - tables: the first column is the name, the last one the text, those between go with the name.
 *
 * A numbered list holds the ports. Links within the documentation become text, because Node-RED
 * does not serve it.
 */
export async function helpFrom(type: string, page: string): Promise<string> {
  const { Marked } = await import('marked');
  const body = await new Marked({ renderer: HELP }).parse(page);
  return `<script type="text/html" data-help-name="${type}">\n${body}</script>\n`;
}

const HELP: RendererObject = {
  heading({ tokens, depth }) {
    if (depth === 1) return '';
    return `<h${depth + 1}>${this.parser.parseInline(tokens)}</h${depth + 1}>\n`;
  },

  link({ href, tokens }) {
    const text = this.parser.parseInline(tokens);
    if (!/^https?:/.test(href)) return text;
    return `<a href="${href}" target="_blank" rel="noopener">${text}</a>`;
  },

  list(list) {
    const rows = list.items.map((item) => propertyOf(this, item));
    if (rows.every((row) => row !== undefined)) return properties(rows);
    const items = list.items.map((item) => `<li>${this.parser.parse(item.tokens)}</li>\n`).join('');
    return list.ordered ? `<ol class="node-ports">\n${items}</ol>\n` : `<ul>\n${items}</ul>\n`;
  },

  table({ rows }) {
    return properties(
      rows.map((cells) => {
        const [name = '', ...others] = cells.map(({ tokens }) => this.parser.parseInline(tokens));
        const text = others.pop() ?? '';
        // A long field name must wrap; Node-RED's own style keeps names on one line.
        return property(' style="white-space: normal"', name, others, text);
      }),
    );
  },
};

/** How the languages say that a property may be absent. */
const OPTIONAL = /, (optional|facultatif|opcional)$/;

/** The list item as a property, or nothing when it is an ordinary one. */
function propertyOf({ parser }: RendererThis, item: Tokens.ListItem): string | undefined {
  const [first, ...blocks] = item.tokens;
  const inline = first !== undefined && 'tokens' in first ? (first.tokens ?? []) : [];
  const end = inline.findIndex(({ type }) => type === 'em');
  const names = inline.slice(0, Math.max(end, 0));
  const isNames = names.every(({ type, raw }) => type === 'codespan' || /^[,\s]+$/.test(raw));
  const em = inline[end];
  if (em === undefined || names.length === 0 || !isNames) return undefined;
  const type = parser.parseInline('tokens' in em ? (em.tokens ?? []) : []);
  const text = parser.parseInline(inline.slice(end + 1)).replace(/^\s*:\s*/, '');
  return property(
    OPTIONAL.test(type) ? ' class="optional"' : '',
    parser.parseInline(names).trim(),
    [type.replace(OPTIONAL, '')],
    text + parser.parse(blocks),
  );
}

function property(attributes: string, name: string, notes: string[], text: string): string {
  const note = notes.filter(Boolean).join(' · ');
  const span = note === '' ? '' : ` <span class="property-type">${plain(note)}</span>`;
  return `<dt${attributes}>${plain(name)}${span}</dt>\n<dd>${text}</dd>\n`;
}

function properties(rows: readonly string[]): string {
  return `<dl class="message-properties">\n${rows.join('')}</dl>\n`;
}

/** Names stand in a typeface of their own, without the box that code has in a text. */
function plain(html: string): string {
  return html.replaceAll(/<\/?code>/g, '');
}
