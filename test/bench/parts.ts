import type { Part } from './part';
import { backlog } from './parts/backlog';
import { latency } from './parts/latency';
import { network } from './parts/network';
import { outbox } from './parts/outbox';
import { steady } from './parts/steady';
import { take } from './parts/take';

export const PARTS: readonly Part[] = [backlog, steady, network, outbox, latency, take];
