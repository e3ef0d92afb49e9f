import { batchCount } from '../data/batches';
import type { Training } from '../language/model';
import type { Dataset } from './dataset';

/** Updates of a model without data, unless the file says otherwise. */
const STEPS_WITHOUT_DATA = 100;

/** How many updates a block makes: as asked for, else by its keys; a model without data makes 100. */
export function plannedSteps(training: Training, dataset: Dataset, asked: number | undefined): number {
  const { steps, epochs } = training;
  const perEpoch = stepsPerEpoch(training, dataset);
  if (asked !== undefined) return asked;
  if (steps !== undefined) return steps;
  return perEpoch === undefined ? (epochs ?? STEPS_WITHOUT_DATA) : (epochs ?? 10) * perEpoch;
}

/** Batches in an epoch; undefined without a batch axis, when all steps together are one epoch. */
export function stepsPerEpoch(
  { batch, dropLast }: Training,
  { batch: rows, split }: Dataset,
): number | undefined {
  return rows ? Math.max(1, batchCount(split.train.length, batch, dropLast)) : undefined;
}
