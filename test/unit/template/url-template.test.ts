import assert from 'node:assert/strict';
import fc from 'fast-check';
import { FixedOffsetZone, Zone } from 'luxon';
import { compileDatePattern } from '../../../src/template/java-date-pattern';
import { compileUrlTemplate } from '../../../src/template/url-template';
import { resolveZone } from '../../../src/template/zone';
import { errorOf } from './errors';

const FROM = '2026-01-31T10:00:15.987Z';
const NOW = '2026-01-31T10:20:30.999Z';

function render(url: string, serverZone = 'UTC', from = FROM, now = NOW): string {
  const template = compileUrlTemplate(url, resolveZone(serverZone));
  return template.render({ from: Date.parse(from), now: Date.parse(now) });
}

/** The clause as the server sees it. */
function whereOf(url: string): string | null {
  return new URL(url, 'https://h').searchParams.get('where');
}

/** A documented URL with another variable in the place of its own. */
function accounts(variable: string): string {
  return `/hubs/crm/accounts?where=Comp_UpdatedDate>'${variable}'`;
}

describe('the variables of a URL', () => {
  it('render the documented URL', () => {
    assert.equal(
      render(accounts("${gmtDate:yyyy-MM-dd'T'HH:mm:ss'Z'}"), 'Europe/Berlin'),
      '/hubs/crm/accounts?where=Comp_UpdatedDate%3E%272026-01-31T10%3A00%3A15Z%27',
    );
  });

  for (const [variable, expected] of [
    ["${gmtDate:yyyy-MM-dd'T'HH:mm:ss'Z'}", '2026-01-31T10:00:15Z'],
    ['${gmtDate:milliseconds}', '1769853615987'],
    ['${gmtDate:z}', 'GMT'],
    ['${date:yyyy-MM-dd HH:mm:ss}', '2026-01-31 11:00:15'],
    ['${date}', '2026-01-31T11:00:15+01:00'],
    ["${dateTimeZone:America/New_York:yyyy-MM-dd'T'HH:mm:ss}", '2026-01-31T05:00:15'],
    ['${dateTimeZone:GMT+02:00:HH:mm:ss}', '12:00:15'],
    ['${dateTimeZone:+05:30:HH:mm:ss}', '15:30:15'],
    ['${dateTimeZone:GMT-3:HH:mm}', '07:00'],
    ['${dateTimeZone:PST:HH:mm z}', '02:00 PST'],
    ["${nowTimeZone:UTC:yyyy-MM-dd'T'HH:mm:ss'Z'}", '2026-01-31T10:20:30Z'],
    ['${nowTimeZone:GMT+01:00:HH:mm:ss.SSS}', '11:20:30.999'],
    ['${epoch}', '1769853615987'],
    ['${epoch:ms}', '1769853615987'],
    ['${epoch:s}', '1769853615'],
    ['${epoch:us}', '1769853615987000'],
  ] as const) {
    it(`put ${expected} for ${variable} on a server in Berlin`, () => {
      const url = render(accounts(variable), 'Europe/Berlin');
      assert.equal(whereOf(url), `Comp_UpdatedDate>'${expected}'`);
    });
  }

  it('may stand several times, with text between', () => {
    const url = render('/x?where=a>${epoch:s} and b<${nowTimeZone:GMT:HH:mm}&pageSize=200');
    assert.equal(whereOf(url), 'a>1769853615 and b<10:20');
    assert.ok(url.endsWith('&pageSize=200'));
  });

  it('take colons, quotes and a quoted brace within a format', () => {
    assert.equal(whereOf(render("/x?where=${gmtDate:HH:mm'}'ss}")), '10:00}15');
    assert.equal(whereOf(render("/x?where=${gmtDate:h 'o''clock'}")), "10 o'clock");
    assert.equal(whereOf(render("/x?where=${gmtDate:''yy{'}'''}")), "'26{}'");
  });

  it('never stand for a time after the lower bound, also before 1970', () => {
    assert.equal(whereOf(render('/x?where=${epoch:s}', 'UTC', '1969-12-31T23:59:58.500Z')), '-2');
  });

  it('tell whether there is a lower bound', () => {
    const has = (url: string): boolean => compileUrlTemplate(url, resolveZone('UTC')).hasLowerBound;
    assert.equal(has('/hubs/crm/accounts'), false);
    assert.equal(has('/x?until=${nowTimeZone:UTC:HH:mm}'), false);
    for (const variable of [
      'gmtDate:yyyy',
      'date',
      'date:yyyy',
      'dateTimeZone:UTC:yyyy',
      'epoch:s',
    ]) {
      assert.equal(has(`/x?since=\${${variable}}`), true, variable);
    }
  });

  it('leave the source as it was', () => {
    const url = accounts('${date}');
    assert.equal(compileUrlTemplate(url, resolveZone('UTC')).source, url);
  });
});

