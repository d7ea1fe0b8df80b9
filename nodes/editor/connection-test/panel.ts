import type { TestStep } from '../../../src/discovery/test-step';
import { AdminFailure, mayWrite, postAdminLines } from '../admin-api';
import { field, type Form } from '../form';
import { valuesInForm, type NodeValues } from '../node-values';
import { textOf } from '../values';
import { polledResources } from './polled-resources';
import { suggestionsOf, type Suggestion } from './suggestions';

const PANEL = 'test';
const PERMISSION = 'sagecrm-config.write';

/** Nodes of the flow whose settings reach the runtime only by a deploy. */
const DEPLOYED_ONLY = ['tls', 'proxy'] as const;

const ICONS: Readonly<Record<TestStep['outcome'], string>> = {
  pass: 'fa-check-circle',
  warning: 'fa-exclamation-triangle',
  failure: 'fa-times-circle',
  skipped: 'fa-minus-circle',
};

type Text = (key: string, values?: Record<string, unknown>) => string;

/** Builds the connection test inside the dialog of a configuration node. */
export function buildConnectionTest(form: Form): void {
  const text: Text = (key, values) => form.node._(`${form.node.type}.test.${key}`, values);
  const panel = new TestPanel(form, text);
  panel.build(field(form, PANEL));
}

/** The button, and below it the steps as they come. */
class TestPanel {
  readonly #form: Form;
  readonly #text: Text;
  readonly #start = $('<button type="button" class="red-ui-button">');
  readonly #stop = $('<button type="button" class="red-ui-button">');
  readonly #summary = $('<div class="sagecrm-test-summary" role="status">');
  readonly #steps = $('<ol class="sagecrm-test-steps">');
  #running: AbortController | undefined;

  constructor(form: Form, text: Text) {
    this.#form = form;
    this.#text = text;
  }

  build(place: JQuery): void {
    const text = this.#text;
    $('<i class="fa fa-plug" aria-hidden="true">').appendTo(this.#start);
    this.#start.append(document.createTextNode(` ${text('start')}`)).on('click', () => {
      void this.#run();
    });
    this.#stop.text(text('stop')).prop('hidden', true);
    this.#stop.on('click', () => this.#running?.abort());
    const hint = $('<div class="sagecrm-hint">').text(text('hint'));
    if (!mayWrite(PERMISSION)) {
      hint.text(text('notAllowed')).attr('id', `${place.attr('id') ?? ''}-reason`);
      this.#start.prop('disabled', true).attr('aria-describedby', hint.attr('id') ?? '');
    }
    this.#steps.attr({ 'aria-live': 'polite', 'aria-label': text('steps') }).prop('hidden', true);
    place.append(
      $('<div class="sagecrm-test-buttons">').append(this.#start, this.#stop),
      hint,
      this.#summary,
      this.#steps,
    );
    // jQuery UI tells elements of their removal: with the dialog the test goes, too.
    place.on('remove', () => this.#running?.abort());
  }

  async #run(): Promise<void> {
    if (this.#running !== undefined) return;
    const values = valuesInForm(this.#form);
    this.#steps.empty().prop('hidden', true);
    const undeployed = DEPLOYED_ONLY.find((name) => isUndeployed(values.properties[name]));
    if (undeployed !== undefined) {
      this.#conclude('failure', this.#text(`undeployed.${undeployed}`));
      return;
    }
    const running = new AbortController();
    this.#begin(running);
    try {
      await this.#ask(values, running.signal);
    } catch (error) {
      this.#fail(error, running.signal);
    } finally {
      this.#end();
    }
  }

  async #ask(values: NodeValues, signal: AbortSignal): Promise<void> {
    const polls = RED.nodes.filterNodes({ type: 'sagecrm-poll' });
    const resources = polledResources(polls, values.id);
    const outcomes = new Set<TestStep['outcome']>();
    await postAdminLines(
      '/sagecrm-config/test',
      { ...values, resources },
      (line) => {
        const step = line as TestStep;
        outcomes.add(step.outcome);
        this.#show(step, values);
      },
      signal,
    );
    if (outcomes.has('failure')) this.#conclude('failure', this.#text('failed'));
    else if (outcomes.has('warning')) this.#conclude('warning', this.#text('warned'));
    else this.#conclude('pass', this.#text('passed'));
  }

  #begin(running: AbortController): void {
    this.#running = running;
    this.#stop.prop('hidden', false);
    this.#start.prop('disabled', true);
    this.#steps.prop('hidden', false);
    this.#summary.removeClass().addClass('sagecrm-test-summary').text(this.#text('running'));
  }

  #end(): void {
    this.#running = undefined;
    const hadFocus = this.#stop.is(':focus');
    this.#stop.prop('hidden', true);
    this.#start.prop('disabled', false);
    if (hadFocus) this.#start.trigger('focus');
  }

  #fail(error: unknown, signal: AbortSignal): void {
    if (signal.aborted) this.#conclude('skipped', this.#text('stopped'));
    else if (error instanceof AdminFailure) {
      this.#conclude('failure', error.message, error.nextStep);
    } else throw error;
  }

  #conclude(outcome: TestStep['outcome'], message: string, nextStep = ''): void {
    this.#summary
      .empty()
      .removeClass()
      .addClass(`sagecrm-test-summary sagecrm-test-${outcome}`)
      .append(this.#icon(outcome), $('<span>').text(message));
    if (nextStep !== '') this.#summary.append(this.#nextStep(nextStep));
  }

  #show(step: TestStep, { properties }: NodeValues): void {
    const { id, resource, outcome, message, nextStep } = step;
    const title = this.#text(`step.${id}`) + (resource === undefined ? '' : ` ${resource}`);
    const item = $('<li>').addClass(`sagecrm-test-${outcome}`).attr('data-step', id);
    const body = $('<div class="sagecrm-test-body">').append(
      $('<strong>').text(title),
      $('<span class="sagecrm-test-message">').text(message),
    );
    if (nextStep !== undefined) body.append(this.#nextStep(nextStep));
    const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
    for (const found of suggestionsOf(step, properties, here, Date.now())) {
      body.append(this.#applyButton(found));
    }
    item.append(this.#icon(outcome), body).appendTo(this.#steps);
  }

  #icon(outcome: TestStep['outcome']): JQuery {
    return $('<i role="img">')
      .addClass(`fa ${ICONS[outcome]}`)
      .attr('aria-label', this.#text(`outcome.${outcome}`));
  }

  #nextStep(nextStep: string): JQuery {
    return $('<div class="sagecrm-next-step">').text(this.#text('next', { step: nextStep }));
  }

  #applyButton({ field: name, value }: Suggestion): JQuery {
    const label = this.#form.node._(`${this.#form.node.type}.label.${name}`);
    const button = $('<button type="button" class="red-ui-button red-ui-button-small">');
    button.text(this.#text('apply', { field: label, value }));
    return button.on('click', () => {
      const input = field(this.#form, name);
      input.val(value).trigger('change');
      input.closest('details').prop('open', true);
      input.trigger('focus');
      button.prop('disabled', true);
    });
  }
}

/** The runtime knows a node of the flow only as it was deployed. */
function isUndeployed(id: unknown): boolean {
  const node = textOf(id) === '' ? null : RED.nodes.node(textOf(id));
  return node?.changed === true;
}
