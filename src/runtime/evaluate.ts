import { type Evaluate, RunError } from '../graph/evaluate';
import type { Node } from '../graph/node';
import type { Sizes, Tensor } from '../graph/types';
import { compile, type Program } from './program';

/** Programs kept for one first output; the editor asks for few sets of outputs, but many times. */
const KEPT = 8;

/** By the first output, so that programs go when their graph does. */
const programs = new WeakMap<Node, Map<string, Program>>();

/**
 * Evaluates in 64-bit. Programs are kept by outputs, fed nodes and sizes, so that asking again with other numbers
 * only runs. Throws `RunError`, also where a needed leaf is not fed, `SizeError` and `MemoryError`.
 */
export const evaluate: Evaluate = (outputs, feeds, sizes) => {
  if (outputs.length === 0) return [];
  const program = programFor(outputs, feeds, sizes);
  for (const node of program.fed) {
    const tensor = feeds.get(node);
    if (!tensor) throw new RunError(node, 'has no value');
    const buffer = program.buffer(node);
    if (tensor.data.length !== buffer.length) {
      const shapes = `[${tensor.shape.join(', ')}] for [${program.shape(node).join(', ')}]`;
      throw new RunError(node, `is fed a value of another shape, ${shapes}`);
    }
    buffer.set(tensor.data);
  }
  program.run();
  return outputs.map(node => tensorOf(program, node));
};

/** A copy of an output's value. */
export function tensorOf(program: Program, node: Node): Tensor {
  return { dtype: node.dtype, shape: [...program.shape(node)], data: program.buffer(node).slice() };
}

function programFor(outputs: readonly Node[], feeds: ReadonlyMap<Node, Tensor>, sizes: Sizes): Program {
  const first = outputs[0]!;
  let own = programs.get(first);
  if (!own) programs.set(first, (own = new Map()));
  const named = Object.entries(sizes).sort(([a], [b]) => (a < b ? -1 : 1));
  const fed = [...feeds.keys()].map(node => node.id).sort((a, b) => a - b);
  const key = `${outputs.map(node => node.id)}|${fed}|${named.map(([name, size]) => `${name}=${size}`)}`;
  let program = own.get(key);
  if (program) own.delete(key);
  else {
    program = compile({ outputs, cut: new Set(feeds.keys()), sizes, precision: 64, runs: 'few' });
    if (own.size >= KEPT) own.delete(own.keys().next().value!);
  }
  // Last in, last out: the map's order is that of use.
  own.set(key, program);
  return program;
}
