import type { StepMethod } from '../stepMethod';
import type { Workbench } from '../workbench';
import { Genetic } from './genetic';
import { GraphUpdate } from './graphUpdate';
import { Lbfgs } from './lbfgs';
import { Newton } from './newton';
import { RandomSearch } from './randomSearch';

type Make = (bench: Workbench, rows: number) => StepMethod;

/** Methods that are procedures, by the name of their optimizer; every other one is an update in the graph. */
const procedures: Readonly<Record<string, Make>> = {
  newton: (bench, rows) => new Newton(bench, rows),
  lbfgs: (bench, rows) => new Lbfgs(bench, rows),
  random_search: (bench, rows) => new RandomSearch(bench, rows),
  local_search: (bench, rows) => new RandomSearch(bench, rows),
  genetic: (bench, rows) => new Genetic(bench, rows),
};

/** The method of one `train` block; `rows` is the usual size of its batches. */
export function methodOf(bench: Workbench, rows: number): StepMethod {
  const { name, definition } = bench.training.optimizer;
  const make = procedures[name];
  return make && !definition.update ? make(bench, rows) : new GraphUpdate(bench, rows);
}
