import { checkCallbackProperties } from '../../src/config/callback-properties';
import { checkWhileTyping, fieldValue, saveNumbers, showDefaults, type Form } from './form';
import { buildHeaderList, collectHeaders } from './header-list';
import type { EditorNode } from './node-red';
import { addStyle } from './style';

const CHECKED = ['enabled', 'url', 'format', 'timeout', 'allowPrivate'] as const;

function formOf(node: EditorNode): Form {
  return { node, prefix: 'node-input' };
}

export function prepareCallbackForm(node: EditorNode): void {
  addStyle();
  const form = formOf(node);
  showDefaults(form);
  buildHeaderList(node);
  checkWhileTyping(form, CHECKED, () =>
    checkCallbackProperties(
      Object.fromEntries(CHECKED.map((name) => [name, fieldValue(form, name)])),
    ),
  );
}

export function saveCallbackForm(node: EditorNode): void {
  saveNumbers(formOf(node), ['timeout']);
  node.headers = collectHeaders(node);
}
