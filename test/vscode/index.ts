import fs from 'node:fs';
import path from 'node:path';
import { format } from 'node:util';
import Mocha from 'mocha';
import { outputVariable, resultVariable, type TestResult } from './host/testProtocol';

/** VS Code calls this in the extension host. It runs every test that has been built beside or below this file. */
export async function run(): Promise<void> {
  process.setSourceMapsEnabled(true);
  redirectConsole(required(outputVariable));
  const mocha = new Mocha({
    timeout: 20_000,
    failZero: true,
    color: false,
    ...(process.env.MOCHA_GREP ? { grep: process.env.MOCHA_GREP } : {}),
  });
  for (const file of fs.readdirSync(__dirname, { recursive: true, encoding: 'utf8' }).sort()) {
    if (file.endsWith('.test.js')) mocha.addFile(path.join(__dirname, file));
  }
  const result = await new Promise<TestResult>(resolve => {
    const runner = mocha.run(failures => resolve({ passes: runner.stats?.passes ?? 0, failures }));
  });
  fs.writeFileSync(required(resultVariable), JSON.stringify(result));
  if (result.failures > 0) throw new Error(`${result.failures} tests failed`);
}

/** The extension host's own console is mixed with the workbench's log, and does not reach the terminal. */
function redirectConsole(file: string): void {
  const write = (...values: unknown[]) => fs.appendFileSync(file, `${format(...values)}\n`);
  for (const method of ['log', 'info', 'warn', 'error'] as const) {
    // plain assignment does nothing: in VS Code these properties have setters that ignore it
    Object.defineProperty(console, method, { value: write, configurable: true, writable: true });
  }
  (Mocha.reporters.Base as unknown as { consoleLog: typeof write }).consoleLog = write;
}

function required(variable: string): string {
  const value = process.env[variable];
  if (!value) throw new Error(`${variable} is not set: run these tests through test/vscode/run.ts`);
  return value;
}
