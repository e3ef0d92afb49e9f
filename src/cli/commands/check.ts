import type { Diagnostic } from '../../language/diagnostic';
import { evaluate } from '../../runtime/evaluate';
import { Dataset, UnfedInput } from '../../training/dataset';
import type { Command } from '../command';
import { diagnosticsAsJson, hasErrors, printDiagnostics } from '../diagnostics';
import { describeFailure } from '../findings';
import { type CheckedFile, checkFile } from '../load';
import { type ExitStatus, exitStatus, InputError, UsageError } from '../status';

/** Diagnostics of files, and whether they are free of errors. */
export const check: Command = {
  name: 'check',
  arguments: 'FILE...',
  summary: 'diagnostics, as file:line:column: severity[code]: message',
  options: { json: { help: 'one JSON object a line' } },
  async run(options, terminal) {
    if (options.positionals.length === 0) throw new UsageError('nabla check needs a model file');
    let status: ExitStatus = exitStatus.success;
    for (const file of options.positionals) {
      try {
        const checked = await checkFile(file);
        const diagnostics = [...checked.diagnostics, ...misfitsOfData(checked)];
        if (hasErrors(diagnostics)) status = exitStatus.wrong;
        const print = options.flag('json') ? diagnosticsAsJson : printDiagnostics;
        terminal.out(print(checked.source, diagnostics, terminal.outStyle));
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        // The other files are still worth looking at.
        terminal.err(`nabla: ${error.message}\n`);
        status = exitStatus.wrong;
      }
    }
    return status;
  },
};

/** What shows only when the rows are put into the inputs, such as a fraction in an int input. */
function misfitsOfData({ loaded, diagnostics }: CheckedFile): Diagnostic[] {
  if (!loaded || hasErrors(diagnostics)) return [];
  try {
    Dataset.build(loaded.model, loaded.tables, loaded.model.trainings[0] ?? { split: 1, seed: 0 }, evaluate);
    return [];
  } catch (error) {
    // A file whose inputs are all fed from outside is right.
    if (error instanceof UnfedInput) return [];
    const finding = describeFailure(error, loaded);
    if (!finding) throw error;
    return [finding];
  }
}
