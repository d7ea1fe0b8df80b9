import assert from 'node:assert/strict';
import { previewOf } from '../../../../nodes/editor/resources/url-preview';

const NOW = Date.UTC(2026, 0, 31, 10, 15);
const AT_NOW = { from: NOW, now: NOW };

describe('the preview of a URL', () => {
  it('shows its dates filled in, without percent encoding', () => {
    const url = "/hubs/crm/accounts?where=A>'${gmtDate:yyyy-MM-dd HH:mm}'";
    const expected = "/hubs/crm/accounts?where=A>'2026-01-31 10:15'";
    assert.equal(previewOf(url, AT_NOW, undefined), expected);
  });

  it('shows a stray percent sign as it is', () => {
    const url = '/a?x=5%&where=${epoch:s}';
    assert.equal(previewOf(url, AT_NOW, undefined), '/a?x=5%&where=1769854500');
  });

  it("writes dates of the server's zone in the zone of the chosen server", () => {
    const url = '/a?where=${date:HH:mm}';
    assert.equal(previewOf(url, AT_NOW, { timezone: 'Asia/Tokyo' }), '/a?where=19:15');
    for (const timezone of [undefined, '', 'Nowhere/Land', '${ZONE}']) {
      assert.equal(previewOf(url, AT_NOW, { timezone }), '/a?where=10:15');
    }
  });

  it("shows the form of Sage CRM's own API for a server that speaks nothing else", () => {
    const url = "/hubs/crm/accounts?where=A>'${gmtDate:yyyy-MM-dd}T00:00:00Z'";
    const server = { api: 'sdata', install: 'crm2', timezone: 'UTC' };
    assert.match(
      previewOf(url, AT_NOW, server, 'A') ?? '',
      /^\/sdata\/crm2j\/sagecrm2\/-\/company\?where=A gt @2026-01-31T00:00:00.*@&orderBy=A$/,
    );
    assert.match(previewOf(url, AT_NOW, { ...server, dateLiteral: "'" }) ?? '', / '2026-01-31T/);
  });

  it('is undefined without a date to read from', () => {
    assert.equal(previewOf('/hubs/crm/accounts', AT_NOW, undefined), undefined);
    assert.equal(previewOf('/a?where=A<${nowTimeZone:UTC:yyyy}', AT_NOW, undefined), undefined);
  });

  it('is empty where there is nothing to show, or a fault is shown instead', () => {
    assert.equal(previewOf('  ', AT_NOW, undefined), '');
    assert.equal(previewOf('/a?where=${gmtDate:bb}', AT_NOW, undefined), '');
    const untranslatable = '/hubs/crm/a?where=not A and B>${epoch:s}';
    assert.equal(previewOf(untranslatable, AT_NOW, { api: 'sdata' }), '');
  });
});
