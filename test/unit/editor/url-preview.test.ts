import assert from 'node:assert/strict';
import { previewOf } from '../../../nodes/editor/url-preview';

const NOW = Date.UTC(2026, 0, 31, 10, 15);

describe('the preview of a URL', () => {
  it('shows its dates filled in, without percent encoding', () => {
    const url = "/hubs/crm/accounts?where=A>'${gmtDate:yyyy-MM-dd HH:mm}'";
    assert.equal(previewOf(url, NOW), "/hubs/crm/accounts?where=A>'2026-01-31 10:15'");
  });

  it('shows a stray percent sign as it is', () => {
    assert.equal(previewOf('/a?x=5%&where=${epoch:s}', NOW), '/a?x=5%&where=1769854500');
  });

  it('is undefined without a date to read from', () => {
    assert.equal(previewOf('/hubs/crm/accounts', NOW), undefined);
    assert.equal(previewOf('/a?where=A<${nowTimeZone:UTC:yyyy}', NOW), undefined);
  });

  it('is empty where there is nothing to show, or a fault is shown instead', () => {
    assert.equal(previewOf('  ', NOW), '');
    assert.equal(previewOf('/a?where=${gmtDate:bb}', NOW), '');
  });
});
