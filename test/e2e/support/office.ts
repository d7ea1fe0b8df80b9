import type { Simulator } from '../../simulator/simulator';
import type { WebhookReceiver } from '../../simulator/webhook-receiver';
import { changeKey, eventsOf } from './webhooks';

const ENTITIES = ['company', 'person', 'lead', 'opportunity', 'users'];
const VERSIONS = 3;
const SECOND_MS = 1000;

interface Changed {
  entity: string;
  id: string;
  version: number;
  key: string;
  at: number;
}

/**
 * People who change records all the time: new ones, and others once their last change has arrived, so
 * that each change has to arrive. Dates have whole seconds; a record has one change in each.
 */
export class Office {
  private readonly arrived = new Set<string>();
  private readonly changing: Changed[] = [];
  private made = 0;
  private timer: NodeJS.Timeout | undefined;
  private readonly deaf: () => void;

  constructor(
    private readonly simulator: Simulator,
    receiver: WebhookReceiver,
  ) {
    this.deaf = receiver.onDelivery((delivery) => {
      for (const event of eventsOf(delivery)) this.arrived.add(changeKey(event));
    });
  }

  open(everyMs: number): void {
    this.timer = setInterval(() => {
      this.change();
    }, everyMs);
  }

  /** Nothing changes any more. */
  close(): void {
    clearInterval(this.timer);
  }

  /** Changes that have not arrived. */
  missing(): string[] {
    return this.simulator.crm.commitLog.map(changeKey).filter((key) => !this.arrived.has(key));
  }

  leave(): void {
    this.close();
    this.deaf();
  }

  private change(): void {
    const { crm } = this.simulator;
    const before = Date.now() - 2 * SECOND_MS;
    const index = this.changing.findIndex(({ key, at }) => at < before && this.arrived.has(key));
    const [found] = index < 0 ? [] : this.changing.splice(index, 1);
    const entity = found?.entity ?? ENTITIES[this.made++ % ENTITIES.length] ?? '';
    const { id } = found === undefined ? crm.create(entity) : crm.update(entity, found.id);
    const version = (found?.version ?? 0) + 1;
    const written = crm.commitLog.at(-1);
    if (written === undefined || version === VERSIONS) return;
    this.changing.push({ entity, id, version, key: changeKey(written), at: Date.now() });
  }
}
