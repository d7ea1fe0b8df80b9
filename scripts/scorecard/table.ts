import type { Finding } from './rules';

/** The findings as a table, one rule a line. */
export function tableOf(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ title }) => title.length));
  return findings
    .map(({ rule, title, verdict, detail }) =>
      `  ${rule}  ${title.padEnd(width)}  ${verdict.padEnd(17)}  ${detail}`.trimEnd(),
    )
    .join('\n');
}
