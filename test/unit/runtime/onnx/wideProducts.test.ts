import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { encodeModel, type OnnxGraph } from '../../../../src/runtime/onnx/model';
import type { OnnxRuntime } from '../../../../src/runtime/onnx/runtime';
import { uprightLeft } from '../../../../src/runtime/onnx/wideProducts';
import { assertSame, GraphDraft } from './graphs';
import { runtimeOrSkip } from './support';

let runtime: OnnxRuntime;

const operators = ({ nodes }: OnnxGraph): string[] =>
  nodes.map(({ op }) => op).filter(op => op !== 'Identity');
const turnedFirst = ['Reshape', 'Transpose', 'Reshape', 'Gemm'];

/** The gradient of weights, from `rows` examples of 3 numbers each; the other factor made by an operator whose shape nobody knows. */
function gradient(columns: number): GraphDraft {
  const g = new GraphDraft();
  const slopes = g.node('Selu', [g.input('dy', [5, columns])]);
  g.output(g.gemm(g.input('x', [5, 3]), slopes, { transA: 1 }), [3, columns]);
  return g;
}

describe('products with many columns', () => {
  before(function () {
    runtime = runtimeOrSkip(this as unknown as Mocha.Context);
  });

  it('have a left operand that is turned round once', () => {
    const { graph } = gradient(1024);
    const changed = uprightLeft(graph);
    assert.deepEqual(operators(changed).toSorted(), ['Selu', ...turnedFirst].toSorted());
    assertSame(runtime, graph, changed);
  });

  it('may have a right operand that lies the other way round, and something that is added', () => {
    const g = new GraphDraft();
    const [a, b, c] = [g.input('a', [5, 3]), g.input('b', [1100, 5]), g.input('c', [1100])];
    g.output(g.node('Gemm', [a, b, c], { transA: 1, transB: 1, alpha: { float: 2 } }), [3, 1100]);
    const changed = uprightLeft(g.graph);
    assert.deepEqual(operators(changed), turnedFirst);
    assertSame(runtime, g.graph, changed);
  });

  it('are left alone with fewer columns, or where the left operand lies as it should', () => {
    const { graph } = gradient(1023);
    assert.equal(operators(uprightLeft(graph)).includes('Transpose'), false);
    const g = new GraphDraft();
    g.output(g.gemm(g.input('a', [3, 5]), g.input('b', [5, 1024])), [3, 1024]);
    assert.deepEqual(operators(uprightLeft(g.graph)), ['Gemm']);
  });

  it('are computed by the library as they are written', () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'nabla-wide-'));
    try {
      const graph = uprightLeft(gradient(1024).graph);
      const session = runtime.session(encodeModel(graph), {
        threads: 1,
        profile: path.join(folder, 'profile'),
      });
      const zeros = (shape: readonly number[]) =>
        runtime.tensor('float32', new Float32Array(shape.reduce((a, b) => a * b)), shape);
      const tensors = (infos: OnnxGraph['inputs']) =>
        Object.fromEntries(infos.map(({ name, shape }) => [name, zeros(shape)]));
      session.run(tensors(graph.inputs), tensors(graph.outputs));
      session.dispose();
      const [file] = fs.readdirSync(folder);
      const events = JSON.parse(fs.readFileSync(path.join(folder, file!), 'utf8')) as {
        readonly args?: { readonly op_name?: string };
      }[];
      assert.ok(events.some(({ args }) => args?.op_name === 'Transpose'));
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  });
});
