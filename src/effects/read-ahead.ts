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
  const values = source(AbortSignal.any([signal, stopped.signal]));
  let next = asked(values);
  try {
    for (;;) {
      const { done, value } = await next;
      if (done === true) return;
      next = asked(values);
      yield value;
    }
  } finally {
    stopped.abort();
    await next.catch(() => undefined);
    await values.return();
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
