// Runs the tests that need VS Code:  tsx test/vscode/run.ts [oldest|newest ...] [--host auto|desktop|npm]
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { downloadedDesktop, hasDisplay, hasVirtualDisplay, installedDesktop } from './host/desktop';
import { runDesktopTests } from './host/desktopTests';
import { runNpmTests } from './host/npmTests';
import { projectRoot } from './host/paths';
import { makeScratchFolder } from './host/scratch';
import type { TestResult } from './host/testProtocol';
import type { VSCodeUnit } from './host/vscode';

interface Target {
  /** What npm has of it. */
  readonly unit: VSCodeUnit;
  /** The desktop version to download. */
  readonly download: string;
  /** Whether an installed desktop VS Code will do as well. */
  readonly installed: boolean;
}

/** Both ends of what `engines.vscode` allows. */
const targets: Readonly<Record<string, Target>> = {
  oldest: { unit: 'vscode-1.100', download: '1.100.0', installed: false },
  newest: { unit: 'vscode-1.139', download: 'stable', installed: true },
};

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      host: { type: 'string', default: process.env.NABLA_TEST_HOST ?? 'auto' },
      /** Where to write the number of passes and failures. */
      report: { type: 'string' },
    },
  });
  const total = { passes: 0, failures: 0 };
  for (const name of positionals.length > 0 ? positionals : Object.keys(targets)) {
    const target = targets[name];
    if (!target) throw new Error(`there is no ${name} VS Code, only ${Object.keys(targets).join(' and ')}`);
    const { passes, failures } = await runOn(target, values.host);
    total.passes += passes;
    total.failures += failures;
  }
  if (values.report) fs.writeFileSync(values.report, JSON.stringify({ stats: total }));
  if (total.failures > 0) process.exitCode = 1;
}

/** On a copy of the examples, which the tests may change. */
async function runOn(target: Target, host: string): Promise<TestResult> {
  const folder = path.join(makeScratchFolder(), 'examples');
  fs.cpSync(path.join(projectRoot, 'examples'), folder, { recursive: true });
  const tests = {
    extension: projectRoot,
    module: path.join(projectRoot, 'dist', 'test', 'index.js'),
    folder,
    timeout: 300_000,
    print: (text: string) => void process.stdout.write(text),
  };
  const executable = host === 'npm' ? undefined : await desktopFor(target);
  if (!executable && host === 'desktop') throw new Error('no desktop VS Code can be had here');
  console.log(executable ?? `${target.unit} from npm`);
  return executable ? runDesktopTests(executable, tests) : runNpmTests(target.unit, tests);
}

async function desktopFor({ download, installed }: Target): Promise<string | undefined> {
  if (!hasDisplay() && !hasVirtualDisplay()) return undefined;
  return (installed ? installedDesktop() : undefined) ?? downloadedDesktop(download);
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exit(1);
});
