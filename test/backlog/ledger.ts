import { openSync, readFileSync, writeSync } from 'node:fs';
import type { RecordEvent } from '../../src/event/event';

const ID_BYTES = 4;
const EVENT_ID_BYTES = 24;
const ENTRY_BYTES = ID_BYTES + EVENT_ID_BYTES;

/**
 * The receiver's own record of what reached it. Each message is handed to the system before the next
 * one is taken, so that it survives the end of the process.
 */
export class Ledger {
  private readonly file: number;
  private readonly entry = Buffer.alloc(ENTRY_BYTES);

  constructor(name: string) {
    this.file = openSync(name, 'a');
  }

  note({ objectId, eventId }: RecordEvent): void {
    if (eventId.length !== EVENT_ID_BYTES) throw new Error(`${eventId} is no event id`);
    this.entry.writeUInt32LE(Number(objectId), 0);
    this.entry.write(eventId, ID_BYTES, 'latin1');
    writeSync(this.file, this.entry);
  }
}

/** What a ledger shows, each count in messages. */
export interface Tally {
  received: number;
  /** Records that no message was about. */
  lost: number;
  /** Messages about a record that had one before, with the same event id. */
  repeated: number;
  /** Messages about a record that had one before, with another event id: a second event. */
  doubled: number;
  /** Messages that came before one with an earlier date, or an equal one and a lower id. */
  outOfOrder: number;
}

/**
 * @param from the length of the ledger when the latest process began: order is only kept from there
 * @param places see `BacklogRows.places`
 */
export function tallyOf(name: string, places: Uint32Array, from: number): Tally {
  const ledger = readFileSync(name);
  const tally: Tally = { received: 0, lost: 0, repeated: 0, doubled: 0, outOfOrder: 0 };
  const first = new Int32Array(places.length).fill(-1);
  let latest = -1;
  for (let at = 0; at < ledger.length; at += ENTRY_BYTES) {
    tally.received += 1;
    const id = ledger.readUInt32LE(at);
    const before = first[id];
    const place = places[id];
    if (before === undefined || place === undefined) throw new Error(`there is no record ${id}`);
    if (before < 0) first[id] = at;
    else tally[isSameEvent(ledger, before, at) ? 'repeated' : 'doubled'] += 1;
    if (at < from) continue;
    if (place < latest) tally.outOfOrder += 1;
    latest = place;
  }
  tally.lost = first.subarray(1).filter((at) => at < 0).length;
  return tally;
}

function isSameEvent(ledger: Buffer, one: number, other: number): boolean {
  const end = other + ENTRY_BYTES;
  return ledger.compare(ledger, other + ID_BYTES, end, one + ID_BYTES, one + ENTRY_BYTES) === 0;
}
