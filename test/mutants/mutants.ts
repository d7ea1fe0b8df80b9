/** A fault put into the source on purpose; the tests must notice it. */
export interface Mutant {
  name: string;
  file: string;
  /** Text that stands in the file exactly once. */
  from: string;
  to: string;
}

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'the window does not include its first instant',
    file: 'src/poll/changes.ts',
    from: 'updated.latest >= bounds.from',
    to: 'updated.latest > bounds.from + 120_000',
  },
  {
    name: 'no overlap: polls begin at the cursor',
    file: 'src/poll/window.ts',
    from: 'const start = state.cursor - lookBack;',
    to: 'const start = state.cursor;',
  },
  {
    name: 'an overlap of 0 looks back less than a second',
    file: 'src/poll/window.ts',
    from: 'Math.max(overlapSeconds * 1000, SHORTEST_LOOK_BACK_MS)',
    to: 'overlapSeconds * 1000',
  },
  {
    name: 'a wider overlap re-reads what the seen set has forgotten',
    file: 'src/poll/window.ts',
    from: 'return state.seenFrom === null ? start : Math.max(start, state.seenFrom);',
    to: 'return start;',
  },
  {
    name: 'the cursor is written before the window is read to its end',
    file: 'src/poll/resource-poller.ts',
    from: "if (page.more && run.waiting.length > 0) {\n        await this.append(run, { ...state, phase: 'reading' });",
    to: "if (page.more && run.waiting.length > 0) {\n        await this.append(run, { ...advanced(state, pass.greatestDate, this.lookBack), phase: 'reading' });",
  },
  {
    name: 'start from now believes the clock of this machine',
    file: 'src/poll/resource-poller.ts',
    from: 'run.state ??= this.startFromNow(now)',
    to: 'run.state ??= this.startFromNow(clock.now())',
  },
  {
    name: 'start from now forgets the time the start itself took',
    file: 'src/poll/window.ts',
    from: '(serverTime - sinceStartMs)',
    to: 'serverTime',
  },
  {
    name: 'records are told apart by id alone',
    file: 'src/poll/changes.ts',
    from: 'versions.some(([hash]) => hash === candidate.hash)',
    to: 'versions.length > 0',
  },
  {
    name: 'nothing is remembered as seen',
    file: 'src/poll/changes.ts',
    from: 'versions.some(([hash]) => hash === candidate.hash)',
    to: 'versions.length > 9',
  },
  {
    name: 'a date in the future moves the cursor',
    file: 'src/poll/pass.ts',
    from: 'if (updated.earliest <= now) {',
    to: 'if (updated.earliest <= now + 1e15) {',
  },
  {
    name: 'a pass with shifted rows is trusted',
    file: 'src/poll/pass.ts',
    from: 'if (this.pages <= 1) return true;',
    to: 'if (this.pages > 0) return true;',
  },
  {
    name: 'a repeated hour is read as its first pass only',
    file: 'src/poll/changes.ts',
    from: 'updated.latest >= bounds.from',
    to: 'updated.earliest >= bounds.from',
  },
  {
    name: 'the lower bound ignores a clock set back',
    file: 'src/template/wall-clock.ts',
    from: 'wallAt(at, after) < wallAt(smallest.at, smallest.zone)',
    to: 'at < 0',
  },
  {
    name: 'messages come in the order of the pages',
    file: 'src/poll/changes.ts',
    from: 'const time = String(date + LARGEST_DATE)',
    to: 'const time = String(LARGEST_DATE)',
  },
  {
    name: 'emitted messages before a fault are not acknowledged',
    file: 'src/poll/drain.ts',
    from: '  } finally {\n    if (emitted.length > 0)',
    to: '  } finally {\n    if (emitted.length === slice.length)',
  },
  {
    name: 'a short page ends the feed whatever the total',
    file: 'src/sagecrm/sdata-source.ts',
    from: 'if (rows === 0) return true;',
    to: 'if (rows < 200) return true;',
  },
  {
    name: 'one list is enough to take a record for deleted',
    file: 'src/poll/reconciler.ts',
    from: 'await this.list(url, first + 1, signal);',
    to: '',
  },
  {
    name: 'an empty list deletes everything',
    file: 'src/poll/reconciler.ts',
    from: 'if (rows === 0) throw',
    to: 'if (rows < 0) throw',
  },
  {
    name: 'deletions need no confirmation',
    file: 'src/poll/reconciler.ts',
    from: 'if (confirmed || found.absent.length <= allowed) return;',
    to: 'if (allowed >= 0) return;',
  },
];
