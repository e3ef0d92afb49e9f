// Runs every check and test, and ends with one line:  N passed, M failed
import path from 'node:path';
import { runSuite, type Suite } from './suite';
import { projectRoot } from './vscode/host/paths';
import { makeScratchFolder } from './vscode/host/scratch';

const node = process.execPath;
const typescript = ['--import', 'tsx'];
const bin = (name: string) => path.join(projectRoot, 'node_modules', name);
const mocha = (report: string, ...more: string[]) => [
  ...[bin('mocha/bin/mocha.js'), '--reporter', 'json', '--reporter-option', `output=${report}`, ...more],
];

/** In the order of how soon they tell. */
const suites: readonly Suite[] = [
  { name: 'build', command: () => [node, 'esbuild.mjs', '--tests'] },
  {
    name: 'lint',
    command: () => [node, bin('@biomejs/biome/bin/biome'), 'check', '--error-on-warnings', '.'],
  },
  { name: 'types', command: () => [node, bin('typescript/bin/tsc'), '--noEmit'] },
  { name: 'unit', command: report => [node, ...mocha(report)] },
  {
    name: 'browser',
    command: report => [node, ...mocha(report, '--config', 'test/browser/.mocharc.json')],
  },
  ...['oldest', 'newest'].map(version => ({
    name: `VS Code, ${version}`,
    command: (report: string) => [node, ...typescript, 'test/vscode/run.ts', version, '--report', report],
  })),
];

async function main(): Promise<void> {
  const reports = makeScratchFolder();
  let passed = 0;
  let failed = 0;
  for (const [index, suite] of suites.entries()) {
    const outcome = await runSuite(suite, path.join(reports, `${index}.json`));
    passed += outcome.passed;
    failed += outcome.failed;
  }
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed > 0 ? 1 : 0;
}

void main();
