import type { Node, NodeAPI, NodeStatus } from 'node-red';
import type { Clock } from '../../src/effects/clock';
import { Throttle } from '../../src/effects/throttle';

export type StatusValues = Record<string, string | number>;

const STATUS_INTERVAL_MS = 300;

/** The text below a node: it changes a few times a second at most, and ends on the latest. */
export class StatusLine {
  private readonly throttle: Throttle<NodeStatus>;

  constructor(
    private readonly RED: NodeAPI,
    private readonly node: Node,
    clock: Clock,
  ) {
    const show = (status: NodeStatus): void => {
      node.status(status);
    };
    this.throttle = new Throttle(show, STATUS_INTERVAL_MS, clock);
  }

  /** @param key below `{node type}.status` in the locale files */
  show(
    fill: NodeStatus['fill'],
    shape: NodeStatus['shape'],
    key: string,
    values: StatusValues = {},
  ): void {
    const text = this.RED._(`${this.node.type}.status.${key}`, values);
    this.throttle.push({ fill, shape, text });
  }

  close(): void {
    this.throttle.close();
  }
}
