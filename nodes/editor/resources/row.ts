import { defaultResources } from '../../../src/config/defaults';
import type { Problem } from '../../../src/config/problems';
import { checkResource, DEFAULT_FORMAT } from '../../../src/config/resources';
import { checkbox, iconButton, labelledCheckbox, labelledField, textIn, textInput } from '../dom';
import { mark } from '../marks';
import { tryPanel } from '../try/panel';
import { dateSample } from './date-preview';
import {
  RESOURCE_FIELDS,
  readField,
  withFields,
  type ResourceField,
  type ResourceValue,
} from './fields';
import type { PickLists } from './pick-lists';
import type { NamedResource } from './set';
import { Suggestions } from './suggestions';
import { translationProblem, zoneOf, type ServerProperties } from './translation';
import { previewOf } from './url-preview';

const KINDS = ['updated', 'created'] as const;
type Kind = (typeof KINDS)[number];

export interface RowOptions {
  /** Prefix of the ids of the row's fields. */
  id: string;
  /** Id of the datalist of time zones. */
  zones: string;
  text: (key: string, values?: Record<string, unknown>) => string;
  /** The configuration node chosen at present. */
  server: () => ServerProperties;
  lists: PickLists;
  /** Whether the row asks for an entity, to fill itself in from it. */
  choosesEntity: boolean;
  /** How far each poll reads before the last change it has seen, in milliseconds. */
  lookBack: (pollDelay: unknown) => number;
  /** What `Try it` sends for this resource; undefined while no server is chosen. */
  question: (resource: NamedResource) => object | undefined;
  onChange: () => void;
  onCopy: () => void;
  onDelete: () => void;
}

/** One resource in the list: a header that folds, and its fields below. */
export class ResourceRow {
  readonly #options: RowOptions;
  readonly #resource: NamedResource;
  readonly #inputs = new Map<string, JQuery>();
  readonly #name = textInput();
  readonly #body = $('<div class="sagecrm-resource-body">');
  readonly #toggle = $('<button type="button" class="sagecrm-resource-toggle">');
  readonly #caret = $('<i class="fa" aria-hidden="true">');
  readonly #title = $('<span class="sagecrm-resource-key">');
  readonly #summary = $('<span class="sagecrm-resource-summary">');
  readonly #preview = $('<div class="sagecrm-hint">');
  readonly #samples = new Map(KINDS.map((kind) => [kind, $('<div class="sagecrm-hint">')]));
  readonly #deletions = $('<div class="sagecrm-columns sagecrm-below-check">');
  readonly #warning = $('<i class="fa fa-exclamation-triangle sagecrm-resource-warning">');
  readonly #suggestions: Suggestions;

