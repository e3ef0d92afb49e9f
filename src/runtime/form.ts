import type { Node } from '../graph/node';
import { equalShapes } from '../graph/shape';
import type { Sizes } from '../graph/types';
import { LEAVES } from './loweredRequest';
import { needed } from './value';

/** What a program computes, as a list: nodes are known by their places in it. */
export interface Form {
  /** All that is needed, in topological order. */
  readonly nodes: readonly Node[];
  /** 1 at the places of nodes that are fed. */
  readonly fed: Uint8Array;
  readonly outputs: readonly Node[];
  readonly sizes: string;
  /** The place of each node, by its id. */
  readonly places: Int32Array;
}

/** Undefined where an op evaluates a part of the graph by itself. */
export function formOf(outputs: readonly Node[], given: ReadonlySet<Node>, sizes: Sizes): Form | undefined {
  const isFed = (node: Node): boolean => LEAVES.has(node.op) || given.has(node);
  const nodes = needed(outputs, isFed, node => node.inputs);
  if (nodes.some(({ op }) => op === 'numeric_gradient')) return undefined;
  const places = new Int32Array((nodes.at(-1)?.id ?? -1) + 1);
  for (let i = 0; i < nodes.length; i++) places[nodes[i]!.id] = i;
  const fed = Uint8Array.from(nodes, node => (isFed(node) ? 1 : 0));
  return { nodes, fed, outputs, sizes: sizesKey(sizes), places };
}

/** Equal for equal sizes. */
export function sizesKey(sizes: Sizes): string {
  const named = Object.entries(sizes).sort(([a], [b]) => (a < b ? -1 : 1));
  return named.map(([name, size]) => `${name}=${size}`).join();
}

/** Whether one program computes both, once it has the numbers of their constants. Names and spans do not matter. */
export function sameForm(a: Form, b: Form): boolean {
  if (a.nodes.length !== b.nodes.length || a.outputs.length !== b.outputs.length || a.sizes !== b.sizes)
    return false;
  for (let i = 0; i < a.outputs.length; i++)
    if (a.places[a.outputs[i]!.id] !== b.places[b.outputs[i]!.id]) return false;
  for (let i = 0; i < a.nodes.length; i++) {
    if (a.fed[i] !== b.fed[i]) return false;
    if (!sameNode(a.nodes[i]!, a, b.nodes[i]!, b, a.fed[i] === 1)) return false;
  }
  return true;
}

/** Whether a node of `a` and one of `b` are computed alike, or for `fed` ones hold the same kind of value. */
function sameNode(x: Node, a: Form, y: Node, b: Form, fed: boolean): boolean {
  if (x.dtype !== y.dtype || !equalShapes(x.shape, y.shape)) return false;
  if (fed) return true;
  if (x.op !== y.op || x.inputs.length !== y.inputs.length) return false;
  for (let i = 0; i < x.inputs.length; i++)
    if (a.places[x.inputs[i]!.id] !== b.places[y.inputs[i]!.id]) return false;
  return x.op === 'constant' || sameAttributes(x.attributes, y.attributes);
}

function sameAttributes(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false;
    for (let i = 0; i < a.length; i++) if (!sameAttributes(a[i], b[i])) return false;
    return true;
  }
  // A dimension.
  if ('key' in a && 'terms' in a) return 'key' in b && a.key === b.key;
  let left = 0;
  for (const name in a) {
    if (!(name in b) || !sameAttributes(a[name as keyof object], b[name as keyof object])) return false;
    left++;
  }
  for (const _ in b) left--;
  return left === 0;
}