describe('a URL with a fault', () => {
  for (const [url, position, named] of [
    ['/x?a=${gmtDate:yyyy', 5, '"${" is never closed'],
    ["/x?a=${gmtDate:yyyy'T}", 5, 'close every quoted text'],
    ['/x?a=${gmtdate:yyyy}', 7, 'did you mean "gmtDate"?'],
    ['/x?a=${epoc}', 7, 'did you mean "epoch"?'],
    ['/x?a=${lastModifiedTimestamp}', 7, 'Unknown variable "lastModifiedTimestamp"'],
    ['/x?a=${}', 7, 'Unknown variable ""'],
    ['/x?a=${gmtDate}', 14, '"gmtDate" has no date format'],
    ['/x?a=${gmtDate:}', 15, '"gmtDate" has no date format'],
    ['/x?a=${date:}', 12, '"date" has no date format'],
    ['/x?a=${dateTimeZone}', 19, '"dateTimeZone" has no zone'],
    ['/x?a=${dateTimeZone:UTC}', 23, '"dateTimeZone" has no date format'],
    ['/x?a=${dateTimeZone:GMT+02:00}', 29, '"dateTimeZone" has no date format'],
    ['/x?a=${nowTimeZone::HH:mm}', 19, '"nowTimeZone" has no zone'],
    ['/x?a=${dateTimeZone:Europ/Berlin:yyyy}', 20, 'did you mean "Europe/Berlin"?'],
    ['/x?a=${dateTimeZone:UTC:yyyy-bb}', 29, 'The letter "b" has no meaning'],
    ['/x?a=${gmtDate:yyyy-MM-ddTHH}', 25, 'The letter "T" has no meaning'],
    ['/x?a=${epoch:min}', 13, 'Use ms, s or us'],
    ['/x?a=${epoch:}', 13, '"" is no unit'],
    ['/x?a=${epoch:toString}', 13, '"toString" is no unit'],
  ] as const) {
    it(`is refused: ${url}`, () => {
      const error = errorOf('TEMPLATE_INVALID', () => compileUrlTemplate(url, resolveZone('UTC')));
      assert.equal(error.details.position, position);
      assert.ok(error.message.includes(named), error.message);
      assert.ok(error.message.includes(`position ${position} of the URL`), error.message);
    });
  }
});

