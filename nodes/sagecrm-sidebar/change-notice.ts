import type { NodeAPI } from 'node-red';
import type { Clock } from '../../src/effects/clock';
import { Throttle } from '../../src/effects/throttle';

/** A busy flow changes many times a second; nobody reads faster than this. */
const NOTICE_EVERY_MS = 1000;

const TOPIC = 'sagecrm/changed';

/** What the browsers are told. Comms check no permission of ours, so it holds no contents. */
export interface Changed {
  /** Ids of the nodes whose overview has changed. */
  nodes: string[];
  /** Whether the history has grown. */
  history: boolean;
}

/** Tells the browsers that something has changed, at most once a second. */
export class ChangeNotice {
  private readonly nodes = new Set<string>();
  private hasHistory = false;
  private feed: Throttle<undefined> | undefined;

  constructor(
    private readonly RED: Pick<NodeAPI, 'comms'>,
    private readonly clock: Clock,
  ) {}

  node(id: string): void {
    this.nodes.add(id);
    this.push();
  }

  history(id: string): void {
    this.hasHistory = true;
    this.node(id);
  }

  /** Tells what waits, and leaves no timer behind. */
  flush(): void {
    this.feed?.close();
    this.feed = undefined;
    this.publish();
  }

  private push(): void {
    this.feed ??= new Throttle(
      () => {
        this.publish();
      },
      NOTICE_EVERY_MS,
      this.clock,
    );
    this.feed.push(undefined);
  }

  private publish(): void {
    if (this.nodes.size === 0) return;
    const changed: Changed = { nodes: [...this.nodes], history: this.hasHistory };
    this.nodes.clear();
    this.hasHistory = false;
    this.RED.comms.publish(TOPIC, changed, false);
  }
}
