import type { Table } from '../data/table';
import type { Evaluate } from '../graph/evaluate';
import type { Tensor } from '../graph/types';
import type { Model, ModelInput } from '../language/model';
import { Dataset } from './dataset';
import { converted } from './inputValues';
import { NotRowwise, restsOn } from './rowwise';
import { StreamedValue } from './streamed';

/** An input's expression takes rows together, so that new rows alone do not make its value. */
export class RowsTogether extends Error {
  constructor(readonly input: ModelInput) {
    super(`a row of input ${input.name} rests on other rows too`);
    this.name = 'RowsTogether';
  }
}

/**
 * What inputs are for rows that are not the file's: their expressions over `rows`, tables in place of some of the file's
 * with the same columns, but with means, bounds and the like of the file's own training rows. Inputs over other tables are
 * left out. Throws `RowsTogether`, `DataError` and `RunError`.
 */
export function inputsOfRows(
  model: Model,
  inputs: readonly ModelInput[],
  tables: ReadonlyMap<string, Table>,
  rows: ReadonlyMap<string, Table>,
  evaluate: Evaluate,
): Map<string, Tensor> {
  const { split = 1, seed = 0 } = model.trainings[0] ?? {};
  const own = Dataset.build({ ...model, inputs: [] }, tables, { split, seed }, evaluate);
  const source = { tables, split: own.split, sizes: own.sizes(own.rows), evaluate };
  const values = new Map<string, Tensor>();
  for (const input of inputs) {
    const { name, value } = input;
    if (!value || ![...rows.keys()].some(table => restsOn(value, table))) continue;
    try {
      values.set(name, converted(new StreamedValue(value, source).over(rows), input));
    } catch (error) {
      throw error instanceof NotRowwise ? new RowsTogether(input) : error;
    }
  }
  return values;
}
