import type { Part } from './part';
import { backlog } from './parts/backlog';
import { growth } from './parts/growth';
import { latency } from './parts/latency';
import { network } from './parts/network';
import { outbox } from './parts/outbox';
import { peers } from './parts/peers';
import { start } from './parts/start';
import { steady } from './parts/steady';
import { take } from './parts/take';

export const PARTS: readonly Part[] = [
  backlog,
  steady,
  growth,
  start,
  network,
  outbox,
  latency,
  take,
  peers,
];