describe('the encoding of a URL', () => {
  it('encodes substituted values whole', () => {
    assert.equal(
      render('/x?since=${date}', 'Europe/Berlin'),
      '/x?since=2026-01-31T11%3A00%3A15%2B01%3A00',
    );
  });

  it('keeps the parts the user wrote, and escapes already there', () => {
    const url = '/hubs/crm/accounts?where=a%20%3D%20b&pageSize=200&x=(1,2);@!*~$:[]+/';
    assert.equal(render(url), url);
    assert.equal(render('http://h.example:8080/p?q=1'), 'http://h.example:8080/p?q=1');
  });

  it('encodes what may not stand in a URL', () => {
    assert.equal(
      render('/a b?q=<">\'{x}|\\^`é€😀\n'),
      '/a%20b?q=%3C%22%3E%27%7Bx%7D%7C%5C%5E%60%C3%A9%E2%82%AC%F0%9F%98%80%0A',
    );
  });

  it('encodes a percent sign that begins no escape, a fragment sign and half a surrogate pair', () => {
    assert.equal(render("/x?where=n like '%q%'"), '/x?where=n%20like%20%27%25q%25%27');
    assert.equal(whereOf(render("/x?where=n='#1'&a=b")), "n='#1'");
    assert.equal(render('/x?q=\ud800'), '/x?q=%EF%BF%BD');
  });

  it('gives the clause back as it was meant, whatever it holds', () => {
    const character = fc.oneof(
      fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
      fc.constantFrom(
        ' ',
        "'",
        '"',
        '<',
        '>',
        '=',
        '%',
        '#',
        '(',
        '{',
        '}',
        '|',
        '\\',
        '^',
        '`',
        '?',
      ),
    );
    // What the user writes is URL text: & + and escapes keep their meaning, and ${ opens a variable.
    const clause = fc
      .array(character, { maxLength: 20 })
      .map((chars) => chars.join(''))
      .filter((text) => !/[&+]|\$\{|\$$|%[0-9A-Fa-f]{2}|%[0-9A-Fa-f]?$/.test(text));
    fc.assert(
      fc.property(clause, clause, (before, after) => {
        const url = render(`/x?where=${before}\${date}${after}&pageSize=1`, 'Asia/Tokyo');
        assert.equal(
          whereOf(url),
          `${before}2026-01-31T19:00:15+09:00${after}`.replace(/\p{Surrogate}/gu, '\uFFFD'),
        );
        assert.match(url, /^[\x21-\x7e]*$/);
      }),
      { numRuns: 500 },
    );
  });
});

describe('a lower bound written as wall-clock time', () => {
  const bound = (zone: string, from: string, now: string): string | null =>
    whereOf(render('/x?where=${date:yyyy-MM-dd HH:mm:ss}', zone, from, now));

  it('is one second before the time after the step back when clocks are set back before now', () => {
    // Berlin, 2026-10-25: 03:00 summer time becomes 02:00 at 01:00Z.
    assert.equal(
      bound('Europe/Berlin', '2026-10-25T00:50:00Z', '2026-10-25T01:05:00Z'),
      '2026-10-25 01:59:59',
    );
    assert.equal(
      bound('America/New_York', '2026-11-01T05:45:00Z', '2026-11-01T06:00:00Z'),
      '2026-11-01 00:59:59',
    );
    assert.equal(
      bound('Australia/Lord_Howe', '2026-04-04T14:50:00Z', '2026-04-04T16:00:00Z'),
      '2026-04-05 01:29:59',
    );
  });

  it('is its own time while the step back is still to come', () => {
    assert.equal(
      bound('Europe/Berlin', '2026-10-25T00:50:00Z', '2026-10-25T00:59:59Z'),
      '2026-10-25 02:50:00',
    );
  });

  it('is its own time when that lies before the repeated hour', () => {
    assert.equal(
      bound('Europe/Berlin', '2026-10-24T23:30:00Z', '2026-10-25T01:05:00Z'),
      '2026-10-25 01:30:00',
    );
    assert.equal(
      bound('Europe/Berlin', '2020-01-01T00:00:00Z', '2026-10-25T01:05:00Z'),
      '2020-01-01 01:00:00',
    );
  });

  it('is its own time in spring, after the repeated hour, and with a clock before the bound', () => {
    assert.equal(
      bound('Europe/Berlin', '2026-03-29T00:50:00Z', '2026-03-29T01:20:00Z'),
      '2026-03-29 01:50:00',
    );
    assert.equal(
      bound('Europe/Berlin', '2026-10-25T01:10:00Z', '2026-10-25T01:40:00Z'),
      '2026-10-25 02:10:00',
    );
    assert.equal(
      bound('Europe/Berlin', '2026-10-25T00:50:00Z', '2026-10-24T00:00:00Z'),
      '2026-10-25 02:50:00',
    );
  });

  it('leaves variables that name their instant alone, and heeds the zone of dateTimeZone', () => {
    const during = (variable: string): string | null =>
      whereOf(
        render(
          `/x?where=${variable}`,
          'Europe/Berlin',
          '2026-10-25T00:50:00Z',
          '2026-10-25T01:05:00Z',
        ),
      );
    assert.equal(during('${date}'), '2026-10-25T02:50:00+02:00');
    assert.equal(during('${date:HH:mm z}'), '02:50 CEST');
    assert.equal(during('${gmtDate:HH:mm}'), '00:50');
    assert.equal(during('${epoch:s}'), String(Date.parse('2026-10-25T00:50:00Z') / 1000));
    assert.equal(during('${dateTimeZone:Europe/Paris:HH:mm}'), '01:59');
    assert.equal(during('${dateTimeZone:America/New_York:HH:mm}'), '20:50');
  });

  /** What a server sees whose clock shows the wall time of the zone. */
  function wallText(epochMs: number, zone: Zone): string {
    return compileDatePattern('yyyy-MM-dd HH:mm:ss').format(epochMs, zone);
  }

  it('misses nothing written between the bound and now, and is one of those times', () => {
    const transitions: [string, string][] = [
      ['Europe/Berlin', '2026-10-25T01:00:00Z'],
      ['Europe/Berlin', '2026-03-29T01:00:00Z'],
      ['America/New_York', '2026-11-01T06:00:00Z'],
      ['Australia/Lord_Howe', '2026-04-04T15:00:00Z'],
      ['Africa/Casablanca', '2026-02-15T02:00:00Z'],
      // The island moved across the date line and lost a day's worth of offset.
      ['Pacific/Kwajalein', '1969-09-30T13:00:00Z'],
    ];
    const hours = (count: number): number => count * 3_600_000;
    fc.assert(
      fc.property(
        fc.constantFrom(...transitions),
        fc.integer({ min: -hours(3), max: hours(3) }),
        fc.integer({ min: 0, max: hours(5) }),
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 10 }),
        ([name, around], shift, span, shares) => {
          const zone = resolveZone(name);
          const from = Date.parse(around) + shift;
          const now = from + span;
          const template = compileUrlTemplate('/x?where=${date:yyyy-MM-dd HH:mm:ss}', zone);
          const lower = whereOf(template.render({ from, now })) ?? '';
          for (const share of [0, ...shares, 1]) {
            const written = wallText(Math.floor(from + share * span), zone);
            assert.ok(lower <= written, `${lower} > ${written}`);
          }
          assert.ok(lower <= wallText(from, zone));
        },
      ),
      { numRuns: 400 },
    );
  });

  it('heeds a step back of nearly a day', () => {
    const step = Date.parse('1969-09-30T13:00:00Z');
    const zone = resolveZone('Pacific/Kwajalein');
    assert.ok(zone.offset(step) < zone.offset(step - 1));
    const template = compileUrlTemplate('/x?where=${date:yyyy-MM-dd HH:mm}', zone);
    const url = template.render({ from: step - 20 * 3_600_000, now: step + 60_000 });
    const after = FixedOffsetZone.instance(zone.offset(step));
    assert.equal(whereOf(url), wallText(step - 1000, after).slice(0, 16));
  });

  it('heeds each of several steps back', () => {
    const hour = 3_600_000;
    const zone = new StepsBack([2 * hour, 3 * hour]);
    const template = compileUrlTemplate('/x?where=${date:dd HH:mm:ss}', zone);
    const at = (from: number, now: number): string | null =>
      whereOf(template.render({ from: from * hour, now: now * hour }));
    assert.equal(at(1.9, 2), '01 00:59:59');
    assert.equal(at(1.9, 2.05), '01 00:59:59');
    assert.equal(at(2.5, 4), '01 00:59:59');
    assert.equal(at(2.9, 2.95), '01 01:54:00');
    assert.equal(at(0.5, 4), '01 00:30:00');
  });
});

