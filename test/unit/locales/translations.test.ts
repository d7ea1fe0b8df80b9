import assert from 'node:assert/strict';
import { catalogueOf, ENGLISH, namespaces, TRANSLATIONS } from './support/catalogues';

/** Names, units and words that a language has in common with English. */
const SAME_IN_ENGLISH = new Set([
  'API',
  'Callback',
  'CloudEvents',
  'Element token',
  'Format',
  'In UTC: __iso__',
  'minutes',
  'Mode',
  'Name',
  'Open Connectors',
  'Organization secret',
  'Proxy',
  'Sage CRM',
  'sage crm callback',
  'sage crm poll',
  'sage crm server',
  'Server',
  'Standard Webhooks',
  'TLS',
  'URL',
  'User secret',
]);

/** What the editor or the runtime puts into a text. */
const PLACEHOLDER = /__\w+?__|\{\{\w+\}\}|\$\{\w+\}/g;

for (const namespace of namespaces()) {
  const english = catalogueOf(namespace, ENGLISH);

  for (const language of TRANSLATIONS) {
    describe(`${namespace} in ${language}`, () => {
      const translated = catalogueOf(namespace, language);

      const keysWhere = (isWrong: (text: string, original: string) => boolean): string[] =>
        [...english]
          .filter(([key, original]) => isWrong(translated.get(key) ?? '', original))
          .map(([key]) => key);

      it('has the keys of the English texts, in their order', () => {
        assert.deepEqual([...translated.keys()], [...english.keys()]);
      });

      it('says something for each of them', () => {
        assert.deepEqual(
          keysWhere((text) => text.trim() === ''),
          [],
        );
      });

      it('keeps their placeholders', () => {
        assert.deepEqual(
          keysWhere((text, original) => placeholdersOf(text) !== placeholdersOf(original)),
          [],
        );
      });

      it('keeps the spaces around them, which join texts', () => {
        const edges = (text: string): string => text.replace(text.trim(), '|');
        assert.deepEqual(
          keysWhere((text, original) => edges(text) !== edges(original)),
          [],
        );
      });

      it('leaves none of them in English', () => {
        assert.deepEqual(
          keysWhere(
            (text, original) =>
              text === original && /\p{L}{2}/u.test(wordsOf(text)) && !SAME_IN_ENGLISH.has(text),
          ),
          [],
        );
      });
    });
  }
}

function placeholdersOf(text: string): string {
  return (text.match(PLACEHOLDER) ?? []).sort().join(' ');
}

/** A text of placeholders and units only is the same in every language. */
function wordsOf(text: string): string {
  return text.replace(PLACEHOLDER, '').replace(/\b(min|ms|KiB)\b/g, '');
}
