import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { runInNewContext } from 'node:vm';
import type { Token, Tokens } from 'marked' with { 'resolution-mode': 'import' };
import { RESOURCE_FIELDS } from '../../../nodes/editor/resources/fields';
import { helpFrom } from '../../../scripts/help';
import {
  catalogueOf,
  ENGLISH,
  NODES,
  ROOT,
  TRANSLATIONS,
  type Catalogue,
} from '../locales/support/catalogues';

const PAGES = path.join(ROOT, 'docs', 'nodes');
const TYPES = ['sagecrm-config', 'sagecrm-poll', 'sagecrm-callback'];

interface Definition {
  defaults: Record<string, { value?: unknown }>;
  credentials?: Record<string, unknown>;
}

/** A row of a table of properties. */
interface Row {
  label: string;
  property: string;
  /** Absent for credentials. */
  fallback: string | undefined;
}

interface Page {
  text: string;
  tokens: Token[];
  /** The tables of properties: those of the node, then of its credentials or its resources. */
  tables: Row[][];
}

describe('The pages of the nodes', () => {
  it('are there for each node, in every language', () => {
    const missing = [ENGLISH, ...TRANSLATIONS].flatMap((language) =>
      TYPES.map((type) => fileOf(type, language)).filter((file) => !existsSync(file)),
    );
    assert.deepEqual(missing, []);
  });

  it('lead only to files that are there, and to headings in them', () => {
    const pages = readdirSync(PAGES, { recursive: true, encoding: 'utf8' });
    const broken = pages
      .filter((name) => name.endsWith('.md'))
      .flatMap((name) => brokenLinksIn(path.join(PAGES, name)));
    assert.deepEqual(broken, []);
  });

  it('tell the same of the sidebar in every language', async () => {
    const english = await readPage(fileOf('sidebar', ENGLISH));
    for (const language of TRANSLATIONS) {
      const page = await readPage(fileOf('sidebar', language));
      assert.deepEqual(outlineOf(page.tokens), outlineOf(english.tokens), language);
    }
  });
});

