import { field, fieldValue, type Form } from '../form';
import type { EditorNode } from '../editor-node';

/** What import and export need of the poll node's dialog. */
export interface PollDialog {
  form: Form;
  /** Brings the list of resources up to date. */
  refresh: () => void;
}

export type Text = (key: string, values?: Record<string, unknown>) => string;

export function textOfDialog({ form }: PollDialog): Text {
  return (key, values) => form.node._(`${form.node.type}.${key}`, values);
}

/** The configuration node that the form shows as chosen; null when there is none. */
export function chosenServer({ form }: PollDialog): EditorNode | null {
  // The editor answers undefined for an id that it does not know.
  return RED.nodes.node(String(fieldValue(form, 'server'))) ?? null;
}

/** Fills a field in as a user would. */
export function fill({ form }: PollDialog, name: string, value: string): void {
  field(form, name).val(value).trigger('change');
}

/** A button with a text; the first one of a panel is the one that does it. */
export function textButton(label: string, onClick: () => void): JQuery {
  return $('<button type="button" class="red-ui-button">').text(label).on('click', onClick);
}
