import { isEnvironmentReference } from '../../../src/config/fields';

/**
 * What stands in an instance file for a value that its writer did not want to give away, or that
 * its reader has to fill in.
 */

/** One sign again and again: what a secret looks like once it is masked. */
const MASK = /^(?:\*+|[•●]+|\.{3,}|x{3,}|#{3,}|-{3,}|_{3,})$/i;

/** Anything in brackets as templates have them: `<YOUR_PASSWORD>`, `{{password}}`, `%PASSWORD%`. */
const BRACKETS = /^(?:<[^<>]*>|\[[^[\]]*\]|\{[^{}]*\}|\{\{.*\}\}|\$\{.*\}|\$\(.*\)|%[^%]*%)$/;

/** `your-password`, `REPLACE_ME`, `change this key`, once its separators are gone. */
const REQUEST =
  /^(?:your|my|enter|insert|add|replace|change|put|type)[a-z]*(?:password|passwd|pwd|secret|key|token|this|here|me)$/i;

/** The same for text that is no secret: only as templates write it, for a name may begin with My. */
const CAPITAL_REQUEST = /^(?:YOUR|ENTER|INSERT|ADD|REPLACE|CHANGE)_[A-Z_]+$/;

/** Words that nobody uses as a password and means it; `__PWRD__` is Node-RED's own mask. */
const WORD = /^(?:__PWRD__|password|passwd|secret|masked|hidden|redacted|null|undefined|todo)$/i;

/** The name of a template's gap inside longer text, such as `sagecrm-0.<YOUR_TENANT>.com`. */
const GAP = /<[A-Z][\w -]*>/i;

/**
 * True for a password or key that must not be taken over. A reference to an environment variable is
 * one of them: credentials are not filled in from the environment in every Node-RED, and in a file
 * from elsewhere `${PASSWORD}` is a gap to fill.
 */
export function isSecretPlaceholder(value: string): boolean {
  const text = value.trim();
  if (text === '' || REQUEST.test(text.replace(/[\s_-]+/g, ''))) return true;
  return [MASK, BRACKETS, WORD].some((pattern) => pattern.test(text));
}

/** The same for text that is no secret; there `${NAME}` is a value that Node-RED fills in. */
export function isTextPlaceholder(value: string): boolean {
  const text = value.trim();
  if (isEnvironmentReference(text)) return false;
  return (
    text === '' || [MASK, BRACKETS, CAPITAL_REQUEST, GAP].some((pattern) => pattern.test(text))
  );
}