for (const type of TYPES) {
  for (const language of [ENGLISH, ...TRANSLATIONS]) {
    describe(`The page of ${type} in ${language}`, () => {
      const { defaults, credentials = {} } = definitionOf(type);
      const texts = catalogueOf(type, language);
      let page: Page;
      let help: string;

      before(async () => {
        page = await readPage(fileOf(type, language));
        help = await helpFrom(type, page.text);
      });

      it('describes every property of the node, and no other', () => {
        assert.deepEqual(propertiesOf(page.tables[0]), Object.keys(defaults).sort());
      });

      it('names the defaults', () => {
        const wrong = (page.tables[0] ?? []).filter(
          ({ property, fallback }) => !isNamed(defaults[property]?.value, fallback ?? ''),
        );
        assert.deepEqual(wrong, []);
      });

      it('calls the fields what the dialog calls them', () => {
        const rows = page.tables.flat().filter(({ label }) => label !== '');
        const wrong = rows.filter(({ label, property }) => {
          const expected = labelOf(texts, type, property);
          return expected !== undefined && expected !== label;
        });
        assert.deepEqual(wrong, []);
      });

      if (type === 'sagecrm-poll') {
        it('describes every key of a resource, and no other', () => {
          const names = RESOURCE_FIELDS.map(({ name }) => name);
          assert.deepEqual(propertiesOf(page.tables[1]), names.sort());
        });
      } else {
        it('describes every credential of the node, and no other', () => {
          assert.deepEqual(propertiesOf(page.tables[1]), Object.keys(credentials).sort());
        });
      }

      it('becomes help with a paragraph first, for the tooltip, and balanced tags', () => {
        const [, body = ''] =
          new RegExp(
            `^<script type="text/html" data-help-name="${type}">\n(.*)</script>\n$`,
            's',
          ).exec(help) ?? [];
        assert.match(body, /^<p>[^<]+/);
        assert.equal(unbalanced(body), '');
      });

      it('becomes help without tables and without links into the documentation', () => {
        assert.doesNotMatch(help, /<table|href="(?!https:)|\]\(/);
        assert.match(help, /<dl class="message-properties">\n<dt/);
      });

      if (language !== ENGLISH) {
        it('has the sections and the technical names of the English page', async () => {
          const english = await readPage(fileOf(type, ENGLISH));
          assert.deepEqual(outlineOf(page.tokens), outlineOf(english.tokens));
        });
      }
    });
  }
}

function fileOf(type: string, language: string): string {
  return path.join(PAGES, language === ENGLISH ? '' : language, `${type}.md`);
}

function brokenLinksIn(file: string): string[] {
  const links = readFileSync(file, 'utf8').matchAll(/\]\((?!https:)([^)#]+)(?:#([\w-]+))?\)/g);
  return [...links].flatMap(([link, target = '', anchor]) => {
    const found = path.join(path.dirname(file), target);
    if (!existsSync(found)) return [link];
    return anchor === undefined || anchorsOf(found).includes(anchor) ? [] : [link];
  });
}

/** As GitHub makes them of the headings. */
function anchorsOf(file: string): string[] {
  const headings = readFileSync(file, 'utf8').matchAll(/^#+ (.*)$/gm);
  return [...headings].map(([, text = '']) =>
    text
      .toLowerCase()
      .replaceAll(/[^\p{L}\d -]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** What the node's page gives to Node-RED's `registerType`. */
function definitionOf(type: string): Definition {
  const html = readFileSync(path.join(NODES, type, `${type}.html`), 'utf8');
  const [, script = ''] = /<script type="text\/javascript">(.*)<\/script>/s.exec(html) ?? [];
  let found: Definition = { defaults: {} };
  runInNewContext(script, {
    RED: {
      _: String,
      nodes: {
        registerType: (_name: string, definition: Definition) => {
          found = definition;
        },
      },
    },
    sageCrmEditor: { defaultResources: () => ({}) },
  });
  return found;
}

async function readPage(file: string): Promise<Page> {
  const { marked } = await import('marked');
  const text = readFileSync(file, 'utf8');
  const tokens = marked.lexer(text);
  const tables = tokens.filter((token): token is Tokens.Table => token.type === 'table');
  return {
    text,
    tokens,
    tables: tables.filter(({ header }) => header.length > 2).map(({ rows }) => rows.map(rowOf)),
  };
}

function rowOf(cells: readonly Tokens.TableCell[]): Row {
  const [label = '', property = '', fallback] = cells.slice(0, -1).map(({ text }) => text);
  return { label, property: property.replaceAll('`', ''), fallback };
}

function propertiesOf(rows: readonly Row[] = []): string[] {
  return rows.map(({ property }) => property).sort();
}

/** Whether the column of defaults says `value`; what is empty or long, it may say in its own words. */
function isNamed(value: unknown, fallback: string): boolean {
  if (typeof value === 'number') return fallback.replace(/\D/g, '') === String(value);
  if (typeof value === 'boolean') return fallback === `\`${value}\``;
  return value === '' || typeof value !== 'string' || fallback === `\`${value}\``;
}

/** What the dialog writes beside the field; undefined where it writes nothing. */
function labelOf(texts: Catalogue, type: string, property: string): string | undefined {
  const own = texts.get(`${type}.label.${property}`) ?? texts.get(`${type}.resource.${property}`);
  const [, kind, part] = /^(created|updated)Date(Field|Format|Timezone)$/.exec(property) ?? [];
  if (kind === undefined || part === undefined)
    return property === 'enabled' && type === 'sagecrm-poll' ? undefined : own;
  const colon = texts.get(`${type}.resource.noDate`)?.includes(' :') ? ' : ' : ': ';
  return [`${kind}Date`, `date${part}`]
    .map((key) => texts.get(`${type}.resource.${key}`))
    .join(colon);
}

/** The depth of each heading, and the code below it, sorted: a translation may turn it round. */
function outlineOf(tokens: readonly Token[]): string[] {
  const sections = tokens.reduce<{ depth: number; code: string[] }[]>((found, token) => {
    if (token.type === 'heading') found.push({ depth: (token as Tokens.Heading).depth, code: [] });
    found.at(-1)?.code.push(...codeIn(token.raw));
    return found;
  }, []);
  return sections.map(({ depth, code }) => `${depth}: ${code.sort().join(' ')}`);
}

function codeIn(markdown: string): string[] {
  return markdown.match(/`[^`]+`/g) ?? [];
}

/** The first tag that is not closed, or closed without having been opened. */
function unbalanced(html: string): string {
  const open: string[] = [];
  for (const [tag, slash, name = ''] of html.matchAll(/<(\/?)(\w+)[^>]*>/g)) {
    if (slash !== '/') open.push(name);
    else if (open.pop() !== name) return tag;
  }
  return open.join(' ');
}
