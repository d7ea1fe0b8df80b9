import type { Part } from './part';
import { latency } from './parts/latency';
import { network } from './parts/network';
import { outbox } from './parts/outbox';
import { take } from './parts/take';

export const PARTS: readonly Part[] = [network, outbox, latency, take];
