/** Which tests must notice a mutant. */
export type Suite = 'polling' | 'delivery';

/** A fault put into the source on purpose; the tests must notice it. */
export interface Mutant {
  /** Polling unless it is named. */
  suite?: Suite;
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
    file: 'src/poll/window-reader.ts',
    from: "if (page.more && run.waiting.length > 0) {\n        await this.beginAppend(run, { ...state, phase: 'reading' });",
    to: "if (page.more && run.waiting.length > 0) {\n        await this.beginAppend(run, { ...advanced(state, pass.greatestDate, this.options.lookBack), phase: 'reading' });",
  },
  {
    name: 'start from now believes the clock of this machine',
    file: 'src/poll/window-reader.ts',
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
    name: 'versions of one second come in any order',
    file: 'src/poll/changes.ts',
    from: "return String(before.length).padStart(2, '0');",
    to: "return String(before.length < 0).padStart(2, '0');",
  },
  {
    name: 'emitted messages before a fault are not struck off',
    file: 'src/poll/commit/on-emission.ts',
    from: 'if (emitted.length > 0) {',
    to: 'if (emitted.length === entries.length) {',
  },
  {
    name: 'events leave the journal before they are emitted',
    file: 'src/poll/commit/drain.ts',
    from: 'if (!(await commit.hand(resource, slice, signal, onEmitted))) return false;',
    to: 'await drained.store.strikeOff(resource, slice.map(({ key }) => key)); if (!(await commit.hand(resource, slice, signal, onEmitted))) return false;',
  },
  {
    name: 'a closed node goes on emitting',
    file: 'src/poll/commit/drain.ts',
    from: 'what a closed flow sends.\n    signal.throwIfAborted();',
    to: 'what a closed flow sends.',
  },
  {
    name: 'messages are struck off before they have arrived',
    file: 'src/poll/commit/on-emission.ts',
    from: 'signal.throwIfAborted();',
    to: '',
  },
  {
    name: 'a flow may hold any number of messages',
    file: 'src/poll/commit/on-acknowledgement.ts',
    from: 'return this.inFlight.size >= this.options.maxInFlight;',
    to: 'return this.inFlight.size >= 1e9;',
  },
  {
    name: 'nothing is ever redelivered',
    file: 'src/poll/commit/on-acknowledgement.ts',
    from: 'if (redeliverAfterMs > 0) this.watch();',
    to: '',
  },
  {
    name: 'what is acknowledged while the journal is read is handed over again',
    file: 'src/poll/commit/drain.ts',
    from: 'yield slice.filter(({ key }) => !inFlight.has(key));',
    to: 'yield slice.filter(({ key }) => !commit.keysInFlight(resource).has(key));',
  },
  {
    name: 'a message the flow refused counts as being with it',
    file: 'src/poll/commit/on-acknowledgement.ts',
    from: 'this.inFlight.delete(entry.message.event.eventId);\n      throw error;',
    to: 'throw error;',
  },
  {
    name: 'an acknowledgement is only noted in memory',
    file: 'src/poll/commit/on-acknowledgement.ts',
    from: 'struck.map(([, { key }]) => key),',
    to: 'struck.map(([, { key }]) => key).slice(1),',
  },
  {
    name: 'what waits in the journal is not seen',
    file: 'src/store/level-poll-store.ts',
    from: 'for (const [key, versions] of seen) operations.push(put(key, versions));',
    to: '',
  },
  {
    name: 'a version on its way to the disk is not seen',
    file: 'src/store/level-poll-store.ts',
    from: 'if (version !== undefined) return [...version];',
    to: '',
  },
  {
    name: 'reading the journal ends within a block',
    file: 'src/store/journal-merge.ts',
    from: 'return index === -1 ? this.waiting.length : index;',
    to: 'return this.waiting.length;',
  },
  {
    name: 'what is struck off a block is forgotten with the process',
    file: 'src/store/level-journal.ts',
    from: 'if (!isLast) return [put(mark, struck)];',
    to: 'if (!isLast) return [];',
  },
  {
    name: 'a block goes with the first event that is struck off',
    file: 'src/store/open-blocks.ts',
    from: 'isLast: struck.length >= block.left,',
    to: 'isLast: true,',
  },
  {
    name: 'a block overwrites the event it begins with',
    file: 'src/store/journal-blocks.ts',
    from: "const MORE = '!';",
    to: "const MORE = '';",
  },
  {
    name: 'an instance emits without asking whether it still may',
    file: 'src/poll/commit/drain.ts',
    from: 'await lease.confirm();',
    to: '',
  },
  {
    name: 'late commits are never looked for',
    file: 'src/poll/audit.ts',
    from: 'if (this.windowMs === 0 || seenFrom === null) return false;',
    to: 'if (this.windowMs >= 0 || seenFrom === null) return false;',
  },
  {
    name: 'the seen set is kept for the overlap, though polls look back further',
    file: 'src/poll/window-reader.ts',
    from: 'advanced(state, pass.greatestDate, audit.retention(lookBack))',
    to: 'advanced(state, pass.greatestDate, lookBack)',
  },
  {
    name: 'a start from now begins anew with every run',
    file: 'src/poll/resource-poller.ts',
    from: 'return Math.max(clock.monotonic() - startedAt, sinceBegun);',
    to: 'return sinceBegun > 1e15 ? 0 : clock.monotonic() - startedAt;',
  },
  {
    name: 'the first window of a start from now is that of any other poll',
    file: 'src/poll/window-reader.ts',
    from: '? now - this.options.sinceStart() - this.options.lookBack',
    to: '? now - this.options.lookBack',
  },
  {
    name: 'a migration leaves the journal out of the seen set',
    file: 'src/store/poll-layout.ts',
    from: "await addJournalToSeen(db, key.slice('state!'.length), state.data.seenFrom);",
    to: 'if (key.length < 0) await addJournalToSeen(db, key, state.data.seenFrom);',
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
  {
    suite: 'delivery',
    name: 'a delivered event stays in the outbox',
    file: 'src/delivery/delivery.ts',
    from: 'await steadily(() => store.remove(entries));',
    to: '',
  },
  {
    suite: 'delivery',
    name: 'an event is forgotten when its try fails',
    file: 'src/delivery/delivery.ts',
    from: 'queue.park(job, waitMs);',
    to: 'queue.release(job);',
  },
  {
    suite: 'delivery',
    name: 'events of one record go out side by side',
    file: 'src/delivery/target-queue.ts',
    from: 'if (this.lanes.isFree(mark.lane)) {',
    to: 'if (this.lanes.isFree(mark.lane) || !this.isClosed) {',
  },
  {
    suite: 'delivery',
    name: 'an event that was passed over is never found again',
    file: 'src/delivery/target-queue.ts',
    from: 'for (const lane of this.lanes.release(job)) this.lookUp(lane);',
    to: 'this.lanes.release(job);',
  },
  {
    suite: 'delivery',
    name: 'an event that waits is taken twice',
    file: 'src/store/level-outbox-intake.ts',
    from: 'known.has(id) || this.isThere(id)',
    to: 'known.has(id)',
  },
  {
    suite: 'delivery',
    name: 'batches are put together anew after a restart',
    file: 'src/delivery/delivery.ts',
    from: 'await steadily(() => store.seal(queue.target, seqsOf(job), sealedAt));',
    to: '',
  },
  {
    suite: 'delivery',
    name: 'a refused batch is given up as a whole',
    file: 'src/delivery/delivery.ts',
    from: 'return trip.entries.length > 1 ? this.unseal(trip) : this.bury(trip, error);',
    to: 'return this.bury(trip, error);',
  },
  {
    suite: 'delivery',
    name: 'the breaker never opens',
    file: 'src/delivery/breaker.ts',
    from: 'if (this.failures >= FAILURES_TO_OPEN) this.open();',
    to: 'if (this.failures >= 1e9) this.open();',
  },
  {
    suite: 'delivery',
    name: 'a half-open breaker lets everything through',
    file: 'src/delivery/breaker.ts',
    from: '(this.probe === undefined && this.pauseMs === 0)',
    to: 'this.pauseMs === 0',
  },
  {
    suite: 'delivery',
    name: 'Retry-After is not heeded',
    file: 'src/delivery/back-off.ts',
    from: 'Math.max(jittered(step, random), Math.min(retryAfterMs, LONGEST_RETRY_AFTER_MS))',
    to: 'jittered(step, random) + 0 * retryAfterMs',
  },
  {
    suite: 'delivery',
    name: 'a target that answered 410 is asked again after a restart',
    file: 'src/delivery/dispatcher.ts',
    from: 'if (address === addressOf(this.options.endpointFor, target)) this.disabled.add(target);',
    to: 'if (address === target) this.disabled.add(target);',
  },
  {
    suite: 'delivery',
    name: 'another host gets the headers of the node',
    file: 'src/delivery/endpoint.ts',
    from: 'return { url, headers: isTrusted ? headers : {}, timeoutMs };',
    to: 'return { url, headers: isTrusted ? headers : headers, timeoutMs };',
  },
  {
    suite: 'delivery',
    name: 'dead letters are dropped without a warning before',
    file: 'src/delivery/dead-letters.ts',
    from: "if (this.told === 'nothing') onWarning(nearWarning(letters.count, most, maxAgeMs));",
    to: '',
  },
];
