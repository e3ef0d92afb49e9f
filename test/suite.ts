import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { projectRoot } from './vscode/host/paths';

/** A part of the tests that runs as a process of its own. */
export interface Suite {
  readonly name: string;
  /** A suite that counts its tests writes a `Report` to the file; any other is one test. */
  readonly command: (report: string) => readonly string[];
}

export interface Outcome {
  readonly passed: number;
  readonly failed: number;
}

/** The part of mocha's JSON report that is used here. */
interface Report {
  readonly stats: { readonly passes: number; readonly failures: number };
  readonly failures?: readonly {
    readonly fullTitle: string;
    readonly err: { stack?: string; message?: string };
  }[];
}

/** A suite that hangs is a suite that fails. */
const timeLimit = 20 * 60_000;

/** Runs a suite and prints one line about it, and everything it had to say if something failed. */
export async function runSuite({ name, command }: Suite, reportFile: string): Promise<Outcome> {
  const begin = Date.now();
  const { status, output } = await runToEnd(command(reportFile));
  const report = readReport(reportFile);
  const outcome = judge(status, report);
  const seconds = ((Date.now() - begin) / 1000).toFixed(1);
  const counts = `${outcome.passed} passed${outcome.failed > 0 ? `, ${outcome.failed} failed` : ''}`;
  console.log(`${outcome.failed > 0 ? '✘' : '✔'} ${name}: ${counts} in ${seconds} s`);
  if (outcome.failed > 0) {
    console.log(output.trimEnd());
    for (const { fullTitle, err } of report?.failures ?? []) {
      console.log(`\n  ${fullTitle}\n${indent(err.stack ?? err.message ?? 'no message')}`);
    }
    if (!report || report.stats.failures === 0) console.log(`  ended with ${status}`);
  }
  return outcome;
}

function judge(status: string, report: Report | undefined): Outcome {
  const died = status !== 'exit status 0';
  if (!report) return { passed: died ? 0 : 1, failed: died ? 1 : 0 };
  const { passes, failures } = report.stats;
  return { passed: passes, failed: died ? Math.max(failures, 1) : failures };
}

function runToEnd([program = '', ...args]: readonly string[]): Promise<{ status: string; output: string }> {
  const child = spawn(program, args, {
    cwd: projectRoot,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: timeLimit,
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined },
  });
  let output = '';
  const keep = (data: Buffer) => {
    output += data;
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  // whoever interrupts the tests ends the whole run, once the suite has cleaned up after itself
  let interrupted = false;
  const interrupt = (signal: NodeJS.Signals) => {
    interrupted = true;
    child.kill(signal);
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  return new Promise(resolve => {
    const end = (status: string) => {
      process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
      if (interrupted) process.exit(130);
      resolve({ status, output });
    };
    child.on('error', error => end(error.message));
    child.on('close', (code, signal) => end(signal ? `signal ${signal}` : `exit status ${code}`));
  });
}

function readReport(file: string): Report | undefined {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8')) as Report;
  } catch {
    return undefined; // the suite writes none, or died while writing it
  }
}

function indent(text: string): string {
  return text.replace(/^/gm, '    ');
}
