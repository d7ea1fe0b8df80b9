import { setImmediate } from 'node:timers/promises';

/**
 * The values of `source`, each asked for while the one before is being dealt with. Whoever stops
 * early ends what was asked for ahead.
 *
 * @param source is given a signal that is aborted with `signal`, and at an early end
 */
export async function* readAhead<Value>(
  source: (signal: AbortSignal) => AsyncGenerator<Value, void, void>,
  signal: AbortSignal,
): AsyncGenerator<Value, void, void> {
  const stopped = new AbortController();
  // AbortSignal.any would leave a trace on a signal that outlives many readings.
  const stop = (): void => {
    stopped.abort(signal.reason);
  };
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop);
  const values = source(stopped.signal);
  let next: Promise<IteratorResult<Value, void>> | undefined = asked(values);
  try {
    for (;;) {
      const { done, value } = await next;
      if (done === true) {
        next = undefined;
        return;
      }
      next = asked(values);
      // A request leaves the process only when the event loop turns, and this value may take long.
      await setImmediate();
      yield value;
    }
  } finally {
    signal.removeEventListener('abort', stop);
    if (next !== undefined) {
      stopped.abort();
      await next.catch(() => undefined);
      await values.return();
    }
  }
}

/** What fails ahead of its time is told when its turn comes. */
function asked<Value>(
  values: AsyncGenerator<Value, void, void>,
): Promise<IteratorResult<Value, void>> {
  const next = values.next();
  next.catch(() => undefined);
  return next;
}
