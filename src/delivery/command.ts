import { z } from 'zod';
import { SageCrmError } from '../errors/sagecrm-error';
import type { StoreKind } from '../store/migration/movable';
import { readOrigin } from '../store/migration/origin';
import type { LetterPage } from '../store/outbox-store';

/** What a message to the callback node asks for, when it is no event. */
export type OutboxCommand =
  | { name: 'status' }
  | { name: 'dead-letters'; page: LetterPage }
  /** Without `letters`: all of them. */
  | { name: 'replay' | 'drop'; letters: number[] | undefined }
  /** Without a target: all that answered 410. */
  | { name: 'enable'; target: string | undefined }
  /** Where the outbox comes from. */
  | { name: 'migrate'; from: StoreKind };

const TOPICS = ['status', 'dead-letters', 'replay', 'drop', 'enable', 'migrate'] as const;
const USUAL_PAGE = 100;
const LARGEST_PAGE = 1000;

const messageSchema = z.looseObject({ topic: z.enum(TOPICS), event: z.undefined().optional() });

const letter = z.int().nonnegative();

const choiceSchema = z.union([
  z.object({ letters: z.array(letter).min(1) }).transform(({ letters }) => letters),
  z.object({ all: z.literal(true) }).transform(() => undefined),
]);

const pageSchema = z.object({
  order: z.enum(['oldest', 'newest']).default('newest'),
  limit: z.int().min(1).max(LARGEST_PAGE).default(USUAL_PAGE),
  after: letter.optional(),
});

const enableSchema = z.object({ target: z.string().optional() });

/**
 * Reads a message that steers the outbox; undefined for any other, such as an event.
 *
 * @throws SageCrmError `INPUT_INVALID` for a payload that does not suit the topic
 */
export function readOutboxCommand(message: unknown): OutboxCommand | undefined {
  const known = messageSchema.safeParse(message);
  if (!known.success) return undefined;
  const { topic: name, payload } = known.data;
  switch (name) {
    case 'status':
      return { name };
    case 'dead-letters':
      return { name, page: readLetterPage(isObject(payload) ? payload : {}) };
    case 'replay':
    case 'drop':
      return { name, letters: readLetterChoice(payload) };
    case 'enable':
      return { name, target: enableSchema.safeParse(payload).data?.target };
    case 'migrate':
      return { name, from: readOrigin(payload) };
  }
}

/** @throws SageCrmError `INPUT_INVALID` */
export function readLetterPage(value: unknown): LetterPage {
  const page = pageSchema.safeParse(value);
  if (!page.success) {
    throw invalid(
      'the page of dead letters is not understood',
      `use {"order": "newest" or "oldest", "limit": 1 to ${LARGEST_PAGE}, "after": the last letter of the page before}`,
    );
  }
  const { order, limit, after } = page.data;
  return { order, limit, ...(after === undefined ? {} : { after }) };
}

/**
 * Numbers of dead letters, or undefined for all of them, which has to be said: nothing is dropped by
 * a payload that was forgotten.
 *
 * @throws SageCrmError `INPUT_INVALID`
 */
export function readLetterChoice(value: unknown): number[] | undefined {
  const choice = choiceSchema.safeParse(value);
  if (choice.success) return choice.data;
  throw invalid(
    'it is not said which dead letters are meant',
    'set the payload to {"letters": [1, 2]} or {"all": true}',
  );
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

function invalid(what: string, nextStep: string): SageCrmError {
  return new SageCrmError('INPUT_INVALID', what, nextStep, { details: { field: 'payload' } });
}
