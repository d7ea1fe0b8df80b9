import type { EventType } from '../event/event';
import type { HistoryBar } from './overview';

export const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** How far back the counts go. */
export const COUNTED_MS = 8 * 24 * HOUR_MS;

const MINUTES_OF_AN_HOUR = 60;
const COLUMN = { CREATED: 0, UPDATED: 1, DELETED: 2 } as const satisfies Record<EventType, number>;
const COLUMNS = 3;

/** Which counts, of which hour; hours count from the Unix epoch. */
export interface CountKey {
  node: string;
  resource: string;
  hour: number;
}

/** The minutes of an hour that had events: minute, created, updated, deleted. */
export type CountedMinute = [minute: number, created: number, updated: number, deleted: number];

export interface CountedHour extends CountKey {
  minutes: CountedMinute[];
}

export interface CountChanges {
  changed: CountedHour[];
  removed: CountKey[];
}

/** What narrows the bars down; every part is optional. */
export interface CountFilter {
  node?: string | undefined;
  resource?: string | undefined;
}

interface Hour extends CountKey {
  /** Three numbers a minute, by `COLUMN`. */
  counts: Uint32Array;
  isDirty: boolean;
}

type Series = Map<number, Hour>;

/** How many events of each type there were in each minute, by node and resource. */
export class MinuteCounts {
  /** By node, then by resource. */
  private readonly series = new Map<string, Map<string, Series>>();
  private dirty: Hour[] = [];
  private removed: CountKey[] = [];

  add(node: string, resource: string, type: EventType, at: number): void {
    const hour = this.hourOf({ node, resource, hour: Math.floor(at / HOUR_MS) });
    const minute = Math.floor((at % HOUR_MS) / MINUTE_MS);
    const index = minute * COLUMNS + COLUMN[type];
    hour.counts[index] = (hour.counts[index] ?? 0) + 1;
    this.noteDirty(hour);
  }

  /**
   * `count` bars of whole minutes, one after the other; what lies outside of them is left out.
   *
   * @param from a full minute, in milliseconds since the Unix epoch
   */
  bars(filter: CountFilter, from: number, widthMs: number, count: number): HistoryBar[] {
    const bars = Array.from({ length: count }, (_, index): HistoryBar => {
      return { from: from + index * widthMs, created: 0, updated: 0, deleted: 0 };
    });
    for (const { hour, counts } of this.hours(filter)) {
      for (let minute = 0; minute < MINUTES_OF_AN_HOUR; minute += 1) {
        const at = hour * HOUR_MS + minute * MINUTE_MS;
        const bar = bars[Math.floor((at - from) / widthMs)];
        if (bar === undefined) continue;
        const index = minute * COLUMNS;
        bar.created += counts[index] ?? 0;
        bar.updated += counts[index + 1] ?? 0;
        bar.deleted += counts[index + 2] ?? 0;
      }
    }
    return bars;
  }

  /** @returns whether there was anything to forget */
  forget(isGone: (node: string) => boolean): boolean {
    const gone = [...this.series.keys()].filter(isGone);
    for (const node of gone) {
      for (const hour of this.hours({ node })) this.remove(hour);
    }
    return gone.length > 0;
  }

  /** Drops what is older than the counts go back. */
  prune(now: number): void {
    const oldest = Math.floor((now - COUNTED_MS) / HOUR_MS);
    for (const hour of [...this.hours({})]) if (hour.hour < oldest) this.remove(hour);
  }

  /** Adds what an earlier run has stored to what was counted since. */
  restore(stored: readonly CountedHour[]): void {
    const since = [...this.hours({})];
    this.series.clear();
    this.dirty = [];
    for (const hour of stored) addAll(this.hourOf(hour).counts, hour.minutes);
    for (const hour of since) {
      const merged = this.hourOf(hour);
      addAll(merged.counts, minutesOf(hour));
      this.noteDirty(merged);
    }
  }

  get hasChanges(): boolean {
    return this.dirty.length > 0 || this.removed.length > 0;
  }

  /** What has changed since the last call; what is removed goes before what has changed. */
  takeChanges(): CountChanges {
    const dirty = this.dirty.filter((hour) => this.isKept(hour));
    const { removed } = this;
    this.dirty = [];
    this.removed = [];
    const changed = dirty.map((hour): CountedHour => {
      hour.isDirty = false;
      const { node, resource, hour: number } = hour;
      return { node, resource, hour: number, minutes: [...minutesOf(hour)] };
    });
    return { changed, removed };
  }

  /** Nothing counts as stored any more. */
  forgetStored(): void {
    this.removed = [];
    for (const hour of this.hours({})) this.noteDirty(hour);
  }

  private hourOf({ node, resource, hour: number }: CountKey): Hour {
    let ofNode = this.series.get(node);
    if (ofNode === undefined) this.series.set(node, (ofNode = new Map<string, Series>()));
    let series = ofNode.get(resource);
    if (series === undefined) ofNode.set(resource, (series = new Map<number, Hour>()));
    let hour = series.get(number);
    if (hour === undefined) {
      const counts = new Uint32Array(MINUTES_OF_AN_HOUR * COLUMNS);
      hour = { node, resource, hour: number, counts, isDirty: false };
      series.set(number, hour);
    }
    return hour;
  }

  private *hours({ node, resource }: CountFilter): Generator<Hour> {
    for (const [nodeId, ofNode] of this.series) {
      if (node !== undefined && node !== nodeId) continue;
      for (const [name, series] of ofNode) {
        if (resource === undefined || resource === name) yield* series.values();
      }
    }
  }

  private remove({ node, resource, hour }: Hour): void {
    const ofNode = this.series.get(node);
    const series = ofNode?.get(resource);
    series?.delete(hour);
    if (series?.size === 0) ofNode?.delete(resource);
    if (ofNode?.size === 0) this.series.delete(node);
    this.removed.push({ node, resource, hour });
  }

  private isKept(hour: Hour): boolean {
    return this.series.get(hour.node)?.get(hour.resource)?.get(hour.hour) === hour;
  }

  private noteDirty(hour: Hour): void {
    if (hour.isDirty) return;
    hour.isDirty = true;
    this.dirty.push(hour);
  }
}

function* minutesOf({ counts }: Hour): Generator<CountedMinute> {
  for (let minute = 0; minute < MINUTES_OF_AN_HOUR; minute += 1) {
    const index = minute * COLUMNS;
    const created = counts[index] ?? 0;
    const updated = counts[index + 1] ?? 0;
    const deleted = counts[index + 2] ?? 0;
    if (created + updated + deleted > 0) yield [minute, created, updated, deleted];
  }
}

function addAll(counts: Uint32Array, minutes: Iterable<CountedMinute>): void {
  for (const [minute, ...numbers] of minutes) {
    for (const [column, number] of numbers.entries()) {
      const index = minute * COLUMNS + column;
      counts[index] = (counts[index] ?? 0) + number;
    }
  }
}
