import { defaultResources } from '../../../src/config/defaults';
import { isEnvironmentReference } from '../../../src/config/fields';
import { checkPollProperties } from '../../../src/config/poll-properties';
import { zoneList } from '../dom';
import { mark } from '../marks';
import type { EditorNode } from '../editor-node';
import { ResourceRow, type RowOptions } from './row';
import { readResources, savedNames, writeResources, type NamedResource } from './set';
import { uniqueName } from '../values';
import { emptyResource } from './entity-template';

const LIST = '#node-input-resource-list';
const NOTE = '#node-input-resource-note';
const ADD_BUTTON = 'node-input-resource-add';
const ZONES = 'node-input-resource-zones';

/** What the list keeps for each of its rows. */
interface Item {
  resource: NamedResource;
  choosesEntity?: boolean;
  row?: ResourceRow;
}

/** The list of resources inside the edit dialog. */
interface ResourceList {
  /** Brings headers and marks up to date. */
  refresh: () => void;
}

/** What the rows need to know of the dialog around them. */
export type ListOptions = Pick<RowOptions, 'server' | 'lists' | 'lookBack' | 'question'>;

/** Builds the list of resources inside the edit dialog. */
export function buildResourceList(node: EditorNode, options: ListOptions): ResourceList {
  const text = (key: string, values?: Record<string, unknown>): string =>
    node._(`${node.type}.${key}`, values);
  let rows = 0;

  const refresh = (): void => {
    const items = listItems();
    const names = savedNames(items.map(nameOf));
    items.forEach(({ row }, index) => row?.refresh(names[index] ?? ''));
    const resources = collectResources(node);
    const whole = checkPollProperties({ resources }).find(({ path }) => path === 'resources');
    mark($(LIST), whole?.message);
    $(NOTE).prop('hidden', items.length > 0 || !isEnvironmentReference(node.resources));
  };
  const insert = (resource: NamedResource, index: number, choosesEntity = false): void => {
    const taken = new Set(listItems().map(nameOf));
    const key = resource.key === '' ? '' : uniqueName(resource.key, taken);
    const value = structuredClone(resource.value);
    const item: Item = { resource: { key, value }, choosesEntity };
    $(LIST).editableList('insertItemAt', item, index);
    refresh();
    item.row?.edit();
  };
  const remove = (item: Item): void => {
    const index = $(LIST).editableList('indexOf', item);
    $(LIST).editableList('removeItem', item);
    refresh();
    const items = listItems();
    const next = items[Math.min(index, items.length - 1)];
    if (next?.row === undefined) $(`#${ADD_BUTTON}`).trigger('focus');
    else next.row.focus();
  };

  $(LIST).editableList<Item>({
    addButton: false,
    height: 'auto',
    sortable: true,
    buttons: [
      {
        id: ADD_BUTTON,
        icon: 'fa fa-plus',
        label: text('resource.add'),
        click: () => {
          showAddMenu(text('resource.empty'), (resource) => {
            insert(resource, listItems().length, resource.key === '');
          });
        },
      },
    ],
    addItem: (container, _index, item) => {
      rows += 1;
      item.row = new ResourceRow(container, item.resource, {
        id: `node-input-resource-${rows}`,
        zones: ZONES,
        text,
        ...options,
        choosesEntity: item.choosesEntity ?? false,
        onChange: refresh,
        onCopy: () => {
          const index = $(LIST).editableList('indexOf', item);
          insert(item.row?.read() ?? item.resource, index + 1);
        },
        onDelete: () => {
          remove(item);
        },
      });
    },
  });
  $(LIST).before(zoneList(ZONES));
  for (const resource of readResources(node.resources) ?? []) {
    $(LIST).editableList('addItem', { resource });
  }
  refresh();
  return { refresh };
}

/** The `resources` property to save. */
export function collectResources(node: EditorNode): unknown {
  const rows = listItems().map(({ resource, row }) => row?.read() ?? resource);
  return writeResources(node.resources, rows);
}

function nameOf({ resource, row }: Item): string {
  return (row?.read() ?? resource).key;
}

function listItems(): Item[] {
  return $(LIST)
    .editableList('items')
    .toArray()
    .map((element) => $(element).data('data') as Item);
}

function showAddMenu(emptyLabel: string, onSelect: (resource: NamedResource) => void): void {
  const documented = Object.entries(defaultResources()).map(([key, value]) => ({
    label: key,
    onselect: () => {
      onSelect({ key, value });
    },
  }));
  const empty = {
    label: emptyLabel,
    onselect: () => {
      onSelect(emptyResource());
    },
  };
  const menu = RED.popover.menu({ options: [...documented, empty] });
  menu.show({ target: $(`#${ADD_BUTTON}`) });
  $('.red-ui-popover-panel:visible .red-ui-menu a').first().trigger('focus');
}
