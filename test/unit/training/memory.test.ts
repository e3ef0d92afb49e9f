import assert from 'node:assert/strict';
import path from 'node:path';
import { evaluate } from '../../../src/runtime/evaluate';
import { Dataset } from '../../../src/training/dataset';
import { methodOf } from '../../../src/training/methods/methods';
import { Workbench } from '../../../src/training/workbench';
import { load, modelsFolder } from '../../bench/peers/models';
import { leastBytes, workloads } from '../../bench/workloads';

/** Of the least that training must hold: parameters, optimiser state, what the backward pass needs and a batch. */
const MOST = 1.5;

describe('the memory of a training step on our own code', () => {
  for (const workload of workloads) {
    it(`is at most ${MOST} times the least for ${workload.title}`, async function () {
      this.timeout(60_000);
      const { model, tables } = await load(path.join(modelsFolder, `${workload.name}.nabla`));
      const training = model.trainings[0]!;
      const dataset = Dataset.build(model, tables, training, evaluate);
      const bench = new Workbench(model, training, dataset, { backend: 'js' });
      methodOf(bench, dataset.split.train.length);
      assert.equal(bench.execution.executor.backend, 'js');
      const ratio = bench.bytes / leastBytes(workload);
      assert.ok(ratio <= MOST, `${ratio.toFixed(3)} times the least`);
    });
  }
});
