import assert from 'node:assert/strict';
import type { Locator } from 'playwright-core';
import type { HistoryView } from '../../src/monitor/overview';
import { startSimulator, type Simulator } from '../simulator/simulator';
import { startReceiver, type WebhookReceiver } from '../simulator/webhook-receiver';
import { until } from '../support/until';
import { COLOURS, violations } from './support/axe';
import type { EditorPage } from './support/editor-page';
import { FakeMonitor } from './support/fake-monitor';
import { forwardingFlow } from './support/forwarding';
import { themesOf } from './support/runtimes';
import { describeInEditor } from './support/shared-editor';

/** The part of the editor's own API that these tests call, as the page sees it. */
declare const RED: {
  actions: { invoke(name: string): void };
  events: { emit(name: string): void };
  settings: { user?: { permissions: string[] } };
};

const USER = { username: 'crm-user', password: 'crm-pass' };
const HOUR = 3_600_000;

describeInEditor('nodeRed5', 'the sidebar', (shared) => {
  let editor: EditorPage;

  function tab(): Locator {
    return editor.page.locator('.sagecrm-sidebar');
  }

  function button(name: RegExp): Locator {
    return tab().getByRole('button', { name });
  }

  function events(): Locator {
    return tab().locator('.sagecrm-sb-events > li');
  }

  async function openTab(): Promise<void> {
    await editor.page.evaluate(() => {
      RED.actions.invoke('sagecrm:show-sidebar-tab');
    });
    await tab().waitFor();
  }

  /** The tab may have been open before, and have read the real thing: so it reads again. */
  async function openFake(count = 40): Promise<FakeMonitor> {
    const fake = await FakeMonitor.on(editor.page);
    fake.events = count;
    await openTab();
    await refresh();
    await events().first().waitFor();
    return fake;
  }

  /** How many events of this hour Node-RED knows, whatever is shown of them. */
  async function eventsKept(): Promise<number> {
    const query = { spanMs: HOUR, bars: 60, limit: 100 };
    const response = await shared().nodeRed.request('POST', '/sagecrm-sidebar/history', query);
    return ((await response.json()) as HistoryView).events.length;
  }

  async function unfoldTable(): Promise<void> {
    const fold = tab().locator('details', { hasText: 'Show as a table' });
    await fold.evaluate((details: HTMLDetailsElement) => {
      details.open = true;
    });
    await tab().getByRole('table').waitFor();
  }

  /** The page is as it was before a fake answered it, and before its user was another. */
  async function forget(): Promise<void> {
    await editor.page.unrouteAll({ behavior: 'wait' });
    await editor.page.evaluate(() => {
      delete RED.settings.user;
    });
    await refresh();
  }

  /** As after a deploy; resolves once the tab has read everything again. */
  async function refresh(): Promise<void> {
    const answered = ['overview', 'history'].map((name) =>
      editor.page.waitForResponse((response) =>
        response.url().endsWith(`/sagecrm-sidebar/${name}`),
      ),
    );
    await editor.page.evaluate(() => {
      RED.events.emit('deploy');
    });
    await Promise.all(answered);
  }

  it('says what to do first, and offers the examples', async () => {
    editor = await shared().show([]);
    await openTab();
    await tab().getByText('No Sage CRM node is deployed yet').waitFor();
    await button(/Import an example/).click();
    await editor.page.locator('.ui-dialog:visible').waitFor();
    assert.deepEqual(editor.complaints, []);
  });

  describe('with a flow', () => {
    let simulator: Simulator;
    let receiver: WebhookReceiver;

    beforeEach(async () => {
      simulator = await startSimulator(USER);
      receiver = await startReceiver();
      simulator.crm.seed({ companies: 3, people: 2 }, { stamp: Date.now() - HOUR });
      editor = await shared().show(
        forwardingFlow({
          ...{ ...USER, crm: simulator.url, callback: receiver.url, signatureKey: 'key' },
          ...{ interval: 0, send: { retries: '0s 0.1s', timeout: 1 } },
        }),
      );
      await openTab();
    });

    afterEach(async () => {
      await shared().nodeRed.deploy([]);
      await receiver.close();
      await simulator.close();
    });

    it('polls at the press of a button, shows the events, and knows them after a restart', async () => {
      const expected = (await eventsKept()) + 5;
      await button(/^Poll now/).click();
      await until('the events are shown', async () => (await events().count()) === expected);
      await tab()
        .getByText('Last poll: 3 created')
        .or(tab().getByText('3 updated'))
        .first()
        .waitFor();
      await until('the chart tells how many', async () => {
        const label = await tab().getByRole('img').getAttribute('aria-label');
        return /[1-9]\d* (created|updated)/.test(label ?? '');
      });
      const seen = await events().allTextContents();

      await shared().restart();
      editor = await shared().open();
      await openTab();
      await until('the events are back', async () => (await events().count()) === expected);
      assert.deepEqual(await events().allTextContents(), seen);
    });

    it('pauses and resumes with one button that keeps the focus', async () => {
      await button(/^Pause/).focus();
      await editor.page.keyboard.press('Enter');
      await tab().getByText('Paused', { exact: true }).waitFor();
      const resume = button(/^Resume/);
      await until('it has the focus', () =>
        resume.evaluate((element) => element === document.activeElement),
      );
      await editor.page.keyboard.press('Enter');
      await button(/^Pause/).waitFor();
    });

    it('sends a dead letter again', async () => {
      receiver.respond = () => ({ status: 400 });
      await button(/^Poll now/).click();
      await tab().getByText('Dead letters: 5').click();
      receiver.respond = [];
      const count = receiver.deliveries.length;
      await button(/^Send \w+ \d+ again$/)
        .first()
        .click();
      await receiver.waitFor(count + 1);
      await tab().getByText('Dead letters: 4').waitFor();
      const letters = tab().locator('.sagecrm-sb-letters > li');
      await until('its row is gone', async () => (await letters.count()) === 4);
    });
  });

  describe('with what no flow can be brought to', () => {
    beforeEach(async () => {
      editor = await shared().show([]);
    });

    afterEach(() => forget());

    it('asks for few of ten thousand events, and for more on demand', async () => {
      // Only a new page begins with few.
      await shared().closePages();
      editor = await shared().open();
      const fake = await openFake(10_000);
      await events().nth(99).waitFor();
      assert.equal(await events().count(), 100);
      await button(/Show more \(9900\)/).click();
      await events().nth(199).waitFor();
      assert.equal(await events().count(), 200);
      const limits = fake.asked.flatMap(({ body }) => body.limit ?? []);
      assert.ok(limits.every((limit) => Number(limit) <= 200));
    });

    it('keeps focus, folds and scroll position when it is brought up to date', async () => {
      const fake = await openFake();
      await unfoldTable();
      await button(/^Replay since/).click();
      const since = tab().getByLabel('Send again what changed since');
      await since.fill('2026-01-31T10:15');
      const place = await tab().evaluate((element) => (element.scrollTop = 200));
      assert.equal(place, 200);
      fake.events += 1;
      await refresh();
      await events().nth(40).waitFor();
      assert.ok(await since.evaluate((element) => element === document.activeElement));
      assert.equal(await since.inputValue(), '2026-01-31T10:15');
      assert.equal(await tab().evaluate((element) => element.scrollTop), place);
      assert.ok(await tab().getByRole('table').isVisible());
    });

    it('replays the chosen resources since a time, which it checks while it is typed', async () => {
      const fake = await openFake();
      await button(/^Replay since/).click();
      const since = tab().getByLabel('Send again what changed since');
      const submit = button(/^Replay$/);
      await since.fill('2999-01-31T10:15');
      await tab().getByText('Choose a time in the past').waitFor();
      assert.ok(await submit.isDisabled());
      await since.fill('2026-01-31T10:15');
      await tab().getByLabel('contacts', { exact: true }).uncheck();
      await submit.click();
      await submit.waitFor({ state: 'hidden' });
      const asked = fake.asked.find(({ path }) => path === '/sagecrm-poll/replay');
      const iso = await editor.page.evaluate(() => new Date('2026-01-31T10:15').toISOString());
      assert.deepEqual(asked?.body, {
        id: 'poll',
        since: iso.replace('.000Z', 'Z'),
        resources: ['accounts'],
      });
    });

    it('pages through dead letters, and drops one only after asking', async () => {
      const fake = await openFake();
      await tab().getByText('Dead letters: 120').click();
      const rows = tab().locator('.sagecrm-sb-letters > li');
      await rows.nth(49).waitFor();
      await tab().locator('.sagecrm-sb-card').getByText('Show more').click();
      await rows.nth(99).waitFor();
      const drop = button(/^Drop accounts 120$/);
      const question = editor.page.getByRole('alertdialog');
      await drop.click();
      await question.waitFor();
      await editor.page.keyboard.press('Escape');
      await question.waitFor({ state: 'detached' });
      assert.equal(await rows.count(), 100);
      await drop.click();
      await editor.page.getByRole('button', { name: 'Drop', exact: true }).click();
      await tab().getByText('Dead letters: 119').waitFor();
      assert.deepEqual(
        fake.asked.filter(({ path }) => path.endsWith('/drop')).map(({ body }) => body),
        [{ id: 'callback', letters: [120] }],
      );
    });

    it('tells what failed and what to do about it, and goes on when asked to', async () => {
      const fake = await openFake();
      fake.refusal = {
        status: 400,
        body: { code: 'STATE_IO', message: 'the disk is full', nextStep: 'make room on it' },
      };
      await refresh();
      await tab().getByText('the disk is full').waitFor();
      await tab().getByText('make room on it').waitFor();
      fake.refusal = undefined;
      await button(/^Try again$/).click();
      await tab().getByText('the disk is full').waitFor({ state: 'hidden' });
    });

    it('disables for a user who may only look what needs more, and says so', async () => {
      await openFake();
      await editor.page.evaluate(() => {
        RED.settings.user = { permissions: ['read'] };
      });
      await refresh();
      const poll = button(/^Poll now/);
      await editor.page.waitForFunction(
        () =>
          document.querySelector<HTMLButtonElement>('.sagecrm-sb-card button:disabled') !== null,
      );
      assert.ok(await poll.isDisabled());
      assert.match((await poll.getAttribute('title')) ?? '', /write permission/);
    });

    it('shows nothing to a user who may not look', async () => {
      await openFake();
      await editor.page.evaluate(() => {
        RED.settings.user = { permissions: ['flows.read'] };
        RED.events.emit('deploy');
      });
      await tab().getByText('You may not see what the Sage CRM nodes do').waitFor();
      assert.ok(!(await events().first().isVisible()));
    });

    for (const dark of themesOf('nodeRed5')) {
      it(`is accessible in the ${dark ? 'dark' : 'light'} theme`, async () => {
        editor = await shared().show([], { dark });
        await openFake();
        await button(/^Replay since/).click();
        await unfoldTable();
        await tab().getByText('Dead letters: 120').click();
        await tab().locator('.sagecrm-sb-letters > li').first().waitFor();
        assert.deepEqual(
          await violations(editor.page, '.sagecrm-sidebar', dark ? COLOURS : {}),
          [],
        );
        assert.deepEqual(editor.complaints, []);
      });
    }
  });
});
