import { checkCallbackProperties } from '../../../src/config/callback-properties';
import { parsedJson } from '../../../src/json/parsed-json';
import { iconButton, textIn, textInput } from '../dom';
import { mark } from '../marks';
import type { EditorNode } from '../editor-node';
import { isObject, sameJson, textOf } from '../values';

const LIST = '#node-input-header-list';
const ADD_BUTTON = 'node-input-header-add';

interface Header {
  name: string;
  value: string;
}

/** What the list keeps for each of its rows. */
interface Item {
  header: Header;
  fields?: { name: JQuery; value: JQuery };
}

/** Builds the list of extra headers inside the edit dialog. */
export function buildHeaderList(node: EditorNode): void {
  const text = (key: string): string => node._(`${node.type}.${key}`);
  let rows = 0;

  const add = (): void => {
    const item: Item = { header: { name: '', value: '' } };
    $(LIST).editableList('addItem', item);
    item.fields?.name.trigger('focus');
  };
  $(LIST).editableList<Item>({
    addButton: false,
    height: 'auto',
    buttons: [{ id: ADD_BUTTON, icon: 'fa fa-plus', label: text('header.add'), click: add }],
    addItem: (container, _index, item) => {
      rows += 1;
      const name = textInput().attr('aria-label', text('header.name'));
      const value = textInput().attr('aria-label', text('header.value'));
      name.attr({ id: `node-input-header-${rows}-name`, placeholder: text('header.name') });
      value.attr({ id: `node-input-header-${rows}-value`, placeholder: text('header.value') });
      item.fields = { name: name.val(item.header.name), value: value.val(item.header.value) };
      const remove = iconButton('fa-trash-o', text('header.delete'), () => {
        $(LIST).editableList('removeItem', item).trigger('change');
        markHeaders(text('header.taken'));
        $(`#${ADD_BUTTON}`).trigger('focus');
      });
      container
        .addClass('sagecrm-header')
        .append(
          $('<div class="sagecrm-field">').append(name),
          $('<div class="sagecrm-field">').append(value),
          remove,
        );
      container.on('input', () => {
        markHeaders(text('header.taken'));
      });
    },
  });
  for (const header of readHeaders(node.headers)) {
    $(LIST).editableList('addItem', { header });
  }
  markHeaders(text('header.taken'));
}

/** The `headers` property to save: itself when nothing changed. A row without a name is left out. */
export function collectHeaders(node: EditorNode): unknown {
  const before = Object.fromEntries(readHeaders(node.headers).map(pair));
  const after = Object.fromEntries(listItems().map(currentHeader).filter(isNamed).map(pair));
  return sameJson(before, after) ? node.headers : after;
}

function readHeaders(property: unknown): Header[] {
  const headers = typeof property === 'string' ? parsedJson(property) : property;
  if (!isObject(headers)) return [];
  return Object.entries(headers).map(([name, value]) => ({ name, value: textOf(value) }));
}

function currentHeader({ header, fields }: Item): Header {
  if (fields === undefined) return header;
  return { name: textIn(fields.name).trim(), value: textIn(fields.value).trim() };
}

function isNamed({ name }: Header): boolean {
  return name !== '';
}

function pair({ name, value }: Header): [string, string] {
  return [name, value];
}

function markHeaders(taken: string): void {
  const items = listItems();
  const names = items.map((item) => currentHeader(item).name.toLowerCase());
  items.forEach((item, index) => {
    const header = currentHeader(item);
    if (item.fields === undefined) return;
    const filled = isNamed(header) || header.value !== '';
    const [problem] = filled
      ? checkCallbackProperties({ headers: { [header.name]: header.value } }).filter(({ path }) =>
          path.startsWith('headers'),
        )
      : [];
    const repeated = isNamed(header) && names.indexOf(header.name.toLowerCase()) !== index;
    mark(item.fields.name, repeated ? taken : problem?.message);
  });
}

function listItems(): Item[] {
  return $(LIST)
    .editableList('items')
    .toArray()
    .map((element) => $(element).data('data') as Item);
}
