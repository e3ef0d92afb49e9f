import { ancestors, ancestorsOfList } from '../graph/graph';
import type { Node } from '../graph/node';
import type { Sizes, Tensor } from '../graph/types';
import { sameNode, sizesKey } from './form';
import { type FormProgram, numbersOf, programFor } from './formPrograms';
import { LEAVES } from './loweredRequest';
import { divide, type Piece } from './pieces';
import { compile, type Program } from './program';

/** What computes some outputs of a graph: programs for its pieces, or one for what cannot be cut. */
export type Bound = { readonly pieces: readonly BoundPiece[] } | { readonly program: Program };

export interface BoundPiece extends Piece {
  readonly shared: FormProgram;
  /** See `numbersOf`. */
  readonly numbers: string;
}

type Feeds = ReadonlyMap<Node, Tensor>;

/** Computations kept for one first output; the editor asks for few sets of outputs, but many times. */
const KEPT = 8;

/** By the first output, so that programs go when their graph does. */
const asked = new WeakMap<Node, Map<string, Bound>>();

export function boundTo(outputs: readonly Node[], feeds: Feeds, sizes: Sizes): Bound {
  const first = outputs[0]!;
  let own = asked.get(first);
  if (!own) asked.set(first, (own = new Map()));
  const fed = [...feeds.keys()].map(node => node.id).sort((a, b) => a - b);
  const key = `${outputs.map(node => node.id)}|${fed}|${sizesKey(sizes)}`;
  let bound = own.get(key);
  if (bound) own.delete(key);
  else {
    bound = bind(key, outputs, feeds, sizes);
    if (own.size >= KEPT) own.delete(own.keys().next().value!);
  }
  // Last in, last out: the map's order is that of use.
  own.set(key, bound);
  return bound;
}

function bind(key: string, outputs: readonly Node[], feeds: Feeds, sizes: Sizes): Bound {
  const nodes = neededNodes(outputs, feeds);
  // The op evaluates a part of the graph by itself.
  if (nodes.some(({ op }) => op === 'numeric_gradient')) {
    const cut = new Set(feeds.keys());
    return { program: compile({ outputs, cut, sizes, precision: 64, runs: 'few' }) };
  }
  const isFed = (node: Node): boolean => LEAVES.has(node.op) || feeds.has(node);
  const known = recent.get(key);
  const pieces =
    known && haveOneStructure(known.nodes, nodes, isFed)
      ? moved(known.pieces, nodes).map((piece, i) => boundPiece(piece, sizes, known.pieces[i]!.shared))
      : divide(nodes, outputs, isFed, sizes).map(piece => boundPiece(piece, sizes));
  recent.delete(key);
  recent.set(key, { nodes, pieces });
  if (recent.size > RECENT) recent.delete(recent.keys().next().value!);
  return { pieces };
}

/** `likely` is a program of its form. */
function boundPiece(piece: Piece, sizes: Sizes, likely?: FormProgram): BoundPiece {
  const shared = programFor(piece, sizes, likely);
  return { ...piece, shared, numbers: numbersOf(piece.form) };
}

/** In topological order; what lies before something that is fed is not needed. */
function neededNodes(outputs: readonly Node[], feeds: Feeds): readonly Node[] {
  const inside = new Set([...feeds.keys()].filter(({ inputs }) => inputs.length > 0));
  return inside.size === 0 ? ancestorsOfList(outputs) : ancestors(outputs, inside);
}

/** What was bound last, by its key, so that a computation in which only numbers are new need not be cut again. */
const recent = new Map<string, { readonly nodes: readonly Node[]; readonly pieces: readonly BoundPiece[] }>();
const RECENT = 4;

/** Whether two computations whose outputs and feeds have the same ids differ in numbers at most. */
function haveOneStructure(
  before: readonly Node[],
  nodes: readonly Node[],
  isFed: (node: Node) => boolean,
): boolean {
  if (before.length !== nodes.length) return false;
  for (let i = 0; i < nodes.length; i++) {
    const [old, own] = [before[i]!, nodes[i]!];
    const fed = isFed(own);
    if (old.id !== own.id || !sameNode(old, own, fed)) return false;
    if (fed) continue;
    for (let j = 0; j < own.inputs.length; j++) if (old.inputs[j]!.id !== own.inputs[j]!.id) return false;
  }
  return true;
}

/** The pieces of a computation that has the same structure. */
function moved(pieces: readonly Piece[], nodes: readonly Node[]): Piece[] {
  const byId = new Array<Node | undefined>(nodes.at(-1)!.id + 1).fill(undefined);
  for (const node of nodes) byId[node.id] = node;
  const own = ({ id }: Node): Node => byId[id]!;
  return pieces.map(({ form, imports, exports }) => ({
    form: { ...form, nodes: form.nodes.map(own) },
    imports: imports.map(own),
    exports: exports.map(own),
  }));
}
