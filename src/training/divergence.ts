import type { Node } from '../graph/node';
import { type Model, savedTensors } from '../language/model';
import { firstNotFinite } from '../runtime/finite';
import type { Precision } from '../runtime/storage';
import type { Dataset } from './dataset';

/** The loss became NaN or infinite. The last parameters with a finite loss are back in place. */
export class Divergence extends Error {
  constructor(
    /** The step whose loss was not finite, from 1. */
    readonly step: number,
    /** The first node in forward order that was not finite; the parameter itself when its gradient was not. */
    readonly node: Node | undefined,
    /** Whether the gradient of `node`, at the step before, was the first to go. */
    readonly inGradient: boolean,
  ) {
    super(`the loss is not finite at step ${step}`);
    this.name = 'Divergence';
  }
}

/** The step that failed, to be run again. */
export interface FailedStep {
  readonly loss: Node;
  readonly model: Model;
  readonly dataset: Dataset;
  readonly rows: Int32Array;
  /** Its number, from 1. */
  readonly step: number;
  /** The parameters and buffers it began with. */
  readonly parameters: ReadonlyMap<string, Float32Array | Float64Array>;
  readonly precision: Precision;
}

/** Runs the failed step again with every node kept and finds the first that is not finite, in forward order. */
export function firstCause({ loss, model, dataset, rows, step, parameters, precision }: FailedStep): {
  readonly node: Node | undefined;
  readonly inGradient: boolean;
} {
  const broken = model.parameters.find(({ path }) => parameters.get(path)?.some(x => !Number.isFinite(x)));
  if (broken) return { node: broken.node, inGradient: true };
  const request = { outputs: [loss], sizes: dataset.sizes(rows.length), precision };
  const node = firstNotFinite(request, program => {
    for (const fed of program.fed) {
      const parameter = savedTensors(model).find(candidate => candidate.node === fed);
      const values = parameter && parameters.get(parameter.path);
      if (values) program.buffer(fed).set(values);
      else if (fed.op === 'random_mask') dataset.writeMask(fed, program.buffer(fed), step);
      else dataset.write(fed, program.buffer(fed), rows);
    }
  });
  return { node, inGradient: false };
}
