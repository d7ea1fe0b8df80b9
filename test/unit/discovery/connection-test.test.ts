import assert from 'node:assert/strict';
import type { SimulatorOptions } from '../../simulator/simulator';
import { accounts, DiscoveryRig, documented } from './discovery-rig';

const ALL = ['accounts', 'contacts', 'leads', 'opportunities', 'users'];
const MOST_REQUESTS = 18;

describe('the connection test', () => {
  let rig: DiscoveryRig;

  async function given(options: SimulatorOptions = {}, companies = 3): Promise<void> {
    rig = await DiscoveryRig.start(options);
    rig.companies(companies);
  }

  afterEach(async () => {
    await rig.close();
  });

  describe('finds the API', () => {
    it('passes every step of a server that has both, and polls through the hub', async () => {
      await given();
      const report = await rig.test({}, { resources: documented('accounts') });
      assert.deepEqual(report.outcomes(), {
        address: 'warning',
        logon: 'pass',
        api: 'pass',
        install: 'pass',
        clock: 'pass',
        zone: 'pass',
        entities: 'pass',
        accounts: 'pass',
        orderBy: 'skipped',
        dateLiteral: 'skipped',
      });
      assert.deepEqual(report.step('api').facts, { api: 'hub', apis: ['hub', 'sdata'] });
    });

    it('tells a hub alone, which needs no install name and lists nothing', async () => {
      await given({ apis: ['hub'] });
      const report = await rig.test({}, { resources: documented('accounts') });
      assert.deepEqual(report.step('api').facts?.apis, ['hub']);
      assert.equal(report.step('install').outcome, 'skipped');
      assert.equal(report.step('entities').outcome, 'skipped');
      assert.equal(report.step('resource', 'accounts').outcome, 'pass');
    });

    it("tells Sage CRM's own API alone, with its order and its date literals", async () => {
      await given({ apis: ['sdata'] });
      const report = await rig.test({}, { resources: documented('accounts') });
      assert.deepEqual(report.outcomes(), {
        address: 'warning',
        logon: 'pass',
        api: 'pass',
        install: 'pass',
        clock: 'pass',
        zone: 'pass',
        entities: 'pass',
        accounts: 'pass',
        orderBy: 'pass',
        dateLiteral: 'pass',
      });
    });

    it('asks only the API that the configuration allows', async () => {
      await given();
      await rig.test({ api: 'hub' });
      assert.ok(rig.simulator.requests.every(({ path }) => path.startsWith('/hubs/')));
      rig.simulator.requests.length = 0;
      await rig.test({ api: 'sdata' });
      assert.ok(rig.simulator.requests.every(({ path }) => path.startsWith('/sdata/')));
    });

    it('never shows the secrets of a hub to the other API', async () => {
      const secrets = {
        userSecret: 'secret-user',
        organizationSecret: 'secret-org',
        elementToken: 'secret-element',
      };
      await given({ elementAuth: secrets });
      const credentials = { ...secrets, username: '', password: '' };
      const report = await rig.test({}, { credentials });
      assert.deepEqual(report.step('api').facts?.apis, ['hub']);
      assert.ok(rig.simulator.requests.every(({ path }) => path.startsWith('/hubs/')));
    });

    it('goes on with the hub when the other API refuses the log-on', async () => {
      await given();
      rig.simulator.faults.when(({ path }) => path.startsWith('/sdata/'), { kind: 'refuse' });
      const report = await rig.test({}, { resources: documented('accounts') });
      assert.equal(report.step('logon').outcome, 'pass');
      assert.equal(report.step('resource', 'accounts').outcome, 'pass');
    });

    it('fails when nothing there is a Sage CRM, without a verdict on the log-on', async () => {
      await given({ apis: [] });
      const report = await rig.test({ api: 'hub' });
      const { logon, api, install, clock } = report.outcomes();
      assert.deepEqual(
        { logon, api, install, clock },
        { logon: 'warning', api: 'failure', install: 'skipped', clock: 'skipped' },
      );
    });

    it('stays polite with five resources', async () => {
      await given({ apis: ['sdata'], sdata: { honoursOrderBy: false } });
      const report = await rig.test({}, { resources: documented(...ALL) });
      assert.equal(report.steps.filter(({ id }) => id === 'resource').length, ALL.length);
      assert.ok(rig.simulator.requests.length <= MOST_REQUESTS);
      const sizes = rig.simulator.requests.map(({ query }) => query.count ?? query.pageSize ?? '1');
      assert.ok(sizes.every((size) => Number(size) <= 5));
    });
  });

  describe('ends early', () => {
    it('after one refused log-on, with everything behind it skipped', async () => {
      await given();
      const report = await rig.test(
        {},
        { credentials: { password: 'wrong-pass' }, resources: documented('accounts') },
      );
      assert.equal(rig.simulator.requests.length, 1);
      const { address, logon, ...rest } = report.outcomes();
      assert.deepEqual({ address, logon }, { address: 'warning', logon: 'failure' });
      assert.ok(Object.values(rest).every((outcome) => outcome === 'skipped'));
      assert.equal(Object.keys(rest).length, 8);
      assert.match(report.step('logon').nextStep ?? '', /password/);
    });

    it('when the server is not reached', async () => {
      await given();
      const report = await rig.test({ subdomain: 'http://127.0.0.1:9' });
      const { message, outcome } = report.step('logon');
      assert.equal(outcome, 'failure');
      assert.match(message, /Sage CRM.*(refused|reached)/);
      assert.equal(report.step('dateLiteral').outcome, 'skipped');
    });

    it('when the log-on is withdrawn half way', async () => {
      await given();
      rig.simulator.faults.when(({ path }) => path.includes('$prototypes'), { kind: 'refuse' });
      const report = await rig.test({}, { resources: documented('accounts') });
      assert.equal(report.step('entities').outcome, 'failure');
      assert.equal(report.step('resource', 'accounts').outcome, 'skipped');
    });

    it('when it is called off', async () => {
      await given();
      rig.simulator.faults.next({ kind: 'hang' });
      rig.simulator.onRequest(() => {
        rig.abort.abort();
      });
      await assert.rejects(rig.test(), { code: 'ABORTED' });
    });
  });

  it('shows no secret, not even one that the server repeats', async () => {
    await given();
    rig.simulator.faults.when(() => true, {
      kind: 'status',
      status: 500,
      body: { message: 'cannot log on crm-user with crm-pass' },
    });
    const report = await rig.test();
    assert.match(report.step('logon').message, /crm-user with •••/);
    assert.doesNotMatch(JSON.stringify(report.steps), /crm-pass/);
  });

  describe('checks the install name', () => {
    it('suggests the one that exists', async () => {
      await given({ apis: ['sdata'], install: 'crm2' });
      const report = await rig.test();
      const { outcome, facts, nextStep } = report.step('install');
      assert.equal(outcome, 'failure');
      assert.equal(facts?.suggestedInstall, 'crm2');
      assert.match(nextStep ?? '', /crm2/);
      assert.equal(report.step('zone').outcome, 'skipped');
    });

    it('suggests it without the j of the address', async () => {
      await given({ apis: ['sdata'] });
      const report = await rig.test({ install: 'crmj' });
      assert.equal(report.step('install').facts?.suggestedInstall, 'crm');
    });

    it('tries two other names at most', async () => {
      await given({ apis: ['sdata'], install: 'sales' });
      const report = await rig.test({ api: 'sdata', install: 'selas' });
      assert.equal(rig.simulator.requests.length, 3);
      assert.equal(report.step('install').outcome, 'failure');
      assert.deepEqual(report.step('install').facts?.triedInstalls, ['crm', 'crm2']);
    });

    it('stops trying at a refused log-on', async () => {
      await given({ apis: ['sdata'], install: 'crm2' });
      rig.simulator.faults.when(({ path }) => path.includes('crm2j'), { kind: 'refuse' });
      const report = await rig.test({ api: 'sdata' });
      assert.equal(report.step('install').facts?.suggestedInstall, 'crm2');
    });
  });

  describe('compares the clocks', () => {
    it('and is content with a minute', async () => {
      await given({ dateHeaderSkewMs: 60_000 });
      assert.deepEqual((await rig.test()).step('clock').facts, { skewSeconds: 60 });
    });

    it('and warns of more, with the figure', async () => {
      await given({ dateHeaderSkewMs: -61_000 });
      const { outcome, message } = (await rig.test()).step('clock');
      assert.equal(outcome, 'warning');
      assert.match(message, /61 s behind/);
    });
  });

  describe('checks the zone', () => {
    const inBerlin: SimulatorOptions = { zone: 'Europe/Berlin', dateStyle: 'none' };

    for (const api of ['hub', 'sdata'] as const) {
      it(`and names the likely offset when it is wrong (${api})`, async () => {
        await given({ ...inBerlin, apis: [api] });
        const { outcome, facts, nextStep } = (await rig.test({ timezone: 'UTC' })).step('zone');
        assert.equal(outcome, 'failure');
        assert.equal(facts?.likelyOffset, 'UTC+01:00');
        assert.match(nextStep ?? '', /configuration node .* UTC\+01:00/);
      });

      it(`and passes when it is right (${api})`, async () => {
        await given({ ...inBerlin, apis: [api] });
        const { outcome, facts } = (await rig.test({ timezone: 'Europe/Berlin' })).step('zone');
        assert.equal(outcome, 'pass');
        assert.equal(facts?.matters, true);
        assert.equal(facts.readAs, '2026-01-31T10:00:00Z');
      });
    }

    it('by fresh records, also when the first ones are old and nothing is ordered', async () => {
      await given({ ...inBerlin, apis: ['sdata'], sdata: { honoursOrderBy: false } }, 0);
      rig.simulator.crm.many('company', 9, {}, { stamp: '2020-05-05T00:00:00Z' });
      rig.companies(1);
      assert.equal((await rig.test()).step('zone').outcome, 'failure');
    });

    it('only warns of a future that is no whole number of quarter hours', async () => {
      await given();
      const [row] = rig.simulator.crm.rows('company');
      rig.simulator.crm.setRaw('company', row?.id ?? '', {
        Comp_UpdatedDate: '2026-01-31T10:08:00',
      });
      assert.equal((await rig.test()).step('zone').outcome, 'warning');
    });

    it('warns of local time that is written as if it were UTC', async () => {
      await given();
      rig.simulator.crm.create('company', {}, { stamp: '2026-01-31T11:00:00Z' });
      const { outcome, nextStep } = (await rig.test()).step('zone');
      assert.equal(outcome, 'warning');
      assert.match(nextStep ?? '', /as if it were UTC/);
    });

    it('says whose zone it is when the format of a resource decides', async () => {
      await given(inBerlin);
      const dates = { updatedDateFormat: "yyyy-MM-dd'T'HH:mm:ss", updatedDateTimezone: 'GMT' };
      const report = await rig.test(
        { timezone: 'Europe/Berlin' },
        { resources: accounts({}, dates) },
      );
      assert.equal(report.step('zone').outcome, 'failure');
      assert.match(report.step('zone').nextStep ?? '', /updated date of accounts/);
    });

    for (const dateStyle of ['Z', 'offset'] as const) {
      it(`and says that it does not matter with dates that name theirs (${dateStyle})`, async () => {
        await given({ zone: 'Europe/Berlin', dateStyle });
        const { outcome, facts } = (await rig.test({ timezone: 'Asia/Tokyo' })).step('zone');
        assert.equal(outcome, 'pass');
        assert.equal(facts?.matters, false);
      });
    }

    it('is not misled by one date that is far in the future', async () => {
      await given();
      rig.simulator.crm.create('company', {}, { stamp: '2099-01-01T00:00:00Z' });
      assert.equal((await rig.test()).step('zone').outcome, 'pass');
    });

    it('is skipped without a record', async () => {
      await given({}, 0);
      assert.equal((await rig.test()).step('zone').outcome, 'skipped');
    });
  });

  describe('lists the entities', () => {
    it('as Sage CRM describes them', async () => {
      await given();
      const { facts } = (await rig.test()).step('entities');
      assert.deepEqual(facts?.entities, ['company', 'person', 'lead', 'opportunity', 'users']);
    });

    it('and only warns when it does not describe them', async () => {
      await given();
      rig.simulator.faults.when(
        ({ path }) => path.includes('$prototypes'),
        { kind: 'status', status: 404 },
        9,
      );
      const report = await rig.test({}, { resources: documented('accounts') });
      assert.equal(report.step('entities').outcome, 'warning');
      assert.equal(report.step('resource', 'accounts').outcome, 'pass');
    });
  });

  describe('checks each resource', () => {
    it('and finds its columns whatever their case', async () => {
      await given();
      const resources = accounts(
        { idField: 'comp_companyid' },
        { updatedDateField: 'comp_updateddate', createdDateField: 'COMP_CREATEDDATE' },
      );
      const { outcome, facts } = (await rig.test({}, { resources })).step('resource', 'accounts');
      assert.equal(outcome, 'pass');
      assert.equal(facts?.id, '1');
    });

    it('takes $key for key', async () => {
      await given({ apis: ['sdata'] });
      const report = await rig.test({}, { resources: accounts({ idField: '$key' }) });
      assert.equal(report.step('resource', 'accounts').outcome, 'pass');
    });

    it('and names the nearest column for a missing id', async () => {
      await given();
      const report = await rig.test({}, { resources: accounts({ idField: 'Comp_CompanyNo' }) });
      const { outcome, message, facts } = report.step('resource', 'accounts');
      assert.equal(outcome, 'failure');
      assert.match(message, /nearest is Comp_CompanyId/);
      assert.deepEqual(facts?.suggestions, ['Comp_CompanyId']);
    });

    it('and says that a missing date may be a matter of rights', async () => {
      await given();
      const resources = accounts({}, { createdDateField: 'Comp_CreatDate' });
      const step = (await rig.test({}, { resources })).step('resource', 'accounts');
      assert.equal(step.outcome, 'failure');
      assert.match(step.nextStep ?? '', /set the created date to Comp_CreatedDate.*right/);
    });

    it('does not miss a column that only has no value', async () => {
      await given({ apis: ['sdata'], sdata: { omitsNulls: true } });
      const resources = accounts({}, { createdDateField: 'Comp_WebSite' });
      const step = (await rig.test({}, { resources })).step('resource', 'accounts');
      assert.equal(step.outcome, 'pass');
    });

    it('and shows a date that does not fit its format', async () => {
      await given();
      const [row] = rig.simulator.crm.rows('company');
      rig.simulator.crm.setRaw('company', row?.id ?? '', { Comp_CreatedDate: '31/01/2026' });
      const step = (await rig.test({}, { resources: documented('accounts') })).step(
        'resource',
        'accounts',
      );
      assert.equal(step.outcome, 'failure');
      assert.match(step.message, /31\/01\/2026/);
    });

    it('and warns of an updated date that no record has', async () => {
      await given();
      const resources = accounts({}, { updatedDateField: 'Comp_WebSite' });
      const step = (await rig.test({}, { resources })).step('resource', 'accounts');
      assert.equal(step.outcome, 'warning');
      assert.match(step.message, /no date in Comp_WebSite/);
    });

    it('tries the date literals also when many resources use up the requests', async () => {
      await given({ apis: ['sdata'] });
      const many = Array.from({ length: 30 }, (_, index) => ({
        ...(accounts({})[0] ?? assert.fail()),
        key: `accounts${index}`,
      }));
      const report = await rig.test({ dateLiteral: '@' }, { resources: many });
      assert.equal(report.step('dateLiteral').outcome, 'pass');
      assert.ok(rig.simulator.requests.length <= MOST_REQUESTS);
    });

    it('shows what the server has against the where clause', async () => {
      await given();
      const resources = accounts({ url: "/hubs/crm/accounts?where=Comp_Nonsense>'2020-01-01'" });
      const step = (await rig.test({}, { resources })).step('resource', 'accounts');
      assert.equal(step.outcome, 'failure');
      assert.match(step.message, /Comp_Nonsense/i);
    });

    it('suggests an entity in place of one that is not there', async () => {
      await given({ apis: ['sdata'] });
      const [first] = documented('accounts');
      const [opportunity] = accounts({ url: '/hubs/crm/oportunity' });
      assert.ok(first && opportunity);
      const report = await rig.test(
        {},
        { resources: [first, { ...opportunity, key: 'mistyped' }] },
      );
      const { outcome, nextStep } = report.step('resource', 'mistyped');
      assert.equal(outcome, 'failure');
      assert.match(nextStep ?? '', /write opportunity/);
    });

    it('uses a path of Sage CRM as written', async () => {
      await given();
      const [custom] = accounts({ url: '/sdata/crmj/sagecrm2/-/company' });
      assert.ok(custom);
      const report = await rig.test({}, { resources: [custom] });
      assert.deepEqual(report.step('api').facts?.apis, ['sdata']);
      assert.equal(report.step('resource', 'accounts').outcome, 'pass');
    });

    it('only warns when there is no record and no description', async () => {
      await given({ apis: ['hub'] }, 0);
      const report = await rig.test({}, { resources: documented('accounts') });
      assert.equal(report.step('resource', 'accounts').outcome, 'warning');
    });

    it('judges by the description when there is no record', async () => {
      await given({ apis: ['sdata'] }, 0);
      const right = await rig.test({}, { resources: documented('accounts') });
      assert.equal(right.step('resource', 'accounts').outcome, 'pass');
      const wrong = await rig.test({}, { resources: accounts({ idField: 'Comp_CompId' }) });
      assert.match(wrong.step('resource', 'accounts').message, /nearest is/);
    });

    it('and leaves out what would take too many requests', async () => {
      await given();
      const many = Array.from({ length: 30 }, (_, index) => ({
        ...(accounts({})[0] ?? assert.fail()),
        key: `accounts${index}`,
      }));
      const report = await rig.test({}, { resources: many });
      assert.ok(rig.simulator.requests.length <= MOST_REQUESTS);
      assert.equal(report.step('resource', 'accounts29').outcome, 'skipped');
    });
  });

  describe("tries the quirks of Sage CRM's own API", () => {
    it('warns of an orderBy that is ignored', async () => {
      await given({ apis: ['sdata'], sdata: { honoursOrderBy: false } });
      const { outcome, facts } = (await rig.test()).step('orderBy');
      assert.equal(outcome, 'warning');
      assert.equal(facts?.honoured, false);
    });

    it('warns of an orderBy that is refused', async () => {
      await given({ apis: ['sdata'] });
      rig.simulator.faults.when(({ query }) => 'orderBy' in query, { kind: 'status', status: 400 });
      assert.equal((await rig.test()).step('orderBy').outcome, 'warning');
    });

    it('does not judge the order of equal dates', async () => {
      await given({ apis: ['sdata'] }, 1);
      assert.equal((await rig.test()).step('orderBy').outcome, 'skipped');
    });

    for (const literal of ['@', "'"] as const) {
      it(`finds ${literal} as the only date literal, and uses it`, async () => {
        await given({ apis: ['sdata'], sdata: { literal } });
        const report = await rig.test({}, { resources: documented('accounts') });
        assert.equal(report.step('dateLiteral').outcome, 'pass');
        assert.equal(report.step('dateLiteral').facts?.dateLiteral, literal);
        assert.equal(report.step('resource', 'accounts').outcome, 'pass');
      });
    }

    it('fails when the date literal that is set is not the one that works', async () => {
      await given({ apis: ['sdata'], sdata: { literal: "'" } });
      const { outcome, nextStep } = (await rig.test({ dateLiteral: '@' })).step('dateLiteral');
      assert.equal(outcome, 'failure');
      assert.match(nextStep ?? '', /date literal to '/);
    });

    it('warns of a server that ignores the where clause', async () => {
      await given({ apis: ['sdata'], sdata: { ignoresWhere: true } });
      const { outcome, facts } = (await rig.test()).step('dateLiteral');
      assert.equal(outcome, 'warning');
      assert.equal(facts?.whereHonoured, false);
    });

    it('fails when no date literal is taken', async () => {
      await given({ apis: ['sdata'] });
      rig.simulator.faults.when(
        ({ query }) => 'where' in query,
        { kind: 'status', status: 400 },
        99,
      );
      assert.equal((await rig.test()).step('dateLiteral').outcome, 'failure');
    });
  });
});
