import path from 'node:path';
import { ESLint } from 'eslint';
import ts from 'typescript';
import { ROOT } from './process';

/** What runs in Node.js, and what runs in the browser. */
const PROJECTS = ['tsconfig.json', path.join('nodes', 'editor', 'tsconfig.json')];

const FORMAT: ts.FormatDiagnosticsHost = {
  getCanonicalFileName: (file) => file,
  getCurrentDirectory: () => ROOT,
  getNewLine: () => '\n',
};

/**
 * Checks types and lints. The rules that know types look at the programs whose types were just
 * checked, as making and checking a second one would take twice as long.
 */
async function main(): Promise<void> {
  const programs = PROJECTS.map(programOf);
  const complaints = ts.formatDiagnostics(
    programs.flatMap((program) => ts.getPreEmitDiagnostics(program)),
    FORMAT,
  );
  const lint = await lintWith(programs);
  console.log(complaints + lint);
  process.exitCode = complaints === '' && lint === '' ? 0 : 1;
}

function programOf(config: string): ts.Program {
  const file = path.join(ROOT, config);
  const { fileNames, options, errors } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(file, (name) => ts.sys.readFile(name)).config,
    ts.sys,
    path.dirname(file),
    { noEmit: true },
    file,
  );
  if (errors.length > 0) throw new Error(ts.formatDiagnostics(errors, FORMAT));
  return ts.createProgram(fileNames, options);
}

async function lintWith(programs: readonly ts.Program[]): Promise<string> {
  const eslint = new ESLint({
    cwd: ROOT,
    overrideConfig: {
      files: ['**/*.ts'],
      languageOptions: { parserOptions: { projectService: false, programs } },
    },
  });
  const results = await eslint.lintFiles(['.']);
  const formatter = await eslint.loadFormatter('stylish');
  return await formatter.format(results);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
