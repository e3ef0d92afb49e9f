import type { OnnxGraph } from './model';
import { type Rule, rewrite } from './turns/editing';

/**
 * The library reads a left operand that lies the other way round anew for every 128 columns of the result. From so many
 * columns on it is sooner turned round once: 4 to 10 % of the product, as of the gradient of a large layer's weights.
 */
const WIDE = 1024;

/** Turns left operands of wide products round before. Only where sizes are known, as they are of what is an output. */
export function uprightLeft(graph: OnnxGraph): OnnxGraph {
  const mayBe = graph.nodes.some(({ op, attributes }) => op === 'Gemm' && attributes.transA);
  return mayBe ? rewrite(graph, [upright(graph)]) : graph;
}

function upright(graph: OnnxGraph): Rule {
  const results = new Map(graph.outputs.map(({ name, shape }) => [name, shape]));
  return ({ op, inputs, outputs, attributes }, e) => {
    if (op !== 'Gemm' || !attributes.transA) return undefined;
    const [left, right, ...bias] = inputs as readonly [string, string, ...string[]];
    const shape = e.shape(left);
    const columns = e.shape(right)?.[attributes.transB ? 0 : 1] ?? results.get(outputs[0]!)?.[1];
    if (!shape || columns === undefined || columns < WIDE) return undefined;
    const [summed, rows] = shape as readonly [number, number];
    const reshaped = (name: string, ...sizes: number[]): string =>
      e.add('Reshape', [name, e.constantInts(sizes)]);
    // Between reshapes, since the library would put a plain transpose back into the product.
    const turned = e.add('Transpose', [reshaped(left, 1, summed, rows)], { perm: [0, 2, 1] });
    return [e.add('Gemm', [reshaped(turned, rows, summed), right, ...bias], { ...attributes, transA: 0 })];
  };
}
