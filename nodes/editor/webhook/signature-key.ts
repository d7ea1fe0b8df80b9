import { textIn } from '../dom';
import { field, fieldValue, type Form } from '../form';
import { textOf } from '../values';

/** As long as the output of SHA-256, which Standard Webhooks recommends as the least. */
const KEY_BYTES = 32;
const MOST_KEYS = 2;

/** What the editor puts into the field for a key that only the runtime knows. */
const STORED = '__PWRD__';

/** A new secret in the form of Standard Webhooks. Any other format takes it as a text. */
function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
  return `whsec_${btoa(String.fromCharCode(...bytes))}`;
}

/** Lets the button beside the signature key make one, and shows it until the dialog closes. */
export function buildKeyGenerator(form: Form): void {
  const input = field(form, 'signatureKey');
  const box = $('#sagecrm-callback-new-key');
  const shown = box.find('input');
  const text = (key: string): string => form.node._(`${form.node.type}.key.${key}`);

  $('#sagecrm-callback-generate-key').on('click', () => {
    const key = newKey();
    const before = textIn(input);
    input.val(withKey(form, key, before, textIn(shown)));
    shown.val(key);
    box.find('.sagecrm-key-note').text(noteFor(form, before, text));
    box.prop('hidden', false);
    input.trigger('change');
    shown.trigger('focus').trigger('select');
  });
  box.find('button').on('click', (event) => {
    RED.clipboard.copyText(textIn(shown), $(event.currentTarget), 'clipboard.copyMessageValue');
  });
  input.on('input change', () => {
    const isThere = textIn(input).split(/\s+/).includes(textIn(shown));
    if (!isThere) box.prop('hidden', true);
  });
}

/**
 * The keys to fill in: in a format that can sign with two, the key before stays valid as the second.
 * One that has only just been made is not known to any receiver, and goes.
 */
function withKey(form: Form, key: string, before: string, made: string): string {
  const old = before.split(/\s+/).filter((one) => ![STORED, made, ''].includes(one));
  return signsTwice(form) ? [key, ...old].slice(0, MOST_KEYS).join(' ') : key;
}

function signsTwice(form: Form): boolean {
  return textOf(fieldValue(form, 'format')) !== 'open-connectors';
}

function noteFor(form: Form, before: string, text: (key: string) => string): string {
  if (before !== STORED) return text('copy');
  return `${text('copy')} ${text(signsTwice(form) ? 'replacesOneOfTwo' : 'replaces')}`;
}
