import type { Node } from '../graph/node';
import type { Training } from '../language/model';
import type { Program } from '../runtime/program';
import type { Evaluation } from './stepMethod';

/** The loss and the metrics that a program has computed. */
export function measured(program: Program, loss: Node, metrics: Training['metrics']): Evaluation {
  const values: Record<string, number> = {};
  for (const { key, node } of metrics) values[key] = program.buffer(node)[0]!;
  return { loss: program.buffer(loss)[0]!, metrics: values };
}

/** Loss and metrics of several batches, each weighted by its rows. */
export interface Sums {
  rows: number;
  loss: number;
  readonly metrics: Record<string, number>;
}

export function newSums(): Sums {
  return { rows: 0, loss: 0, metrics: {} };
}

export function addTo(sums: Sums, rows: number, { loss, metrics }: Evaluation): void {
  sums.rows += rows;
  sums.loss += rows * loss;
  for (const key in metrics) sums.metrics[key] = (sums.metrics[key] ?? 0) + rows * metrics[key]!;
}

export function averages({ rows, loss, metrics }: Sums): Evaluation {
  const means: Record<string, number> = {};
  for (const key in metrics) means[key] = metrics[key]! / rows;
  return { loss: loss / rows, metrics: means };
}
