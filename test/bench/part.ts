import type { z } from 'zod';

export type Unit = 'ratio' | 'a second' | 'ms' | 'KiB' | 'MiB';

/** What a figure should be; it is reported, and nothing fails by it. */
export interface Aim {
  bound: 'at least' | 'at most';
  value: number;
}

/** One figure, measured in several rounds; its value is their median. */
export interface Row {
  figure: string;
  unit: Unit;
  rounds: number[];
  aim?: Aim;
}

/** Programs that others talk to: webhooks go to one, polls to the other. */
export type Server = 'receiver' | 'crm';

export interface Setting {
  /** Default: the receiver. */
  server?: Server;
  /** How much of it, for a program that is run with several sizes. */
  size?: number;
}

/** What a part measures with. */
export interface Bench {
  /** How many rounds each figure takes. */
  readonly rounds: number;
  /**
   * Runs `programs/<name>.ts`, bundled, in a process of its own, with the server it talks to in
   * another one.
   *
   * @returns what the program tells in the end
   */
  measure<Shape extends z.ZodType>(
    program: string,
    shape: Shape,
    setting?: Setting,
  ): Promise<z.output<Shape>>;
}

/** Figures that belong together. Parts run one after the other. */
export interface Part {
  /** What `--only` takes. */
  name: string;
  title: string;
  run(bench: Bench): Promise<Row[]>;
}
