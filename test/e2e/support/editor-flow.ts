import type { EditorPage } from './editor-page';
import type { FlowNode } from './node-red-process';

interface Node extends FlowNode {
  changed?: boolean;
}

/** The part of the editor's own API that works on the flow, as the page sees it. */
interface FlowApi {
  actions: { invoke(name: string): void };
  nodes: {
    node(id: string): Node | null;
    dirty(): boolean;
    createCompleteNodeSet(options: { credentials: boolean }): FlowNode[];
  };
  view: { select(selection: { nodes: (Node | null)[] }): void; focus(): void };
}

declare const RED: FlowApi;

/** What a user does to the flow itself, outside the dialogs. */
export class EditorFlow {
  constructor(private readonly editor: EditorPage) {}

  /** The flow as Deploy would send it, without credentials. */
  nodes(): Promise<FlowNode[]> {
    return this.editor.page.evaluate(() => RED.nodes.createCompleteNodeSet({ credentials: false }));
  }

  /** One node of it; undefined when it is not there. */
  async node(id: string): Promise<FlowNode | undefined> {
    return (await this.nodes()).find((node) => node.id === id);
  }

  /** Whether there is something to deploy. */
  isDirty(): Promise<boolean> {
    return this.editor.page.evaluate(() => RED.nodes.dirty());
  }

  /** Whether a node shows the dot of a change that is not deployed. */
  isChanged(id: string): Promise<boolean> {
    return this.editor.page.evaluate((nodeId) => RED.nodes.node(nodeId)?.changed === true, id);
  }

  undo(): Promise<void> {
    return this.invoke('core:undo');
  }

  redo(): Promise<void> {
    return this.invoke('core:redo');
  }

  /** Copies a node and puts the copy beside it; resolves to the copy's id. */
  async duplicate(id: string): Promise<string> {
    const before = new Set((await this.nodes()).map((node) => node.id));
    await this.select(id);
    await this.invoke('core:copy-selection-to-internal-clipboard');
    await this.invoke('core:paste-from-internal-clipboard');
    const chart = this.editor.page.locator('#red-ui-workspace-chart');
    await chart.click({ position: { x: 420, y: 420 } });
    const [copy] = (await this.nodes()).filter((node) => !before.has(node.id));
    if (copy === undefined) throw new Error(`no copy of ${id}`);
    return copy.id;
  }

  private async select(id: string): Promise<void> {
    await this.editor.page.evaluate((nodeId) => {
      RED.view.select({ nodes: [RED.nodes.node(nodeId)] });
      RED.view.focus();
    }, id);
  }

  private async invoke(action: string): Promise<void> {
    await this.editor.page.evaluate((name) => {
      RED.actions.invoke(name);
    }, action);
  }
}
