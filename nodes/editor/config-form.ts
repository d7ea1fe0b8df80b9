import { checkConfigProperties } from '../../src/config/config-properties';
import type { Problem } from '../../src/config/problems';
import { buildConnectionTest } from './connection-test/panel';
import { zoneList } from './dom';
import {
  checkWhileTyping,
  field,
  fieldValue,
  saveNumbers,
  showDefaults,
  showOnlyFor,
  type Form,
} from './form';
import type { EditorNode } from './editor-node';
import { sameJson } from './values';
import { addStyle } from './style';

const CHECKED = [
  'subdomain',
  'timezone',
  'install',
  'dateLiteral',
  'literalZone',
  'timeout',
  'rateLimit',
  'redisUrl',
  'redisPrefix',
] as const;
/** What matters for a store on Redis only. */
const REDIS = ['redisUrl', 'redisUsername', 'redisPassword', 'redisTls', 'redisPrefix'] as const;
const ZONES = 'node-config-input-zones';
/** The tags as one line; not named after the property, which is a list that Node-RED must not touch. */
const TAGS = 'tag-list';

function formOf(node: EditorNode): Form {
  return { node, prefix: 'node-config-input' };
}

export function prepareConfigForm(node: EditorNode): void {
  addStyle();
  const form = formOf(node);
  showDefaults(form);
  field(form, TAGS).val(tagsOf(node.tags).join(', '));
  field(form, 'timezone').attr('list', ZONES).after(zoneList(ZONES));
  field(form, 'literalZone').attr('list', ZONES);
  showOnlyFor(form, 'store', ['redis'], REDIS);
  checkWhileTyping(form, CHECKED, () => problemsOf(form));

  const subdomain = field(form, 'subdomain');
  const showInsecure = (): void => {
    const insecure = /^\s*http:/i.test(String(fieldValue(form, 'subdomain')));
    field(form, 'insecure').prop('hidden', !insecure);
  };
  subdomain.on('input change', showInsecure);
  showInsecure();
  openFilled(form);
  buildConnectionTest(form);
}

/** Folds that hold more than defaults are open from the start. */
function openFilled(form: Form): void {
  for (const name of ['userSecret', 'organizationSecret', 'elementToken', 'tls', 'proxy']) {
    if (fieldValue(form, name) !== '') field(form, name).closest('details').prop('open', true);
  }
  if (fieldValue(form, 'store') === 'redis') {
    field(form, 'store').closest('details').prop('open', true);
  }
}

export function saveConfigForm(node: EditorNode): void {
  const form = formOf(node);
  saveNumbers(form, ['timeout', 'rateLimit']);
  const tags = tagsOf(fieldValue(form, TAGS));
  if (!sameJson(tags, tagsOf(node.tags))) node.tags = tags;
}

function problemsOf(form: Form): Problem[] {
  return checkConfigProperties(
    Object.fromEntries(CHECKED.map((name) => [name, fieldValue(form, name)])),
  );
}

/** Tags as Open Connectors keeps them, a list; one line of text separates them by commas. */
function tagsOf(value: unknown): string[] {
  const items: unknown[] = typeof value === 'string' ? value.split(',') : [value].flat();
  return items
    .filter((item) => typeof item === 'string')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}
