import { readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Memory } from './messages';

const SAMPLE_MS = 200;
const TIMER_MS = 10;

/** Watches this process: its memory, and how long its event loop was kept from its timers. */
export class Gauges {
  readonly idle = memory();
  private highest = this.idle;
  private readonly delays = monitorEventLoopDelay({ resolution: TIMER_MS });
  private readonly timer: NodeJS.Timeout;

  constructor() {
    this.delays.enable();
    this.timer = setInterval(() => {
      this.sample();
    }, SAMPLE_MS);
  }

  stop(): { idle: Memory; peak: Memory; pauseP99Ms: number; pauseMaxMs: number } {
    this.sample();
    clearInterval(this.timer);
    this.delays.disable();
    return {
      idle: this.idle,
      peak: this.highest,
      pauseP99Ms: late(this.delays.percentile(99)),
      pauseMaxMs: late(this.delays.max),
    };
  }

  private sample(): void {
    const now = memory();
    if (now.rss > this.highest.rss) this.highest = now;
  }
}

export function memory(): Memory {
  return { ...process.memoryUsage(), mapped: mappedBytes() };
}

/** What of the RSS is pages of files, which the system may take back; 0 where it does not tell. */
function mappedBytes(): number {
  if (process.platform !== 'linux') return 0;
  const kibibytes = /^RssFile:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  return Number(kibibytes ?? 0) * 1024;
}

/** What is measured is the time from one timer to the next. */
function late(nanoseconds: number): number {
  return Math.max(0, nanoseconds / 1e6 - TIMER_MS);
}
