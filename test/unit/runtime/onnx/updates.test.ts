import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ancestors } from '../../../../src/graph/graph';
import type { Node } from '../../../../src/graph/node';
import { equalShapes } from '../../../../src/graph/shape';
import { compileOnnx } from '../../../../src/runtime/onnx/program';
import { compile } from '../../../../src/runtime/program';
import { feed, randomGraph, recipes } from '../randomGraph';
import { assertClose, hangsOnRounding, runtimeOrSkip } from './support';

describe('updates around ONNX Runtime', () => {
  it('take place after everything of the step, whatever they read', function () {
    this.timeout(120_000);
    const runtime = runtimeOrSkip(this);
    let compared = 0;
    fc.assert(
      fc.property(recipes, fc.array(fc.nat(), { minLength: 8, maxLength: 8 }), (recipe, picks) => {
        const { graph, feeds, leaves } = randomGraph(recipe);
        const pick = (i: number, among: readonly Node[]): Node => among[picks[i]! % among.length]!;
        const steady = graph.nodes.filter(
          node => !hangsOnRounding(node) && !ancestors([node]).some(({ op }) => op === 'argsort'),
        );
        const updates = leaves.slice(0, 3).map((target, i) => {
          const fitting = steady.filter(n => n.dtype === target.dtype && equalShapes(n.shape, target.shape));
          return { target, value: pick(i, [...fitting.slice(-3), pick(i, fitting)]) };
        });
        const outputs = [pick(3, steady), pick(4, steady), ...(picks[5]! % 2 ? [updates[0]!.value] : [])];
        const embedded = compile({ outputs, updates, sizes: {}, precision: 64 });
        const onnx = compileOnnx({ outputs, updates, sizes: {}, precision: 32, runtime, threads: 1 });
        feed(embedded, feeds);
        for (let turn = 0; turn < 2; turn++) {
          for (const node of onnx.fed) {
            const values = embedded.buffer(node);
            // Leaves are quarters, as they were at first: what hangs on the rounding of an update would jump.
            if (node.dtype === 'float') values.set(Float64Array.from(values, x => Math.round(4 * x) / 4));
            onnx.buffer(node).set(values);
          }
          embedded.run();
          onnx.run();
          for (const node of [...outputs, ...updates.map(({ target }) => target)]) {
            const what = `turn ${turn}, node ${node.id} (${node.op})`;
            assertClose(onnx.buffer(node), embedded.buffer(node), what, 1e-4);
            compared++;
          }
        }
        onnx.dispose?.();
      }),
      { numRuns: 150 },
    );
    assert.ok(compared > 1000, `${compared}`);
  });
});
