import { DataError } from '../data/error';
import { type Diagnostic, ModelError } from '../language/diagnostic';
import type { Model } from '../language/model';
import { UnfedInput } from '../training/dataset';
import { Divergence } from '../training/divergence';
import { divergenceFinding } from '../worker/divergenceFinding';
import { findingOf } from '../worker/loadedModel';
import { diagnosticLine } from './diagnostics';
import type { LoadedFile } from './load';
import { type ExitStatus, exitStatus } from './status';
import type { Terminal } from './terminal';

/** Does the work of a command; what the model or its data did wrong is printed with its place. */
export async function reporting(
  loaded: LoadedFile,
  terminal: Terminal,
  work: () => Promise<ExitStatus> | ExitStatus,
): Promise<ExitStatus> {
  try {
    return await work();
  } catch (error) {
    const finding = describeFailure(error, loaded);
    if (!finding) throw error;
    terminal.err(`${diagnosticLine(loaded.source, finding, terminal.errStyle)}\n`);
    return exitStatus.wrong;
  }
}

/** What an error says about the model or its data; undefined when neither is to blame. */
export function describeFailure(error: unknown, { model, source }: LoadedFile): Diagnostic | undefined {
  if (error instanceof UnfedInput) {
    const { name, span } = error.input;
    const message = `input ${name} has no value; give it one with \`= EXPR\`, or with --feed ${name}=FILE.json`;
    return { code: 'data-value', severity: 'error', span, message };
  }
  if (error instanceof DataError) {
    return { code: error.code, severity: 'error', span: blamed(error, model), message: error.message };
  }
  if (error instanceof ModelError) return error.diagnostic;
  if (error instanceof Divergence) return divergenceFinding(error, model, source);
  return findingOf(error, model, source.text);
}

/** The input that a message names, since a `DataError` about values knows no place in the model. */
function blamed({ message, code }: DataError, model: Model): Diagnostic['span'] {
  const named = model.inputs.find(input => message.startsWith(`input ${input.name} `));
  const training = code === 'argument-value' ? model.trainings[0]?.span : undefined;
  return named?.span ?? training ?? model.inputs[0]?.span ?? { start: 0, end: 0 };
}
