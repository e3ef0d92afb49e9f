import type { StepMethod } from '../stepMethod';
import type { Workbench } from '../workbench';
import { GraphUpdate } from './graphUpdate';

type Make = (bench: Workbench, rows: number) => StepMethod;

/** Methods that are procedures, by the name of their optimizer; every other one is an update in the graph. */
const procedures: Readonly<Record<string, Make>> = {};

/** The method of one `train` block; `rows` is the usual size of its batches. */
export function methodOf(bench: Workbench, rows: number): StepMethod {
  const make = procedures[bench.training.optimizer.name];
  return make ? make(bench, rows) : new GraphUpdate(bench, rows);
}
