import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buildSync } from 'esbuild';

export interface Outcome {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

let bundle: string | undefined;

/** The command line as it is shipped, built once for all tests. */
function program(): string {
  if (bundle === undefined) {
    bundle = join(mkdtempSync(join(tmpdir(), 'nabla-cli-')), 'cli.js');
    const entry = join(__dirname, '../../../src/cli.ts');
    buildSync({ entryPoints: [entry], outfile: bundle, bundle: true, platform: 'node', format: 'cjs' });
  }
  return bundle;
}

after(() => {
  if (bundle !== undefined) rmSync(dirname(bundle), { recursive: true, force: true });
});

/** A folder of model and data files in which commands run. */
export class Place {
  readonly folder = mkdtempSync(join(tmpdir(), 'nabla-models-'));
  private readonly children: ChildProcess[] = [];

  constructor(files: Readonly<Record<string, string | Uint8Array>> = {}) {
    for (const [name, content] of Object.entries(files)) this.write(name, content);
  }

  write(name: string, content: string | Uint8Array): void {
    const file = this.path(name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  /** Runs one command to its end. */
  nabla(...args: string[]): Promise<Outcome> {
    return outcomeOf(this.start(...args));
  }

  start(...args: string[]): ChildProcess {
    const env = { ...process.env, NABLA_DEBUG: '' };
    const child = spawn(process.execPath, [program(), ...args], { cwd: this.folder, env });
    this.children.push(child);
    return child;
  }

  /** Ends what a failed test may have left running, too. */
  remove(): void {
    for (const child of this.children) if (child.exitCode === null) child.kill('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export function outcomeOf(child: ChildProcess): Promise<Outcome> {
  let [out, err] = ['', ''];
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', status => resolve({ status, out, err }));
  });
}

/** JSON lines. */
export function jsonLines(text: string): Record<string, unknown>[] {
  return text
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as Record<string, unknown>);
}
