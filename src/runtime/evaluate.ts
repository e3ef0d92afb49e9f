import { type Evaluate, RunError } from '../graph/evaluate';
import type { Node } from '../graph/node';
import type { Sizes, Tensor } from '../graph/types';
import type { ConstantAttributes } from '../ops/leaf';
import { type Form, formOf, sameForm, sizesKey } from './form';
import { compile, type Program } from './program';
import type { Renumbered } from './renumber';

/** Programs kept for one first output; the editor asks for few sets of outputs, but many times. */
const KEPT = 8;

/** By the first output, so that programs go when their graph does. */
const asked = new WeakMap<Node, Map<string, Bound>>();

/** A program that computes any graph of a form, one at a time. */
interface FormProgram {
  readonly program: Program;
  /** Of the graph that it was compiled from. */
  readonly form: Form;
  /** Whose numbers it has now. */
  bound: Form;
}

/** Those used last come last. */
const formPrograms = new Set<FormProgram>();

/** What they may take together in bytes, counting so many for a node and what is made of it. */
const KEPT_BYTES = 2 ** 27;
const NODE_BYTES = 2 ** 11;

/** A program for one graph: its own, or that of another graph of the same form. */
type Bound = { readonly program: Program } | { readonly shared: FormProgram; readonly form: Form };

/**
 * Evaluates in 64-bit. Programs are kept by outputs, fed nodes and sizes, so that asking again with other values
 * only runs; and by their form, so that a graph with other numbers, as an edit makes it, is not compiled again. Throws
 * `RunError`, also where a needed leaf is not fed, `SizeError` and `MemoryError`.
 */
export const evaluate: Evaluate = (outputs, feeds, sizes) =>
  evaluateInPlace(outputs, feeds, sizes).map(({ dtype, shape, data }) => ({
    dtype,
    shape: [...shape],
    data: data.slice(),
  }));

/** As `evaluate`, without copies: what it returns stands in the program's own memory, and only until the next evaluation. */
export const evaluateInPlace: Evaluate = (outputs, feeds, sizes) => {
  if (outputs.length === 0) return [];
  const bound = programFor(outputs, feeds, sizes);
  if ('program' in bound) {
    const same = (node: Node): Node => node;
    return run(bound.program, outputs, feeds, same, same);
  }
  const { shared, form } = bound;
  if (shared.bound !== form) adopt(shared, form);
  const counterpart = (from: Form, to: Form) => (node: Node) => to.nodes[from.places[node.id]!]!;
  const [toCompiled, fromCompiled] = [counterpart(form, shared.form), counterpart(shared.form, form)];
  try {
    return run(shared.program, outputs, feeds, toCompiled, fromCompiled);
  } catch (error) {
    const isElsewhere =
      error instanceof RunError && error.node === shared.form.nodes[shared.form.places[error.node.id]!];
    throw isElsewhere ? new RunError(fromCompiled(error.node), error.message) : error;
  }
};

/** `toCompiled` takes a node to that which the program was compiled from, `fromCompiled` back. */
function run(
  program: Program,
  outputs: readonly Node[],
  feeds: ReadonlyMap<Node, Tensor>,
  toCompiled: (node: Node) => Node,
  fromCompiled: (node: Node) => Node,
): Tensor[] {
  for (const compiled of program.fed) {
    const node = fromCompiled(compiled);
    const tensor = feeds.get(node);
    if (!tensor) throw new RunError(compiled, 'has no value');
    const buffer = program.buffer(compiled);
    if (tensor.data.length !== buffer.length) {
      const shapes = `[${tensor.shape.join(', ')}] for [${program.shape(compiled).join(', ')}]`;
      throw new RunError(compiled, `is fed a value of another shape, ${shapes}`);
    }
    buffer.set(tensor.data);
  }
  program.run();
  return outputs.map(output => {
    const node = toCompiled(output);
    return { dtype: node.dtype, shape: program.shape(node), data: program.buffer(node) };
  });
}

function programFor(outputs: readonly Node[], feeds: ReadonlyMap<Node, Tensor>, sizes: Sizes): Bound {
  const first = outputs[0]!;
  let own = asked.get(first);
  if (!own) asked.set(first, (own = new Map()));
  const fed = [...feeds.keys()].map(node => node.id).sort((a, b) => a - b);
  const key = `${outputs.map(node => node.id)}|${fed}|${sizesKey(sizes)}`;
  let bound = own.get(key);
  if (bound) own.delete(key);
  else {
    bound = bind(outputs, feeds, sizes);
    if (own.size >= KEPT) own.delete(own.keys().next().value!);
  }
  // Last in, last out: the map's order is that of use.
  own.set(key, bound);
  return bound;
}

function bind(outputs: readonly Node[], feeds: ReadonlyMap<Node, Tensor>, sizes: Sizes): Bound {
  const form = formOf(outputs, new Set(feeds.keys()), sizes);
  const known = form && [...formPrograms].findLast(other => sameForm(other.form, form) && adopt(other, form));
  if (known) {
    formPrograms.delete(known);
    formPrograms.add(known);
    return { shared: known, form };
  }
  const program = compile({ outputs, cut: new Set(feeds.keys()), sizes, precision: 64, runs: 'few' });
  if (!form || !program.renumber) return { program };
  const shared = { program, form, bound: form };
  formPrograms.add(shared);
  let bytes = 0;
  for (const each of [...formPrograms].reverse()) {
    bytes += each.program.bytes + NODE_BYTES * each.form.nodes.length;
    if (bytes > KEPT_BYTES) formPrograms.delete(each);
  }
  return { shared, form };
}

/** Gives a program the numbers of another graph of its form; false where it was made for other numbers. */
function adopt(shared: FormProgram, form: Form): boolean {
  const numbers: Renumbered[] = [];
  for (let i = 0; i < form.nodes.length; i++) {
    const { op, attributes } = form.nodes[i]!;
    if (form.fed[i] === 1 || (op !== 'constant' && op !== 'size')) continue;
    const given = op === 'constant' ? (attributes as ConstantAttributes).data : undefined;
    numbers.push([shared.form.nodes[i]!, given]);
  }
  const done = shared.program.renumber!(numbers);
  if (done) shared.bound = form;
  return done;
}
