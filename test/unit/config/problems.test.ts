import assert from 'node:assert/strict';
import { z } from 'zod';
import { check, configError, parseOrThrow, problemsOf } from '../../../src/config/problems';
import { SageCrmError } from '../../../src/errors/sagecrm-error';

const schema = z.object({
  list: z.array(z.string({ error: 'expected text' })),
  'dotted.key': z.number({ error: 'expected a number' }),
  inner: z.object({ $key: z.string({ error: 'expected text' }) }),
});

const WRONG = { list: ['a', 1], 'dotted.key': 'x', inner: { $key: 5 } };

describe('problems', () => {
  it('name each fault by its path and what was expected', () => {
    assert.deepEqual(check(schema, WRONG), [
      { path: 'list[1]', message: 'expected text' },
      { path: '["dotted.key"]', message: 'expected a number' },
      { path: 'inner.$key', message: 'expected text' },
    ]);
    assert.deepEqual(check(schema, { list: [], 'dotted.key': 1, inner: { $key: '' } }), []);
  });

  it('stand below the property they belong to', () => {
    const { error } = schema.safeParse(WRONG);
    assert.ok(error);
    assert.deepEqual(
      problemsOf(error, 'settings').map(({ path }) => path),
      ['settings.list[1]', 'settings["dotted.key"]', 'settings.inner.$key'],
    );
  });

  it('become one error with the first in full and the others counted', () => {
    const error = configError(check(schema, WRONG, 'settings'));
    assert.ok(error instanceof SageCrmError);
    assert.equal(error.code, 'CONFIG_INVALID');
    assert.equal(error.details.field, 'settings.list[1]');
    assert.equal(
      error.message,
      'settings.list[1] is not valid: expected text (and 2 more): open the node, mend the field and deploy again',
    );
  });

  it('are thrown by parseOrThrow, which gives the value when there are none', () => {
    assert.equal(parseOrThrow(z.coerce.number(), '5'), 5);
    assert.throws(() => parseOrThrow(schema, WRONG), { code: 'CONFIG_INVALID' });
  });
});
