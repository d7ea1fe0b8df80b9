import { make, setAttribute, setText } from './elements';
import { text } from './text';
import type { Tone } from './tone';

export interface CardLook {
  id: string;
  name: string;
  /** The flow tab or subflow instance that the node is on. */
  flow: string;
  tone: Tone;
  state: string;
}

/** The head of a node's card: its name, which shows it in the workspace, where it is, its state. */
export class CardHead {
  readonly element = make('div', 'sagecrm-sb-head');
  readonly #name = make('button', 'sagecrm-sb-name');
  readonly #place = make('span', 'sagecrm-sb-small');
  readonly #dot = make('span');
  readonly #state = make('span');
  #revealed = '';

  constructor() {
    this.#name.type = 'button';
    this.#name.title = text('node.reveal');
    this.#name.addEventListener('click', () => {
      RED.view.reveal(this.#revealed);
    });
    this.#dot.setAttribute('aria-hidden', 'true');
    const title = make('h4', '', this.#name);
    const state = make('span', 'sagecrm-sb-state', this.#dot, this.#state);
    this.element.append(title, state, this.#place);
  }

  show({ id, name, flow, tone, state }: CardLook): void {
    // A node within a subflow has no place of its own in the workspace.
    this.#revealed = RED.nodes.node(id) === null ? flow : id;
    setText(this.#name, name);
    setText(this.#place, flowName(flow));
    setAttribute(this.#dot, 'class', `sagecrm-sb-dot sagecrm-sb-${tone}`);
    setText(this.#state, state);
  }
}

function flowName(id: string): string {
  const name = RED.nodes.workspace(id)?.label ?? RED.nodes.node(id)?.name;
  return typeof name === 'string' ? name : '';
}

/** Why a button is disabled for want of a permission; undefined for who has it. */
export function withoutPermission(allowed: boolean): string | undefined {
  return allowed ? undefined : text('button.notAllowed');
}