  constructor(container: JQuery, resource: NamedResource, options: RowOptions) {
    this.#options = options;
    this.#resource = resource;
    for (const field of RESOURCE_FIELDS) this.#inputs.set(field.name, inputFor(field, resource));
    this.#inputs.forEach((input, name) => {
      if (name.endsWith('Timezone')) input.attr('list', options.zones);
    });
    const { id, text, lists } = options;
    const suggested = { id, text, lists, inputs: this.#inputs, name: this.#name };
    this.#suggestions = new Suggestions(suggested);
    this.#buildHeader(container);
    this.#buildBody(container);
    container.addClass('sagecrm-resource').on('input change', () => {
      options.onChange();
    });
    this.fold(true);
  }

  /** What the row holds now. */
  read(): NamedResource {
    const values = new Map<string, string | boolean>();
    for (const [name, input] of this.#inputs) {
      values.set(name, input.is(':checkbox') ? input.prop('checked') === true : textIn(input));
    }
    return {
      key: textIn(this.#name).trim(),
      value: withFields(this.#resource.value, values),
    };
  }

  /** Shows or hides the fields. */
  fold(folded: boolean): void {
    this.#body.prop('hidden', folded);
    this.#toggle.attr('aria-expanded', String(!folded));
    this.#caret.toggleClass('fa-caret-down', !folded).toggleClass('fa-caret-right', folded);
  }

  /** Opens the row with the cursor in its first field. */
  edit(): void {
    this.fold(false);
    if (this.#options.choosesEntity) this.#suggestions.focusEntity();
    else this.#name.trigger('focus').trigger('select');
    this.#name.get(0)?.scrollIntoView({ block: 'nearest' });
  }

  focus(): void {
    this.#toggle.trigger('focus');
  }

  /** Brings header and marks up to date; `savedName` is the name this row will be saved under. */
  refresh(savedName: string): void {
    const { key, value } = this.read();
    const { text } = this.#options;
    const problems = this.#problemsOf(value);
    for (const [name, input] of this.#inputs) {
      if (name === 'enabled') continue;
      mark(input, problems.find(({ path }) => path.endsWith(`.${name}`))?.message);
    }
    const hasBadNumber = this.#deletions.find('.input-error').length > 0;
    const looksForDeleted = this.#inputs.get('deletes')?.prop('checked') === true;
    this.#deletions.prop('hidden', !looksForDeleted && !hasBadNumber);
    this.#showPreview(value);
    for (const kind of KINDS) this.#showSample(kind);
    const nameProblem = this.#nameProblem(key, savedName);
    mark(this.#name, nameProblem);
    const bad = problems.length > 0 || nameProblem !== undefined;
    this.#warning.prop('hidden', !bad);
    this.#title.text(key === '' ? text('resource.unnamed') : key);
    this.#summary.text(typeof value.url === 'string' ? (value.url.split('?')[0] ?? '') : '');
    this.#inputs.get('enabled')?.attr('aria-label', text('resource.enabled', { name: key }));
  }

  #problemsOf(value: ResourceValue): Problem[] {
    const untranslatable = translationProblem('row', value.url, this.#options.server());
    return [...checkResource('row', value), ...(untranslatable ? [untranslatable] : [])];
  }

  #nameProblem(key: string, savedName: string): string | undefined {
    const [sample] = Object.values(defaultResources());
    const problem = checkResource(key, sample)[0]?.message;
    if (problem !== undefined || key === savedName) return problem;
    return this.#options.text('resource.taken', { name: savedName });
  }

  #showPreview({ url, pollDelay }: ResourceValue): void {
    const { server, lookBack, text } = this.#options;
    const now = Date.now();
    const dates = { from: now - lookBack(pollDelay), now };
    const preview =
      typeof url === 'string'
        ? previewOf(url, dates, server(), this.#textOf('updatedDateField'))
        : '';
    this.#preview
      .text(preview ?? text('resource.noDate'))
      .toggleClass('sagecrm-preview', preview !== undefined)
      .attr('title', preview ? text('resource.nextRequest') : '');
  }

  #showSample(kind: Kind): void {
    const zone = zoneOf(this.#options.server());
    const format = this.#textOf(`${kind}DateFormat`) || DEFAULT_FORMAT;
    const column = { format, timezone: this.#textOf(`${kind}DateTimezone`) };
    const sample = dateSample(column, zone, Date.now());
    this.#samples
      .get(kind)
      ?.prop('hidden', sample === undefined)
      .text(sample === undefined ? '' : this.#options.text('resource.sample', { ...sample, zone }));
  }

  #textOf(name: string): string {
    return textIn(this.#inputs.get(name) ?? $()).trim();
  }

  #buildHeader(container: JQuery): void {
    const { id, text, onCopy, onDelete } = this.#options;
    const header = $('<div class="sagecrm-resource-header">').appendTo(container);
    const enabled = this.#inputs.get('enabled');
    if (enabled !== undefined) header.append(enabled.attr('id', `${id}-enabled`));
    this.#toggle.attr('aria-controls', `${id}-body`).on('click', () => {
      this.fold(this.#toggle.attr('aria-expanded') === 'true');
    });
    this.#warning.attr({ title: text('resource.bad'), 'aria-label': text('resource.bad') });
    this.#toggle.append(this.#caret, this.#title, this.#summary, this.#warning).appendTo(header);
    iconButton('fa-clone', text('resource.copy'), onCopy).appendTo(header);
    iconButton('fa-trash-o', text('resource.delete'), onDelete).appendTo(header);
  }

  #buildBody(container: JQuery): void {
    const { id, text, choosesEntity, question } = this.#options;
    const body = this.#body.attr('id', `${id}-body`).appendTo(container);
    if (choosesEntity) body.append(this.#suggestions.entityChooser());
    body.append(
      labelledField(`${id}-key`, text('resource.key'), this.#name.val(this.#resource.key)),
    );
    body.append(this.#labelled('url').append(this.#preview), this.#labelled('idField'));
    body.append(this.#dates('updated'), this.#dates('created'), this.#suggestions.parts());
    const tryText = (key: string, values?: Record<string, unknown>): string =>
      text(`try.${key}`, values);
    body.append(tryPanel({ id, text: tryText, question: () => question(this.read()) }));
    const advanced = $('<details class="sagecrm-advanced">').appendTo(body);
    $('<summary>').text(text('resource.advanced')).appendTo(advanced);
    advanced.append(this.#labelled('filterByUpdatedDate'), this.#labelled('filterByCurrentDate'));
    const numbers = ['createdCheckTolerance', 'pageSize', 'pollDelay'];
    $('<div class="sagecrm-columns">')
      .append(numbers.map((name) => this.#labelled(name)))
      .appendTo(advanced);
    this.#deletions.append(['deletesInterval', 'deletesLimit'].map((name) => this.#labelled(name)));
    advanced.append(this.#explained('deletes'), this.#deletions, this.#explained('changes'));
  }

  /** A checkbox with what it costs below it. */
  #explained(name: string): JQuery {
    const hint = $('<div class="sagecrm-hint">').text(this.#options.text(`resource.${name}Hint`));
    return this.#labelled(name).append(hint);
  }

  #dates(kind: Kind): JQuery {
    const group = $('<fieldset>');
    $('<legend>')
      .text(this.#options.text(`resource.${kind}Date`))
      .appendTo(group);
    const parts = ['Field', 'Format', 'Timezone'];
    return group.append(
      $('<div class="sagecrm-columns sagecrm-dates">').append(
        parts.map((part) => this.#labelled(`${kind}Date${part}`, `date${part}`)),
      ),
      this.#samples.get(kind) ?? $(),
    );
  }

  #labelled(name: string, textKey = name): JQuery {
    const { id, text } = this.#options;
    const input = this.#inputs.get(name) ?? $();
    const label = text(`resource.${textKey}`);
    return input.is(':checkbox')
      ? labelledCheckbox(`${id}-${name}`, label, input)
      : labelledField(`${id}-${name}`, label, input);
  }
}

function inputFor(field: ResourceField, { value }: NamedResource): JQuery {
  const held = readField(value, field);
  if (typeof held === 'boolean') return checkbox().prop('checked', held);
  if (field.name !== 'url')
    return textInput()
      .attr('placeholder', field.placeholder ?? '')
      .val(held);
  return $('<textarea class="sagecrm-url" rows="3" spellcheck="false">').val(held);
}
