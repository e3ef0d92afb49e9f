import { type Evaluate, RunError } from '../graph/evaluate';
import type { Attributes, Node } from '../graph/node';
import type { Tensor } from '../graph/types';
import { type BoundPiece, boundTo } from './bound';
import { runAs } from './formPrograms';
import type { Program } from './program';
import { asStored, type Cell, Results } from './results';
import { attributesKey } from './value';

const results = new Results();

/**
 * Evaluates in 64-bit. Programs are kept by outputs, fed nodes and sizes, so that asking again with other values
 * only runs; and piece by piece by their form, so that neither a graph after an edit nor a layer like another one is
 * compiled again. What rests on nothing that has changed is not even run. Throws `RunError`, also where a needed leaf is
 * not fed, `SizeError` and `MemoryError`.
 */
export const evaluate: Evaluate = (outputs, feeds, sizes) =>
  evaluateInPlace(outputs, feeds, sizes).map(({ dtype, shape, data }) => ({
    dtype,
    shape: [...shape],
    data: data.slice(),
  }));

/**
 * As `evaluate`, without copies: what it returns is for reading, and only until the next evaluation. Where that returns
 * the same tensor, it is known to hold the same numbers.
 */
export const evaluateInPlace: Evaluate = (outputs, feeds, sizes) => {
  if (outputs.length === 0) return [];
  const bound = boundTo(outputs, feeds, sizes);
  if ('program' in bound) return runAlone(bound.program, outputs, feeds);
  const { pieces } = bound;
  return pieces.length === 1 ? runOne(pieces[0]!, outputs, feeds) : runAll(pieces, outputs, feeds);
};

/** What is computed stays where its program has it. */
function runAlone(program: Program, outputs: readonly Node[], feeds: ReadonlyMap<Node, Tensor>): Tensor[] {
  const tensor = (node: Node): Tensor => ({
    dtype: node.dtype,
    shape: program.shape(node),
    data: program.buffer(node),
  });
  for (const node of program.fed) write(given(node, feeds), tensor(node), node);
  program.run();
  return outputs.map(tensor);
}

/** A computation in one piece. What is computed stays where its program has it. */
function runOne(
  { shared, form, numbers, imports, exports }: BoundPiece,
  outputs: readonly Node[],
  feeds: ReadonlyMap<Node, Tensor>,
): Tensor[] {
  imports.forEach((node, i) => {
    write(given(node, feeds), shared.imports[i]!, node);
  });
  if (exports.length > 0) runAs(shared, form, numbers);
  const computed = new Map(exports.map((node, i) => [node, { ...shared.exports[i]! }]));
  return outputs.map(node => computed.get(node) ?? asStored(given(node, feeds)));
}

/** Piece after piece; what each gives is kept for others, and for the next time that it is asked for the same. */
function runAll(
  pieces: readonly BoundPiece[],
  outputs: readonly Node[],
  feeds: ReadonlyMap<Node, Tensor>,
): Tensor[] {
  results.beginTurn();
  const cells = new Map<Node, Cell>();
  const cellOf = (node: Node): Cell => {
    let cell = cells.get(node);
    if (!cell) cells.set(node, (cell = results.fed(nameOf(node), given(node, feeds))));
    return cell;
  };
  for (const { shared, form, numbers, imports, exports } of pieces) {
    const read = imports.map(cellOf);
    const key = `${shared.serial}${numbers}|${read.map(({ number }) => number)}`;
    const made = results.computed(key, shared.exports, into => {
      read.forEach(({ tensor }, i) => {
        write(tensor, shared.imports[i]!, imports[i]!);
      });
      runAs(shared, form, numbers);
      into.forEach(({ data }, i) => {
        data.set(shared.exports[i]!.data);
      });
    });
    exports.forEach((node, i) => {
      cells.set(node, made[i]!);
    });
  }
  return outputs.map(node => cellOf(node).tensor);
}

/** What leaves have in common with those that stand for them in the graph after an edit. */
function nameOf({ op, attributes }: Node): string {
  let name = names.get(attributes);
  if (name === undefined) names.set(attributes, (name = `${op} ${attributesKey(attributes)}`));
  return name;
}

/** A leaf and its copy after an edit have one object of attributes. */
const names = new WeakMap<Attributes, string>();

function given(node: Node, feeds: ReadonlyMap<Node, Tensor>): Tensor {
  const tensor = feeds.get(node);
  if (!tensor) throw new RunError(node, 'has no value');
  return tensor;
}

/** `node` is blamed where the sizes differ. */
function write(from: Tensor, to: Tensor, node: Node): void {
  if (from.data.length !== to.data.length) {
    const shapes = `[${from.shape.join(', ')}] for [${to.shape.join(', ')}]`;
    throw new RunError(node, `is fed a value of another shape, ${shapes}`);
  }
  to.data.set(from.data);
}
