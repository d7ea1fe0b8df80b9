import { field, fieldValue } from '../form';
import type { EditorNode } from '../editor-node';
import type { HistoryEvent } from '../node-red';
import { textOf } from '../values';
import { nameOf } from './callbacks';
import { carryOut } from './carry-out';
import { fill, textButton, textOfDialog, type PollDialog } from './dialog';
import type { Plan } from './plan';

const PENDING = '#node-input-import-pending';
const DATA = 'sagecrm-plan';

interface Pending {
  plan: Plan;
  /** The fields that the plan filled in, with what they held. */
  before: Record<string, string>;
}

/** Remembers a plan in the place of an earlier one, fills its part of the form in and tells of it. */
export function showPending(dialog: PollDialog, plan: Plan): void {
  dropPending(dialog);
  if (plan.server === undefined && plan.callback === undefined) return;
  const before: Record<string, string> = {};
  const set = (name: string, value: string): void => {
    before[name] = String(fieldValue(dialog.form, name));
    fill(dialog, name, value);
  };
  if (plan.server?.action === 'create') {
    addOption(dialog, plan.server.id, newServerName(plan.server.settings.properties));
    set('server', plan.server.id);
  }
  if (plan.callback?.action === 'create') set('commit', 'acknowledged');
  const pending: Pending = { plan, before };
  tellOf(dialog, plan).prop('hidden', false).data(DATA, pending);
}

/** Forgets the plan and takes its part of the form back. */
function dropPending(dialog: PollDialog): void {
  const pending = pendingData();
  $(PENDING).removeData(DATA).empty().prop('hidden', true);
  if (pending === undefined) return;
  const { server } = pending.plan;
  for (const [name, value] of Object.entries(pending.before)) {
    fill(dialog, name, name === 'server' && value === '' ? '_ADD_' : value);
  }
  if (server?.action === 'create')
    field(dialog.form, 'server').find(`[value="${server.id}"]`).remove();
}

/** Carries the plan out when the dialog is done. */
export function finishPending(poll: EditorNode): HistoryEvent[] {
  const pending = pendingData();
  return pending ? carryOut(poll, pending.plan, textOf($('#node-input-server').val())) : [];
}

function pendingData(): Pending | undefined {
  return $(PENDING).data(DATA) as Pending | undefined;
}

/** The picker shows the node to come; its pencil stays off, as there is nothing to edit yet. */
function addOption(dialog: PollDialog, id: string, name: string): void {
  const label = textOfDialog(dialog)('import.server.option', { name });
  $('<option>').val(id).text(label).data('env', true).appendTo(field(dialog.form, 'server'));
}

function newServerName({ name, subdomain }: Record<string, unknown>): string {
  return textOf(name) || textOf(subdomain);
}

function tellOf(dialog: PollDialog, { server, callback }: Plan): JQuery {
  const text = textOfDialog(dialog);
  const lines: string[] = [];
  if (server?.action === 'create') {
    lines.push(text('import.pending.server', { name: newServerName(server.settings.properties) }));
  }
  if (server?.action === 'update') {
    lines.push(text('import.pending.update', { name: nameOf(server.node) }));
  }
  if (callback?.action === 'create') lines.push(text('import.pending.callback'));
  if (callback?.action === 'update') {
    lines.push(text('import.pending.update', { name: nameOf(callback.node) }));
  }
  const leaveOut = textButton(text('import.pending.leaveOut'), () => {
    dropPending(dialog);
    $('#node-input-import-open').trigger('focus');
  });
  return $(PENDING).append(
    $('<div>').text(text('import.pending.lead')),
    $('<ul>').append(lines.map((line) => $('<li>').text(line))),
    leaveOut.addClass('red-ui-button-small'),
  );
}
