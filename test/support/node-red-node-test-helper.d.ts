declare module 'node-red-node-test-helper' {
  import type { EventEmitter } from 'node:events';
  import type { Node, NodeAPI, NodeMessage } from 'node-red';

  /** The parts of the test helper that our tests use; the package brings no types of its own. */
  interface NodeTestHelper {
    /** The runtime's events; they outlive a flow. */
    readonly _events: EventEmitter;
    /** The runtime's nodes. `setFlows` starts other flows in place of the active ones, as a deploy does. */
    readonly _redNodes: {
      setFlows(
        flow: readonly object[],
        credentials: object,
        type: 'full' | 'flows' | 'nodes',
      ): Promise<unknown>;
    };
    init(runtimePath: string, userSettings?: object): void;
    settings(userSettings: object): object;
    load(
      nodes: ((RED: NodeAPI) => unknown)[],
      flow: readonly object[],
      credentials: Readonly<Record<string, Readonly<Record<string, string>>>>,
    ): Promise<void>;
    unload(): Promise<void>;
    clearFlows(): Promise<void>;
    getNode(id: string): (Node & { receive(message: NodeMessage): void }) | null;
    startServer(): Promise<void>;
    stopServer(): Promise<void>;
    url(): string;
    /** A sinon spy on the runtime's log, with the numbers of its levels. */
    log(): {
      getCalls(): { args: [{ level: number; msg: unknown; id?: string }] }[];
      ERROR: number;
      WARN: number;
    };
  }

  const helper: NodeTestHelper;
  export = helper;
}
