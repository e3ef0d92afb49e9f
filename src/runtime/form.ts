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
  /** The place of a node. */
  placeOf(node: Node): number;
}

/** Undefined where an op evaluates a part of the graph by itself. */
export function formOf(outputs: readonly Node[], given: ReadonlySet<Node>, sizes: Sizes): Form | undefined {
  const isFed = (node: Node): boolean => LEAVES.has(node.op) || given.has(node);
  const nodes = needed(outputs, isFed, node => node.inputs);
  if (nodes.some(({ op }) => op === 'numeric_gradient')) return undefined;
  const places = new Int32Array((nodes.at(-1)?.id ?? -1) + 1);
  for (let i = 0; i < nodes.length; i++) places[nodes[i]!.id] = i;
  const fed = Uint8Array.from(nodes, node => (isFed(node) ? 1 : 0));
  return { nodes, fed, outputs, sizes: sizesKey(sizes), placeOf: node => places[node.id]! };
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
  return (
    a.outputs.every((node, i) => a.placeOf(node) === b.placeOf(b.outputs[i]!)) &&
    a.nodes.every((node, i) => a.fed[i] === b.fed[i] && sameNode(node, a, b.nodes[i]!, b, a.fed[i] === 1))
  );
}

/** Whether a node of `a` and one of `b` are computed alike, or for `fed` ones hold the same kind of value. */
function sameNode(x: Node, a: Form, y: Node, b: Form, fed: boolean): boolean {
  if (x.dtype !== y.dtype || !equalShapes(x.shape, y.shape)) return false;
  if (fed) return true;
  if (x.op !== y.op || x.inputs.length !== y.inputs.length) return false;
  for (let i = 0; i < x.inputs.length; i++)
    if (a.placeOf(x.inputs[i]!) !== b.placeOf(y.inputs[i]!)) return false;
  return x.op === 'constant' || sameAttributes(x.attributes, y.attributes);
}

function sameAttributes(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((x, i) => sameAttributes(x, b[i]));
  }
  // A dimension.
  if ('key' in a && 'terms' in a) return 'key' in b && a.key === b.key;
  const names = Object.keys(a);
  if (names.length !== Object.keys(b).length) return false;
  return names.every(name => name in b && sameAttributes(a[name as keyof object], b[name as keyof object]));
}
