import { SLICE_SIZE } from './movable';

/** What comes in, a slice at a time. */
export async function* inSlices<Item>(items: AsyncIterable<Item>): AsyncGenerator<Item[]> {
  let slice: Item[] = [];
  for await (const item of items) {
    slice.push(item);
    if (slice.length < SLICE_SIZE) continue;
    yield slice;
    slice = [];
  }
  if (slice.length > 0) yield slice;
}
