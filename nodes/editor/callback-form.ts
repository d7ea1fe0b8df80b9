import { checkCallbackProperties } from '../../src/config/callback-properties';
import {
  checkWhileTyping,
  fieldValue,
  saveNumbers,
  showDefaults,
  showOnlyFor,
  type Form,
} from './form';
import { buildHeaderList, collectHeaders } from './header-list';
import type { EditorNode } from './node-red';
import { addStyle } from './style';

const CHECKED = [
  'enabled',
  'url',
  'allowUrlOverride',
  'format',
  'cloudEventsMode',
  'batchSize',
  'flushAfter',
  'concurrency',
  'retries',
  'deadLetterLimit',
  'deadLetterDays',
  'timeout',
  'allowPrivate',
] as const;
const NUMBERS = [
  'timeout',
  'batchSize',
  'flushAfter',
  'concurrency',
  'deadLetterLimit',
  'deadLetterDays',
];

function formOf(node: EditorNode): Form {
  return { node, prefix: 'node-input' };
}

export function prepareCallbackForm(node: EditorNode): void {
  addStyle();
  const form = formOf(node);
  showDefaults(form);
  buildHeaderList(node);
  showOnlyFor(form, 'format', ['cloudevents'], ['cloudEventsMode']);
  showOnlyFor(form, 'format', ['open-connectors', 'cloudevents'], ['batchSize', 'flushAfter']);
  checkWhileTyping(form, CHECKED, () =>
    checkCallbackProperties(
      Object.fromEntries(CHECKED.map((name) => [name, fieldValue(form, name)])),
    ),
  );
}

export function saveCallbackForm(node: EditorNode): void {
  saveNumbers(formOf(node), NUMBERS);
  node.headers = collectHeaders(node);
}
