import type { Page, Request } from 'playwright-core';
import type { DeadLetterView } from '../../../nodes/sagecrm-callback/dead-letter-view';
import type { HistoryQuery, HistoryView, Overview } from '../../../src/monitor/overview';

const MINUTE = 60_000;

/** A request that the editor made, and the body it sent. */
export interface Asked {
  path: string;
  body: Record<string, unknown>;
}

/** Answers the sidebar's requests in the browser, for what no real flow can be brought to. */
export class FakeMonitor {
  readonly asked: Asked[] = [];
  overview: Overview;
  /** How many events the history holds. */
  events = 40;
  letters: DeadLetterView[] = [];
  /** Answers every request with this instead. */
  refusal: { status: number; body: unknown } | undefined;

  private constructor(private readonly now: number) {
    this.overview = overviewAt(now);
  }

  static async on(page: Page): Promise<FakeMonitor> {
    const fake = new FakeMonitor(Date.now());
    fake.letters = lettersOf(fake.overview.callbacks[0]?.outbox?.dead ?? 0);
    await page.route(/\/sagecrm-(sidebar|poll|callback)\//, async (route) => {
      const request = route.request();
      if (request.method() !== 'POST') {
        await route.continue();
        return;
      }
      const { status, body } = fake.answer(request);
      await route.fulfill({ status, json: body });
    });
    return fake;
  }

  private answer(request: Request): { status: number; body: unknown } {
    const { pathname } = new URL(request.url());
    const body = request.postDataJSON() as Record<string, unknown>;
    this.asked.push({ path: pathname, body });
    return this.refusal ?? { status: 200, body: this.valueFor(pathname, body) };
  }

  private valueFor(path: string, body: Record<string, unknown>): unknown {
    switch (path) {
      case '/sagecrm-sidebar/overview':
        return { ...this.overview, now: Date.now() };
      case '/sagecrm-sidebar/history':
        return this.history(body);
      case '/sagecrm-callback/dead-letters':
        return this.page(body);
      case '/sagecrm-callback/drop':
        this.drop(body);
        return {};
      default:
        return {};
    }
  }

  private page({ limit, after }: { limit?: number; after?: number }): DeadLetterView[] {
    const rest = this.letters.filter(({ letter }) => after === undefined || letter < after);
    return rest.slice(0, limit);
  }

  private drop({ letters }: { letters?: number[] }): void {
    this.letters = this.letters.filter(({ letter }) => letters?.includes(letter) === false);
    for (const { outbox } of this.overview.callbacks) {
      if (outbox !== undefined) outbox.dead = this.letters.length;
    }
  }

  private history(query: HistoryQuery): HistoryView {
    const { bars = 60, spanMs = 60 * MINUTE, limit = 100 } = query;
    const shown = Math.min(limit, this.events);
    const types = ['CREATED', 'UPDATED', 'DELETED'] as const;
    return {
      now: this.now,
      bars: Array.from({ length: bars }, (_, index) => ({
        from: this.now - spanMs + (index * spanMs) / bars,
        created: index % 7,
        updated: (index * 3) % 11,
        deleted: index % 20 === 0 ? 2 : 0,
      })),
      events: Array.from({ length: shown }, (_, index) => ({
        at: this.now - index * 1000,
        node: 'poll',
        resource: index % 2 === 0 ? 'accounts' : 'contacts',
        eventType: types[index % 3] ?? 'CREATED',
        objectId: String(this.events - index),
        date: '2026-01-31T10:15:00Z',
      })),
      problems: [{ ...problem(this.now - 3 * MINUTE), node: 'poll', resource: 'contacts' }],
      more: this.events - shown,
    };
  }
}

function problem(at: number): { at: number; code: string; message: string; nextStep: string } {
  return {
    at,
    code: 'SERVER_ERROR',
    message: 'Sage CRM answered with 500',
    nextStep: 'look into the log of Sage CRM; the poll is tried again by itself',
  };
}

function overviewAt(now: number): Overview {
  const last = { resource: 'accounts', created: 2, updated: 3, pages: 1, durationMs: 40 };
  return {
    now,
    polls: [
      {
        ...{ id: 'poll', name: 'Head office', flow: 'tab', state: 'failed', unacknowledged: 4 },
        resources: [
          {
            ...{ resource: 'accounts', lastPollAt: now - 2 * MINUTE, failures: 0 },
            ...{ nextPollAt: now + 13 * MINUTE, cursor: '2026-01-31T10:15:00Z' },
            last: { ...last, cursor: '2026-01-31T10:15:00Z' },
          },
          {
            ...{ resource: 'contacts', lastPollAt: now - 3 * MINUTE, failures: 2 },
            ...{ nextPollAt: null, cursor: null, problem: problem(now - 3 * MINUTE) },
          },
        ],
      },
    ],
    callbacks: [
      {
        ...{ id: 'callback', name: 'Webhook', flow: 'tab', enabled: true },
        outbox: {
          ...{ depth: 12, oldestAt: now - 5 * MINUTE, inFlight: 2, dead: 120 },
          ...{ breaker: 'open', gone: [''] },
        },
      },
    ],
  };
}

/** Newest first. */
function lettersOf(count: number): DeadLetterView[] {
  return Array.from({ length: count }, (_, index) => {
    const letter = count - index;
    const date = '2026-01-31T10:15:00Z';
    return {
      ...{ letter, attempts: 8, takenAt: date, buriedAt: date, target: '' },
      reason: { code: 'SERVER_ERROR', message: 'the receiver answered with 500', statusCode: 500 },
      message: {
        topic: 'accounts',
        payload: {},
        event: {
          ...{ eventId: `event-${letter}`, eventType: 'UPDATED', date, pollDate: date },
          ...{ objectType: 'accounts', objectId: String(letter), elementKey: 'sagecrm' },
          ...{ hubKey: 'crm', instanceName: 'Head office', tags: [] },
        },
      },
    };
  });
}
