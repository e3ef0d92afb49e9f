import assert from 'node:assert/strict';
import fc from 'fast-check';
import { compile } from '../../../src/runtime/program';
import { feed, randomGraph, recipes } from './randomGraph';
import { interpret } from './reference';

const near = (actual: number, expected: number, tolerance: number): boolean =>
  Object.is(actual, expected) || Math.abs(actual - expected) <= tolerance * Math.max(1, Math.abs(expected));

describe('programs over random graphs', () => {
  it('give every node the value of a plain evaluation', () => {
    fc.assert(
      fc.property(recipes, recipe => {
        const { graph, feeds } = randomGraph(recipe);
        const expected = interpret(graph.nodes, feeds, {});
        const program = compile({ outputs: graph.nodes, sizes: {}, precision: 64 });
        feed(program, feeds);
        program.run();
        for (const node of graph.nodes) {
          const wanted = expected.get(node)!.data;
          program.buffer(node).forEach((x, i) => {
            assert.ok(
              near(x, wanted[i]!, 1e-12),
              `node ${node.id} (${node.op}) [${i}]: ${x}, not ${wanted[i]}`,
            );
          });
        }
      }),
      { numRuns: 300 },
    );
  });

  it('give the same bits with folding and reuse of buffers as with every node kept', () => {
    fc.assert(
      fc.property(recipes, fc.nat(), (recipe, pick) => {
        const { graph, feeds } = randomGraph(recipe);
        const all = compile({ outputs: graph.nodes, sizes: {}, precision: 64 });
        feed(all, feeds);
        all.run();
        const outputs = [graph.nodes.at(-1)!, graph.nodes[pick % graph.nodes.length]!];
        const some = compile({ outputs, sizes: {}, precision: 64, runs: pick % 2 ? 'few' : 'many' });
        feed(some, feeds);
        for (let turn = 0; turn < 2; turn++) {
          some.run();
          for (const node of outputs)
            assert.deepEqual(some.buffer(node), all.buffer(node), `node ${node.id} (${node.op})`);
        }
      }),
      { numRuns: 600 },
    );
  });

  it('agree in 32-bit up to rounding where nothing jumps', () => {
    fc.assert(
      fc.property(recipes, recipe => {
        const { graph, feeds } = randomGraph(recipe);
        const wide = compile({ outputs: graph.nodes, sizes: {}, precision: 64 });
        feed(wide, feeds);
        wide.run();
        // From exact operands, one op at a time, so that a rounding cannot turn a comparison around.
        for (const node of graph.nodes) {
          if (node.inputs.length === 0) continue;
          const narrow = compile({ outputs: [node], cut: new Set(node.inputs), sizes: {}, precision: 32 });
          for (const input of narrow.fed) narrow.buffer(input).set(wide.buffer(input));
          narrow.run();
          if (['less', 'equal', 'greater_equal', 'floor', 'sign', 'argmax', 'argsort'].includes(node.op))
            continue;
          const wanted = wide.buffer(node);
          narrow.buffer(node).forEach((x, i) => {
            assert.ok(
              near(x, wanted[i]!, 1e-4),
              `node ${node.id} (${node.op}) [${i}]: ${x}, not ${wanted[i]}`,
            );
          });
        }
      }),
      { numRuns: 20 },
    );
  });
});
