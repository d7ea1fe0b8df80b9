import type { EventMessage } from '../../src/event/event';
import { isoDate } from '../../src/event/iso-date';
import type { DeadLetter, Reason } from '../../src/store/outbox-store';

/** A dead letter as flows and the editor see it. */
export interface DeadLetterView {
  /** Names it in `replay` and `drop`. */
  letter: number;
  reason: Reason;
  attempts: number;
  /** ISO 8601 in UTC. */
  takenAt: string;
  buriedAt: string;
  /** The URL that the message chose; '' is the callback node's own. */
  target: string;
  message: EventMessage;
}

export function lettersForFlow(letters: readonly DeadLetter[]): DeadLetterView[] {
  return letters.map(({ letter, event, reason, attempts, buriedAt }) => ({
    letter,
    reason,
    attempts,
    takenAt: isoDate(event.takenAt),
    buriedAt: isoDate(buriedAt),
    target: event.target,
    message: event.message,
  }));
}
