/** A node's middle and size on the canvas, in pixels. */
export interface Box {
  x: number;
  y: number;
  w?: number;
  h?: number;
}

const GRID = 20;
const GAP = 80;
const WIDTH = 100;
const HEIGHT = 30;

/** Where a node of `width` goes: right of `source`, and below whatever stands there already. */
export function placeRightOf(
  source: Box,
  others: readonly Box[],
  width: number,
): { x: number; y: number } {
  const x = toGrid(source.x + (source.w ?? WIDTH) / 2 + GAP + width / 2);
  let y = source.y;
  while (others.some((other) => overlaps(other, { x, y, w: width }))) y += 3 * GRID;
  return { x, y };
}

function overlaps(one: Box, other: Box): boolean {
  const apartX = ((one.w ?? WIDTH) + (other.w ?? WIDTH)) / 2 + GRID;
  const apartY = ((one.h ?? HEIGHT) + (other.h ?? HEIGHT)) / 2;
  return Math.abs(one.x - other.x) < apartX && Math.abs(one.y - other.y) < apartY;
}

function toGrid(value: number): number {
  return Math.round(value / GRID) * GRID;
}

/** Every node that can be reached from `start`, nearest first, without it. */
export function reachable<Node>(start: Node, next: (node: Node) => readonly Node[]): Node[] {
  const found = new Set([start]);
  for (const node of found) {
    for (const follower of next(node)) found.add(follower);
  }
  found.delete(start);
  return [...found];
}
