import assert from 'node:assert/strict';
import { intervalHint } from '../../../nodes/editor/interval-hint';

describe('what an interval means', () => {
  const meaning = (value: unknown, language = 'en-US'): string => {
    const { every, polls } = intervalHint(value, language)?.values ?? {};
    return `${every}: ${polls}`;
  };

  it('is told in minutes, seconds or hours, with the polls of a day', () => {
    assert.equal(meaning('15'), '15 minutes: 96');
    assert.equal(meaning('0.5'), '30 seconds: 2,880');
    assert.equal(meaning(90), '1 hour, 30 minutes: 16');
    assert.equal(meaning('2880'), '2 days: 0.5');
  });

  it("is told in the editor's language", () => {
    assert.equal(meaning('0.5', 'de'), '30 Sekunden: 2.880');
  });

  it('is never for 0, and not known for anything else', () => {
    assert.equal(intervalHint('0', 'en-US')?.key, 'never');
    assert.equal(intervalHint('often', 'en-US'), undefined);
    assert.equal(intervalHint('${MINUTES}', 'en-US'), undefined);
    assert.equal(intervalHint('-1', 'en-US'), undefined);
  });
});
