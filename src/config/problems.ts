import type { z } from 'zod';
import { SageCrmError } from '../errors/sagecrm-error';

/** One thing wrong with a configuration: where, as `resources.accounts.url`, and what was expected. */
export interface Problem {
  path: string;
  message: string;
}

/** Flattens a zod error to one problem per issue; `prefix` stands in front of each path. */
export function problemsOf(error: z.ZodError, prefix = ''): Problem[] {
  return error.issues.map((issue) => ({
    path: pathText([...(prefix === '' ? [] : [prefix]), ...issue.path]),
    message: issue.message,
  }));
}

function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((step, index) => {
      if (typeof step === 'number') return `[${step}]`;
      const name = String(step);
      if (/^[\w$-]+$/.test(name)) return index === 0 ? name : `.${name}`;
      return `[${JSON.stringify(name)}]`;
    })
    .join('');
}

const MEND_THE_FIELD = 'open the node, mend the field and deploy again';

/** The error for a node that cannot start: the first problem in full, the others counted. */
export function configError(problems: readonly Problem[], nextStep = MEND_THE_FIELD): SageCrmError {
  const [first = { path: '', message: 'unknown fault' }, ...others] = problems;
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  return new SageCrmError(
    'CONFIG_INVALID',
    `${first.path} is not valid: ${first.message}${more}`,
    nextStep,
    { details: { field: first.path } },
  );
}

/** Parses with `schema` or throws the first problem as a `SageCrmError`. */
export function parseOrThrow<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  prefix = '',
): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw configError(problemsOf(result.error, prefix));
}

/** The problems of `value` under `schema`; empty when it is fine. */
export function check(schema: z.ZodType, value: unknown, prefix = ''): Problem[] {
  const result = schema.safeParse(value);
  return result.success ? [] : problemsOf(result.error, prefix);
}
