import assert from 'node:assert/strict';
import { retryAfterMs } from '../../../src/http/retry-after';

describe('retryAfterMs', () => {
  const now = Date.parse('2026-01-31T10:00:00Z');
  const cases: { retryAfter?: string; date?: string; expected: number | undefined }[] = [
    { retryAfter: '120', expected: 120_000 },
    { retryAfter: ' 0 ', expected: 0 },
    { retryAfter: 'Sat, 31 Jan 2026 10:00:30 GMT', expected: 30_000 },
    { retryAfter: 'Saturday, 31-Jan-26 10:00:30 GMT', expected: 30_000 },
    { retryAfter: 'Sat Jan 31 10:00:30 2026', expected: 30_000 },
    { retryAfter: 'Sat, 31 Jan 2026 09:00:00 GMT', expected: 0 },
    {
      retryAfter: 'Sat, 31 Jan 2026 12:00:30 GMT',
      date: 'Sat, 31 Jan 2026 12:00:00 GMT',
      expected: 30_000,
    },
    { retryAfter: 'Sat, 31 Jan 2026 10:00:30 GMT', date: 'odd', expected: 30_000 },
    { retryAfter: 'soon', expected: undefined },
    { retryAfter: '-5', expected: undefined },
    { retryAfter: '1.5', expected: undefined },
    { retryAfter: '', expected: undefined },
    { expected: undefined },
  ];
  for (const { retryAfter, date, expected } of cases) {
    const by = date === undefined ? '' : ` by a server at "${date}"`;
    it(`reads "${retryAfter ?? 'nothing'}"${by} as ${expected ?? 'nothing'}`, () => {
      assert.equal(retryAfterMs({ retryAfter, date }, now), expected);
    });
  }
});
