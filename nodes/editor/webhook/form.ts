import { checkCallbackProperties } from '../../../src/config/callback-properties';
import {
  checkWhileTyping,
  fieldValue,
  saveNumbers,
  showDefaults,
  showOnlyFor,
  type Form,
} from '../form';
import type { EditorNode } from '../editor-node';
import { addStyle } from '../style';
import { buildHeaderList, collectHeaders } from './headers';
import { buildPreview } from './preview';
import { buildKeyGenerator } from './signature-key';
import { buildTest } from './test-event';

const CHECKED = [
  'enabled',
  'url',
  'allowUrlOverride',
  'format',
  'cloudEventsMode',
  'batchSize',
  'flushAfter',
  'concurrency',
  'rateLimit',
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
  'rateLimit',
  'deadLetterLimit',
  'deadLetterDays',
];

export function prepareCallbackForm(node: EditorNode): void {
  addStyle();
  const form: Form = { node, prefix: 'node-input' };
  showDefaults(form);
  buildHeaderList(node);
  buildKeyGenerator(form);
  showOnlyFor(form, 'format', ['cloudevents'], ['cloudEventsMode']);
  showOnlyFor(form, 'format', ['open-connectors', 'cloudevents'], ['batchSize', 'flushAfter']);
  checkWhileTyping(form, CHECKED, () =>
    checkCallbackProperties(
      Object.fromEntries(CHECKED.map((name) => [name, fieldValue(form, name)])),
    ),
  );
  buildPreview(form);
  buildTest(form);
}

export function saveCallbackForm(node: EditorNode): void {
  saveNumbers({ node, prefix: 'node-input' }, NUMBERS);
  node.headers = collectHeaders(node);
}
