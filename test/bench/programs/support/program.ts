import { z } from 'zod';

const optionsSchema = z.object({
  /** The receiver. */
  url: z.string(),
  /** Where the program may keep what it stores. */
  folder: z.string(),
  rounds: z.number(),
  /** How much of it, where a part asks for several sizes. */
  size: z.number().default(1),
});

export type ProgramOptions = z.output<typeof optionsSchema>;

/** Measures, tells the figures to the process that started this one, and ends. */
export function runProgram(measure: (options: ProgramOptions) => Promise<object>): void {
  const options = optionsSchema.parse(JSON.parse(process.argv[2] ?? ''));
  process.once('disconnect', () => process.exit());
  measure(options).then(
    (figures) => {
      process.send?.(figures, () => {
        process.disconnect();
      });
    },
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
}
