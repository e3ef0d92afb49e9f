import { DataError } from '../../data/error';
import { splitRows } from '../../data/split';
import type { TrainStatement } from '../ast';
import { modelError } from '../diagnostic';
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
  const { batch } = context;
  if (!batch) return;
  const rows = trainingRows(training, batch.rows, batch.testRows);
  // The default size may well be above the rows; nobody asked for it.
  const written = statement.entries.find(entry => entry.key.name === 'batch');
  if (written && training.batch !== 'full' && training.batch > rows) {
    context.warn(
      'train-config',
      written.span,
      `batch is ${training.batch}, and ${rows} rows train; every step takes all of them, as with batch = full`,
    );
  }
}

function trainingRows({ split, seed, span }: Training, rows: number, testRows: number): number {
  try {
    return splitRows(rows, { split, seed, testRows }).train.length;
  } catch (error) {
    if (error instanceof DataError) throw modelError('train-config', span, error.message);
    throw error;
  }
}
