import { checkPollProperties } from '../../src/config/poll-properties';
import type { Problem } from '../../src/config/problems';
import { lookBackMs } from '../../src/poll/window';
import {
  checkWhileTyping,
  field,
  fieldValue,
  saveNumbers,
  showDefaults,
  showOnlyFor,
  type Form,
} from './form';
import { finishPending } from './import/pending';
import { prepareTransfer } from './import/transfer';
import type { EditorNode } from './editor-node';
import type { HistoryEvent } from './node-red';
import { intervalHint } from './interval-hint';
import { buildResourceList, collectResources, type ListOptions } from './resources/list';
import { PickLists } from './resources/pick-lists';
import { valuesOfNode, type NodeValues } from './node-values';
import { addStyle } from './style';
import { numberOrText, textOf } from './values';

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
  const { refresh } = buildResourceList(node, listOptions(form));
  prepareTransfer({ form, refresh });
  // The picker tells of a change also after the dialog of the server itself was closed.
  field(form, 'server').on('change', refresh);
  field(form, 'overlap').on('input change', refresh);
  checkWhileTyping(form, ['server', ...CHECKED], () => problemsOf(form));

  showOnlyFor(form, 'start', ['date'], ['startDate']);
  showOnlyFor(form, 'commit', ['acknowledged'], ['maxInFlight', 'redeliverAfter']);

  showInterval(form);

  const report = field(form, 'report');
  const countOutputs = (): void => {
    field(form, 'outputs').val(report.prop('checked') === true ? '2' : '1');
  };
  report.on('change', countOutputs);
  countOutputs();
}

/** What an import made or changed beside this node is undone together with the dialog. */
export function savePollForm(node: EditorNode): { history: HistoryEvent[]; changed: boolean } {
  const history = finishPending(node);
  saveNumbers(formOf(node), NUMBERS);
  node.resources = collectResources(node);
  return { history, changed: history.length > 0 };
}

/** What the rows of the list ask of the dialog. */
function listOptions(form: Form): ListOptions {
  const chosen = (): EditorNode | null => RED.nodes.node(textOf(fieldValue(form, 'server')));
  const server = (): NodeValues | undefined => {
    const node = chosen();
    return node === null ? undefined : valuesOfNode(node);
  };
  return {
    server: chosen,
    lists: new PickLists(server),
    lookBack: (pollDelay) =>
      lookBackMs(secondsIn(fieldValue(form, 'overlap'), 120), secondsIn(pollDelay, 0)),
    question: ({ key, value }) => {
      const values = server();
      const names = ['start', 'startDate', 'overlap'];
      const poll = Object.fromEntries(names.map((name) => [name, fieldValue(form, name)]));
      return values && { ...values, resource: { [key]: value }, poll };
    },
  };
}

function secondsIn(value: unknown, fallback: number): number {
  const seconds = numberOrText(textOf(value));
  return typeof seconds === 'number' ? seconds : fallback;
}

function showInterval(form: Form): void {
  const show = (): void => {
    const hint = intervalHint(fieldValue(form, 'interval'), RED.i18n.lang());
    const text = hint && form.node._(`${form.node.type}.interval.${hint.key}`, hint.values);
    field(form, 'interval-meaning').text(text ?? '');
  };
  field(form, 'interval').on('input change', show);
  show();
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
