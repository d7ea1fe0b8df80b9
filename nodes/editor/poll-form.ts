import { checkPollProperties } from '../../src/config/poll-properties';
import type { Problem } from '../../src/config/problems';
import {
  checkWhileTyping,
  field,
  fieldValue,
  saveNumbers,
  showDefaults,
  showOnlyFor,
  type Form,
} from './form';
import type { EditorNode } from './node-red';
import { buildResourceList, collectResources } from './resource-list';
import { addStyle } from './style';
import { textOf } from './values';

const CHECKED = [
  'interval',
  'start',
  'startDate',
  'overlap',
  'lateWindow',
  'commit',
  'maxInFlight',
  'redeliverAfter',
] as const;
const NUMBERS = ['interval', 'overlap', 'lateWindow', 'maxInFlight', 'redeliverAfter'];

function formOf(node: EditorNode): Form {
  return { node, prefix: 'node-input' };
}

export function preparePollForm(node: EditorNode): void {
  addStyle();
  const form = formOf(node);
  showDefaults(form);
  const { refresh } = buildResourceList(node, () =>
    RED.nodes.node(textOf(fieldValue(form, 'server'))),
  );
  // The picker tells of a change also after the dialog of the server itself was closed.
  field(form, 'server').on('change', refresh);
  checkWhileTyping(form, ['server', ...CHECKED], () => problemsOf(form));

  showOnlyFor(form, 'start', ['date'], ['startDate']);
  showOnlyFor(form, 'commit', ['acknowledged'], ['maxInFlight', 'redeliverAfter']);

  const report = field(form, 'report');
  const countOutputs = (): void => {
    field(form, 'outputs').val(report.prop('checked') === true ? '2' : '1');
  };
  report.on('change', countOutputs);
  countOutputs();
}

export function savePollForm(node: EditorNode): void {
  saveNumbers(formOf(node), NUMBERS);
  node.resources = collectResources(node);
}

function problemsOf(form: Form): Problem[] {
  const values = Object.fromEntries(CHECKED.map((name) => [name, fieldValue(form, name)]));
  const { type } = form.node;
  return [
    ...checkPollProperties(values),
    ...(fieldValue(form, 'server') === ''
      ? [{ path: 'server', message: form.node._(`${type}.error.server`) }]
      : []),
  ];
}
