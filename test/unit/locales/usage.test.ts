import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { catalogueOf, ENGLISH, namespaces, NODES, ROOT } from './support/catalogues';

/**
 * Keys that the code puts together: it holds what stands here, and the rest of the key on its own.
 * `from` is the expression, as the code has it.
 */
const COMPOSED: readonly { from: string; keys: RegExp }[] = [
  { from: '`${node.type}.label.${property}`', keys: /\.label\.(\w+)$/ },
  { from: '`${this.node.type}.status.${key}`', keys: /^[\w-]+\.status\.(\w+?)(?:Over)?$/ },
  { from: '`${key}Over`', keys: /^sagecrm-poll\.status\.(idle|changes)Over$/ },
  { from: '`sagecrm-callback.age.${key}`', keys: /^sagecrm-callback\.age\.(\w+)$/ },
  { from: '`${form.node.type}.interval.${hint.key}`', keys: /\.interval\.(\w+)$/ },
  // The fields of a resource.
  { from: '`resource.${textKey}`', keys: /^sagecrm-poll\.resource\.(\w+)$/ },
  { from: '`resource.${name}Hint`', keys: /\.resource\.(deletes|changes)Hint$/ },
  { from: '`resource.${kind}Date`', keys: /\.resource\.(created|updated)Date$/ },
  { from: '`date${part}`', keys: /\.resource\.date(Field|Format|Timezone)$/ },
  // Parts of a dialog that name their keys below a prefix of their own.
  { from: '`try.${key}`', keys: /\.try\.([\w.]+)$/ },
  { from: '`api.${request.api}`', keys: /\.try\.api\.(\w+)$/ },
  { from: '`reason.${dropped}`', keys: /\.try\.reason\.(\w+)$/ },
  { from: '`${name}.open`', keys: /^sagecrm-poll\.(import|export)\.open$/ },
  { from: '`${form.node.type}.key.${key}`', keys: /^sagecrm-callback\.key\.(\w+)$/ },
  { from: '`${form.node.type}.test.${key}`', keys: /\.test\.([\w.]+)$/ },
  { from: '`undeployed.${undeployed}`', keys: /\.test\.undeployed\.(\w+)$/ },
  { from: '`step.${id}`', keys: /\.test\.step\.(\w+)$/ },
  { from: '`outcome.${outcome}`', keys: /\.test\.outcome\.(\w+)$/ },
  // The sidebar.
  { from: '`request.${key}`', keys: /\.request\.(\w+?)(?:Next)?$/ },
  { from: '`request.${key}Next`', keys: /\.request\.(\w+)Next$/ },
  { from: '`table.${key}`', keys: /^sagecrm-sidebar\.table\.(\w+)$/ },
  { from: '`span.${span.key}`', keys: /^sagecrm-sidebar\.span\.(\w+)$/ },
  { from: '`replay.${since.problem}`', keys: /^sagecrm-sidebar\.replay\.(\w+)$/ },
  { from: '`event.${kind}`', keys: /^sagecrm-sidebar\.event\.(\w+)$/ },
  { from: '`callbackState.${key}`', keys: /^sagecrm-sidebar\.callbackState\.(\w+)$/ },
  { from: '`state.${poller.state}`', keys: /^sagecrm-sidebar\.state\.(\w+)$/ },
  { from: '`button.${key}`', keys: /^sagecrm-sidebar\.button\.(\w+)$/ },
];

const code = [NODES, path.join(ROOT, 'src')]
  .flatMap((folder) => readdirSync(folder, { recursive: true, withFileTypes: true }))
  .filter((entry) => entry.isFile() && /\.(ts|html)$/.test(entry.name))
  .map((entry) => readFileSync(path.join(entry.parentPath, entry.name), 'utf8'))
  .join('\n');
const keys = namespaces().flatMap((namespace) => [...catalogueOf(namespace, ENGLISH).keys()]);

describe('The keys of the texts', () => {
  it('are all used', () => {
    assert.deepEqual(
      keys.filter((key) => !isUsed(key)),
      [],
    );
  });

  it('are put together where the list of such keys says so', () => {
    const gone = COMPOSED.filter(({ from }) => !code.includes(from)).map(({ from }) => from);
    assert.deepEqual(gone, []);
  });

  it('are all there when the code names them in full', () => {
    const named = matches(/['"`\]:](sagecrm-(?:config|poll|callback|sidebar)\.[\w.-]+)['"`]/g);
    const others = /\.(read|write|svg|html|js)$/;
    assert.deepEqual(
      named.filter((key) => !others.test(key) && !keys.includes(key)),
      [],
    );
  });

  it('are all there when the code names them below their node type', () => {
    const named = matches(/\b(?:text|_)\(\s*['`]([\w-]+(?:\.[\w-]+)+)['`]/g);
    assert.deepEqual(
      named.filter((name) => !keys.some((key) => key === name || key.endsWith(`.${name}`))),
      [],
    );
  });
});

function isUsed(key: string): boolean {
  const belowType = key.slice(key.indexOf('.') + 1);
  if (isQuoted(key) || isQuoted(belowType)) return true;
  return COMPOSED.some(({ keys: pattern }) => {
    const [, part] = pattern.exec(key) ?? [];
    return part !== undefined && isQuoted(part);
  });
}

/** As a literal, as the end of a template, or as the name of an object's property. */
function isQuoted(text: string): boolean {
  const name = text.replaceAll('.', '\\.');
  return new RegExp(`['"\`.\\]:]${name}['"\`]|^ +${name}: \\{`, 'm').test(code);
}

function matches(pattern: RegExp): string[] {
  return [...new Set([...code.matchAll(pattern)].map(([, name]) => name ?? ''))];
}
