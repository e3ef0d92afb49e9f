import assert from 'node:assert/strict';
import { reverse } from '../../../../src/autodiff/reverse';
import { constantDim } from '../../../../src/graph/dimension';
import type { Node } from '../../../../src/graph/node';
import { pick } from '../../../../src/library/shapes';
import { logSoftmax, softmax } from '../../../../src/library/softmax';
import type { Builder } from '../../../../src/ops/builder';
import { lowerRequest } from '../../../../src/runtime/loweredRequest';
import { knownConstants } from '../../../../src/runtime/onnx/constants';
import { lowerToOnnx } from '../../../../src/runtime/onnx/lower';
import type { Value } from '../../../../src/runtime/value';
import { fresh, input } from '../support';
import { assertClose, both, runtimeOrSkip } from './support';

/** Scores that overflow without a shift, excluded ones, and equal ones. */
const SCORES = [
  ...[0.5, -1, 2, 0, 1000, 999, -1000, 998],
  ...[-Infinity, 1, 0, -Infinity, 3, 3, 3, 3],
  ...[88, -88, 0, 1e-3, -5, 1e4, 5, -1e4],
];

describe('softmax by ONNX Runtime', () => {
  const forms: Readonly<Record<string, (b: Builder, x: Node, axis: number) => Node>> = {
    softmax,
    logSoftmax,
  };
  for (const [name, form] of Object.entries(forms)) {
    for (const [shape, axis] of [
      [[6, 4], 1],
      [[4, 6], 0],
      [[2, 3, 4], 2],
      [[2, 4, 3], 1],
    ] as [number[], number][]) {
      it(`${name} over axis ${axis} of ${shape.length}, with its gradient`, function () {
        const runtime = runtimeOrSkip(this);
        const b = fresh();
        const x = input(b, shape);
        const y = form(b, x, axis);
        const weights = b.sin(b.toFloat(b.iota(x.shape, shape.length - 1)));
        const finite = b.where(b.greater(y, b.constant(-1e30)), y, b.constant(0));
        const loss = b.sumAll(b.mul(finite, weights));
        const gradient = reverse(b, loss, { wrt: [x] }).of(x)!;
        // Entries of a line lie apart when it is not the last axis.
        const data = axis === shape.length - 1 ? SCORES : SCORES.map((_, i) => SCORES[(i * 7) % 24]!);
        const { embedded, onnx } = both(
          runtime,
          { outputs: [y, gradient], sizes: {} },
          new Map([[x, { data }]]),
        );
        for (const node of [y, gradient])
          assertClose(onnx.buffer(node), embedded.buffer(node), `${name} ${node.op}`);
      });
    }
  }

  it('cross entropy of class numbers, for rows of any rank, with its gradient', function () {
    const runtime = runtimeOrSkip(this);
    for (const shape of [
      [6, 4],
      [2, 3, 4],
    ]) {
      const b = fresh();
      const scores = input(b, shape);
      const labels = input(b, shape.slice(0, -1), 'int', 'y');
      const losses = b.neg(pick(b, logSoftmax(b, scores, shape.length - 1), labels));
      const loss = b.div(b.sumAll(losses), b.constant(6));
      const gradient = reverse(b, loss, { wrt: [scores] }).of(scores)!;
      const feeds = new Map([
        [scores, { data: SCORES }],
        [labels, { data: [2, 0, 1, 3, 0, 1] }],
      ]);
      for (const outputs of [[loss, gradient], [loss, losses, gradient], [gradient]]) {
        const { embedded, onnx } = both(runtime, { outputs, sizes: {} }, feeds);
        for (const node of outputs) {
          assertClose(onnx.buffer(node), embedded.buffer(node), `${node.op} of rank ${shape.length}`);
        }
      }
    }
  });

  it('computes the logarithms once for loss and gradient', () => {
    const b = fresh();
    const x = b.apply('parameter', [], { path: 'x', shape: [constantDim(6), constantDim(4)] });
    const labels = input(b, [6], 'int', 'y');
    const loss = b.sumAll(b.neg(pick(b, logSoftmax(b, x, 1), labels)));
    const gradient = reverse(b, loss, { wrt: [x] }).of(x)!;
    const { lowered } = lowerRequest({ outputs: [loss, gradient], sizes: {} });
    const outputs = [loss, gradient].map(node => lowered.of(node));
    const given = (value: Value): boolean => value.fed || value.op === 'position';
    const { graph } = lowerToOnnx({ outputs, given, constants: knownConstants(outputs, given, {}) });
    const count = (op: string): number => graph.nodes.filter(node => node.op === op).length;
    assert.equal(count('LogSoftmax'), 1);
    assert.equal(count('Exp'), 1);
    for (const op of ['ReduceMax', 'Log', 'IsNaN', 'Gather', 'Where']) assert.equal(count(op), 0, op);
  });
});
