import type { Problem } from '../../src/config/problems';
import { mark } from './marks';
import type { EditorNode } from './editor-node';
import { flagOf, numberOrText, textOf } from './values';

/** One node's edit dialog: its fields by property name. */
export interface Form {
  node: EditorNode;
  /** `node-input`, or `node-config-input` for a configuration node. */
  prefix: string;
}

export function field(form: Form, name: string): JQuery {
  return $(`#${form.prefix}-${name}`);
}

/** What a field holds now: a flag for a checkbox, else its text. */
export function fieldValue(form: Form, name: string): string | boolean {
  const input = field(form, name);
  if (input.attr('type') === 'checkbox') return input.prop('checked') === true;
  const value = input.val();
  return typeof value === 'string' && value !== '_ADD_' ? value : '';
}

/**
 * Fills fields whose property the flow does not hold: Node-RED would show, and save, an unchecked
 * box or an empty choice where the documented default is another. Pickers of configuration nodes
 * show that nothing is chosen by themselves.
 */
export function showDefaults(form: Form): void {
  for (const [name, { value: fallback, type }] of Object.entries(form.node._def.defaults)) {
    if (type !== undefined) continue;
    const input = field(form, name);
    const own = form.node[name];
    if (typeof fallback === 'boolean') {
      input.prop('checked', flagOf(own, fallback));
    } else if ((own === undefined || own === null) && fallback !== undefined) {
      input.val(textOf(fallback));
    }
  }
}

/** Rows that matter for some choices of a select box are hidden for the others. */
export function showOnlyFor(
  form: Form,
  select: string,
  choices: readonly string[],
  names: readonly string[],
): void {
  const box = field(form, select);
  const show = (): void => {
    const matters = choices.includes(String(box.val()));
    for (const name of names) field(form, name).closest('.form-row').prop('hidden', !matters);
  };
  box.on('change', show);
  show();
}

/** Saves changed number fields as numbers; Node-RED leaves a property that loosely equals its field. */
export function saveNumbers(form: Form, names: readonly string[]): void {
  for (const name of names) {
    const text = textOf(fieldValue(form, name));
    if (text !== textOf(form.node[name])) form.node[name] = numberOrText(text);
  }
}

/** The property that a problem's path starts with: `headers` for `headers.X-Key`. */
function propertyOf(path: string): string {
  return /^[\w$]+/.exec(path)?.[0] ?? path;
}

/** Marks the named fields with the problems that `check` finds, now and on every change. */
export function checkWhileTyping(
  form: Form,
  names: readonly string[],
  check: () => readonly Problem[],
): void {
  const refresh = (): void => {
    const problems = check();
    for (const name of names) {
      mark(field(form, name), problems.find(({ path }) => propertyOf(path) === name)?.message);
    }
  };
  for (const name of names) field(form, name).on('input change', refresh);
  refresh();
}

/** What Node-RED hands to `validate` beside the value. */
export interface ValidateOptions {
  /** The property's name for the user, where its definition holds one. */
  label?: string;
}

/** True, or what is wrong: one text for a field, one for each part of a property with parts. */
export type Verdict = true | string | string[];

/**
 * What Node-RED's `validate` of `property` returns: it marks a field only for a single text, and
 * lists several texts only on the node itself.
 */
export function verdict(
  node: EditorNode,
  property: string,
  { label = node._(`${node.type}.label.${property}`) }: ValidateOptions,
  problems: readonly Problem[],
): Verdict {
  const own = problems.filter(({ path }) => propertyOf(path) === property);
  const whole = own.find(({ path }) => path === property);
  if (whole !== undefined) return `${label}: ${whole.message}`;
  return own.length === 0 || own.map(({ path, message }) => `${path}: ${message}`);
}
