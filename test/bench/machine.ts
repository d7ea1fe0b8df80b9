import os from 'node:os';

/** What the figures depend on. */
export interface Machine {
  cores: number;
  processor: string;
  node: string;
  system: string;
  /** Processes that wanted a core in the minute before, on average; 0 on Windows. */
  load: number;
}

export function thisMachine(): Machine {
  const [load = 0] = os.loadavg();
  return {
    cores: os.availableParallelism(),
    processor: os.cpus()[0]?.model ?? 'unknown',
    node: process.version,
    system: `${os.type()} ${os.release()} ${os.arch()}`,
    load,
  };
}
