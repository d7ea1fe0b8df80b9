import type { DiscoveredEntity, DiscoveredField } from '../../../src/discovery/entities';
import { entityIn } from '../../../src/discovery/list-url';
import { labelledField, textIn, textInput } from '../dom';
import { emptyResource, resourceFor } from './entity-template';
import { readField, RESOURCE_FIELDS } from './fields';
import type { PickList, PickLists } from './pick-lists';
import type { NamedResource } from './set';

/** Fields that hold the name of a column. */
const COLUMNS = ['idField', 'updatedDateField', 'createdDateField'];
/** What choosing an entity fills in, beside the name of the resource. */
const FILLED = ['url', ...COLUMNS];

/** The parts of a row that pick-lists work on. */
export interface SuggestionOptions {
  /** Prefix of the ids of the row's fields. */
  id: string;
  text: (key: string, values?: Record<string, unknown>) => string;
  lists: PickLists;
  /** The row's fields by name, and that of its own name. */
  inputs: ReadonlyMap<string, JQuery>;
  name: JQuery;
}

/**
 * Offers the server's names in the fields of one resource, as soon as one of them is entered. Any
 * other text stays possible.
 */
export class Suggestions {
  readonly #options: SuggestionOptions;
  readonly #columns = $('<datalist>');
  readonly #entities = $('<datalist>');
  readonly #hint = $('<div class="sagecrm-hint" role="status">').prop('hidden', true);
  readonly #entity = textInput();
  /** What was filled in, by field; other text is the user's own and stays. */
  readonly #filled = new Map<string, string>();

  constructor(options: SuggestionOptions) {
    this.#options = options;
    const { id, inputs } = options;
    this.#columns.attr('id', `${id}-columns`);
    this.#entities.attr('id', `${id}-entities`);
    for (const name of COLUMNS) {
      inputs
        .get(name)
        ?.attr('list', `${id}-columns`)
        .on('focus', () => void this.#offerColumns());
    }
  }

  /** The lists, and why one may be empty. */
  parts(): JQuery {
    return this.#columns.add(this.#entities).add(this.#hint);
  }

  /** The choice of an entity, for a resource that is to be filled in from it. */
  entityChooser(): JQuery {
    const { id, text } = this.#options;
    const { key, value } = emptyResource();
    this.#remember({ key, value });
    this.#entity
      .attr({ list: `${id}-entities`, placeholder: text('resource.entityPlaceholder') })
      .on('focus', () => void this.#offerEntities())
      .on('change', () => void this.#fillIn());
    const hint = $('<div class="sagecrm-hint">').text(text('resource.entityHint'));
    return labelledField(`${id}-entity`, text('resource.entity'), this.#entity).append(hint);
  }

  focusEntity(): void {
    this.#entity.trigger('focus');
  }

  async #offerEntities(): Promise<void> {
    const list = await this.#options.lists.entities();
    this.#offer(this.#entities, list);
  }

  async #offerColumns(): Promise<void> {
    const entity = this.#entityOfUrl();
    if (entity === undefined) return;
    const list = await this.#options.lists.fields(entity);
    this.#offer(this.#columns, list);
  }

  #offer(place: JQuery, { items, problem }: PickList<DiscoveredEntity | DiscoveredField>): void {
    place.empty();
    for (const { name, title } of items) {
      $('<option>')
        .attr('value', name)
        .text(title ?? '')
        .appendTo(place);
    }
    this.#hint
      .prop('hidden', problem === undefined)
      .text(
        problem === undefined
          ? ''
          : this.#options.text('resource.noNames', { message: problem.message }),
      );
  }

  async #fillIn(): Promise<void> {
    const entity = textIn(this.#entity).trim();
    if (entity === '') return;
    // What needs no server is there at once.
    this.#fill(resourceFor(entity, []));
    const list = await this.#options.lists.fields(entity);
    this.#offer(this.#columns, list);
    if (textIn(this.#entity).trim() === entity) this.#fill(resourceFor(entity, list.items));
  }

  #fill(resource: NamedResource): void {
    const { name, inputs } = this.#options;
    for (const [field, value] of valuesOf(resource)) {
      const input = field === 'key' ? name : inputs.get(field);
      if (input === undefined) continue;
      const held = textIn(input);
      if (held !== '' && held !== this.#filled.get(field)) continue;
      input.val(value);
      this.#filled.set(field, value);
    }
    name.trigger('change');
  }

  #remember(resource: NamedResource): void {
    for (const [field, value] of valuesOf(resource)) this.#filled.set(field, value);
  }

  #entityOfUrl(): string | undefined {
    const { inputs } = this.#options;
    return entityIn({ url: textIn(inputs.get('url') ?? $()).trim() });
  }
}

/** What an entity fills in, by field. */
function valuesOf({ key, value }: NamedResource): [string, string][] {
  const fields = RESOURCE_FIELDS.filter(({ name }) => FILLED.includes(name));
  return [
    ['key', key],
    ...fields.map((field): [string, string] => [field.name, String(readField(value, field))]),
  ];
}
