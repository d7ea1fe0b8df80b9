import assert from 'node:assert/strict';
import { dateSample } from '../../../../nodes/editor/resources/date-preview';

const NOW = Date.UTC(2026, 6, 31, 10, 15, 30);

describe('the sample of a date column', () => {
  it('shows the moment as the column writes it, and on the clock of the server', () => {
    const column = { format: "yyyy-MM-dd'T'HH:mm:ss'Z'", timezone: 'GMT' };
    assert.deepEqual(dateSample(column, 'Europe/Berlin', NOW), {
      written: '2026-07-31T10:15:30Z',
      local: '2026-07-31 12:15:30',
    });
  });

  it('writes in the zone of the column', () => {
    const column = { format: 'HH:mm', timezone: 'Asia/Tokyo' };
    assert.equal(dateSample(column, 'UTC', NOW)?.written, '19:15');
  });

  it('is not there while format or zone are not valid', () => {
    assert.equal(dateSample({ format: 'bb', timezone: 'GMT' }, 'UTC', NOW), undefined);
    assert.equal(dateSample({ format: 'HH', timezone: 'Nowhere' }, 'UTC', NOW), undefined);
  });
});
