import type { Node } from '../graph/node';
import { equalShapes } from '../graph/shape';
import type { Sizes } from '../graph/types';

/** What a program computes, as a list: nodes are known by their places in it, and neither names nor spans matter. */
export interface Form {
  /** All that is needed, operands before what is made of them. */
  readonly nodes: readonly Node[];
  /** 1 at the places of nodes that are fed. */
  readonly fed: Uint8Array;
  /** The places of the operands of each node that is computed, node after node. */
  readonly operands: Int32Array;
  /** Places of what is asked for. */
  readonly outputs: readonly number[];
  readonly sizes: string;
  /** Equal for equal forms. */
  readonly hash: number;
}

/** Lists a form, node by node. */
export class FormWriter {
  readonly nodes: Node[] = [];
  private readonly fed: number[] = [];
  private readonly operands: number[] = [];
  private hash = 17;

  /** Gives the place of `node`; those of its operands are in `places` by id, where the node is computed. */
  add(node: Node, places: Int32Array | undefined): number {
    this.fed.push(places ? 0 : 1);
    this.mix(numberOf(places ? node.op : 'fed'));
    this.mix(node.shape.length);
    if (places) {
      const { inputs } = node;
      for (let i = 0; i < inputs.length; i++) {
        const place = places[inputs[i]!.id]!;
        this.operands.push(place);
        this.mix(place);
      }
    }
    return this.nodes.push(node) - 1;
  }

  finish(outputs: readonly number[], sizes: string): Form {
    for (const place of outputs) this.mix(place);
    return {
      nodes: this.nodes,
      fed: Uint8Array.from(this.fed),
      operands: Int32Array.from(this.operands),
      outputs,
      sizes,
      hash: this.hash,
    };
  }

  private mix(number: number): void {
    this.hash = Math.imul(this.hash, 31) + number;
  }
}

/** Equal for equal sizes. */
export function sizesKey(sizes: Sizes): string {
  const named = Object.entries(sizes).sort(([a], [b]) => (a < b ? -1 : 1));
  return named.map(([name, size]) => `${name}=${size}`).join();
}

/** Whether one program computes both, once it has the numbers of their constants. */
export function sameForm(a: Form, b: Form): boolean {
  if (a.hash !== b.hash || a.sizes !== b.sizes) return false;
  if (!sameNumbers(a.outputs, b.outputs) || !sameNumbers(a.fed, b.fed)) return false;
  if (!sameNumbers(a.operands, b.operands)) return false;
  for (let i = 0; i < a.nodes.length; i++) {
    if (!sameNode(a.nodes[i]!, b.nodes[i]!, a.fed[i] === 1)) return false;
  }
  return true;
}

function sameNumbers(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Whether two nodes compute the same of their operands, or for `fed` ones hold the same kind of value. */
export function sameNode(x: Node, y: Node, fed: boolean): boolean {
  if (x === y) return true;
  if (x.dtype !== y.dtype || !equalShapes(x.shape, y.shape)) return false;
  if (fed) return true;
  if (x.op !== y.op || x.inputs.length !== y.inputs.length) return false;
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

/** Words as numbers, in the order in which they come. */
const words = new Map<string, number>();

function numberOf(word: string): number {
  let number = words.get(word);
  if (number === undefined) words.set(word, (number = words.size + 1));
  return number;
}
