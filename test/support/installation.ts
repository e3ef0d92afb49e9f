import { type ChildProcess, spawn } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { buildSync } from 'esbuild';

const root = resolve(__dirname, '../..');

/** The bundles as they are shipped, in a folder of their own, with or without the native library beside them. */
export class Installation {
  readonly folder = mkdtempSync(join(tmpdir(), 'nabla-installed-'));
  private readonly children: ChildProcess[] = [];

  /** `library`: the packages installed here, or files to stand in their place; none as in the package for all platforms. */
  constructor(library?: 'installed' | Readonly<Record<string, string>>) {
    const bundles = {
      'cli.js': 'src/cli.ts',
      'engineWorker.js': 'src/worker/engineWorker.ts',
      'shareWorker.js': 'src/runtime/onnx/parallel/shareWorker.ts',
    };
    for (const [name, entry] of Object.entries(bundles)) {
      buildSync({
        entryPoints: [join(root, entry)],
        outfile: this.path('dist', name),
        bundle: true,
        platform: 'node',
        format: 'cjs',
      });
    }
    const kernels = join(root, 'dist', 'kernels.wasm');
    if (existsSync(kernels)) copyFileSync(kernels, this.path('dist', 'kernels.wasm'));
    if (library === 'installed') symlinkSync(join(root, 'node_modules'), this.path('node_modules'));
    else
      for (const [name, text] of Object.entries(library ?? {})) this.write(join('node_modules', name), text);
  }

  path(...parts: string[]): string {
    return join(this.folder, ...parts);
  }

  write(name: string, text: string): void {
    mkdirSync(dirname(this.path(name)), { recursive: true });
    writeFileSync(this.path(name), text);
  }

  start(...args: string[]): ChildProcess {
    const env = { ...process.env, NABLA_DEBUG: '' };
    const child = spawn(process.execPath, [this.path('dist', 'cli.js'), ...args], { cwd: this.folder, env });
    this.children.push(child);
    return child;
  }

  /** Ends what a failed test may have left running, too. */
  remove(): void {
    for (const child of this.children) if (child.exitCode === null) child.kill('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }
}
