import { chmod, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { formatted } from '../../language/format/format';
import { parse } from '../../language/parser';
import type { Command } from '../command';
import { printDiagnostics } from '../diagnostics';
import { readSource } from '../load';
import { exitStatus, InputError, UsageError } from '../status';
import type { Terminal } from '../terminal';

/** Files in their canonical form. */
export const fmt: Command = {
  name: 'fmt',
  arguments: 'FILE...',
  summary: 'formats files in place, and lists those that changed',
  options: {
    check: { help: 'changes nothing: lists the files that would change, and exits 1 if there are any' },
  },
  async run(options, terminal) {
    if (options.positionals.length === 0) throw new UsageError('nabla fmt needs a model file');
    const check = options.flag('check');
    const found: Outcome[] = [];
    for (const file of options.positionals) {
      try {
        found.push(await format(file, check, terminal));
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        // The other files are formatted all the same.
        terminal.err(`nabla: ${error.message}\n`);
        found.push('wrong');
      }
    }
    const fails = found.includes('wrong') || (check && found.includes('changed'));
    return fails ? exitStatus.wrong : exitStatus.success;
  },
};

type Outcome = 'changed' | 'same' | 'wrong';

async function format(file: string, check: boolean, terminal: Terminal): Promise<Outcome> {
  const { source, problem } = await readSource(file);
  const text = problem ? undefined : formatted(source);
  if (text === undefined) {
    const diagnostics = problem ? [problem] : parse(source).diagnostics;
    terminal.err(printDiagnostics(source, diagnostics, terminal.errStyle));
    return 'wrong';
  }
  if (text === source.text) return 'same';
  if (!check) await replace(file, text);
  terminal.out(`${file}\n`);
  return 'changed';
}

/** A reader sees the old text or the new one, never a part; a link stays a link, and the mode what it was. */
async function replace(file: string, text: string): Promise<void> {
  let partial: string | undefined;
  try {
    const target = await realpath(file);
    const { mode } = await stat(target);
    partial = path.join(path.dirname(target), `.${path.basename(target)}.${process.pid}.partial`);
    await writeFile(partial, text);
    await chmod(partial, mode);
    await rename(partial, target);
  } catch (error) {
    if (partial !== undefined) await rm(partial, { force: true });
    throw new InputError(`${file}: the file cannot be written (${(error as Error).message})`);
  }
}