/** A zone whose clock is set back by one hour at each of the given instants. */
class StepsBack extends Zone<true> {
  constructor(private readonly steps: readonly number[]) {
    super();
  }
  override get type(): string {
    return 'test';
  }
  override get name(): string {
    return 'Test/Steps_Back';
  }
  override get isUniversal(): boolean {
    return false;
  }
  override get isValid(): true {
    return true;
  }
  override offset(epochMs: number): number {
    return -60 * this.steps.filter((step) => step <= epochMs).length;
  }
  override equals(other: Zone): boolean {
    return other === this;
  }
}

describe('an upper bound written as wall-clock time', () => {
  const bound = (from: string, now: string): string | null =>
    whereOf(render('/x?where=${nowTimeZone:Europe/Berlin:yyyy-MM-dd HH:mm:ss}', 'UTC', from, now));

  it('is now on any other day', () => {
    assert.equal(bound('2026-01-31T09:45:00Z', '2026-01-31T10:00:00Z'), '2026-01-31 11:00:00');
  });

  it('is the last second before the step back while the hour repeats', () => {
    assert.equal(bound('2026-10-25T00:50:00Z', '2026-10-25T01:05:00Z'), '2026-10-25 02:59:59');
  });

  it('is now again once the repeated hour is over', () => {
    assert.equal(bound('2026-10-25T00:50:00Z', '2026-10-25T02:00:00Z'), '2026-10-25 03:00:00');
  });
});
