import { DataError } from '../../data/error';
import { type Split, splitRows } from '../../data/split';
import { countOf } from '../../graph/shape';
import type { Entry, TrainStatement } from '../ast';
import { type ModelError, modelError } from '../diagnostic';
import type { Training } from '../model';
import type { Context } from './context';

/** What of a `train` block does not fit the model and its data, as far as it shows before training. */
export function checkTraining(context: Context, training: Training, statement: TrainStatement): void {
  const { span } = training;
  if (training.parameters.length === 0) {
    throw modelError(
      'train-config',
      span,
      'there is no parameter to train; declare one with `param`, or use a layer',
    );
  }
  const written = (key: string): Entry | undefined => statement.entries.find(entry => entry.key.name === key);
  checkMethod(training, written);
  const { batch } = context;
  if (!batch) {
    if (training.earlyStop !== undefined) throw noValidation(written('early_stop')!);
    return;
  }
  const { train, validation } = cut(training, batch.rows, batch.testRows);
  const rows = train.length;
  if (training.earlyStop !== undefined && validation.length === 0) throw noValidation(written('early_stop')!);
  // The default size may well be above the rows; nobody asked for it.
  const size = written('batch');
  if (size && training.batch !== 'full' && training.batch > rows) {
    context.warn(
      'train-config',
      size.span,
      `batch is ${training.batch}, and ${rows} rows train; every step takes all of them, as with batch = full`,
    );
  }
}

/** What the method of training demands of the other keys. */
function checkMethod(
  { optimizer, batch, clipNorm, clipValue, parameters, span }: Training,
  written: (key: string) => Entry | undefined,
): void {
  const { name, definition } = optimizer;
  if (definition.fullBatch && batch !== 'full') {
    const message = `${name} compares the loss from step to step, which takes the same rows: write batch = full`;
    throw modelError('train-config', written('batch')!.span, message);
  }
  const entries = parameters.reduce((sum, { sizes }) => sum + countOf(sizes), 0);
  if (definition.mostEntries !== undefined && entries > definition.mostEntries) {
    const most = definition.mostEntries.toLocaleString('en');
    const message = `${name} trains at most ${most} numbers, and the parameters hold ${entries.toLocaleString('en')}; use lbfgs, or choose some with params`;
    throw modelError('train-config', written('optimizer')?.span ?? span, message);
  }
  if (definition.gradientFree && (clipNorm !== undefined || clipValue !== undefined)) {
    const key = clipNorm === undefined ? 'clip_value' : 'clip_norm';
    throw modelError('key-conflict', written(key)!.span, `${name} has no gradients that ${key} could limit`);
  }
}

function noValidation({ span }: Entry): ModelError {
  const message = 'early_stop watches the validation loss, and no row validates: write split = 0.8, say';
  return modelError('train-config', span, message);
}

function cut({ split, seed, span }: Training, rows: number, testRows: number): Split {
  try {
    return splitRows(rows, { split, seed, testRows });
  } catch (error) {
    if (error instanceof DataError) throw modelError('train-config', span, error.message);
    throw error;
  }
}
