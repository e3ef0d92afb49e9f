import type { Node } from '../graph/node';
import { countIn } from '../graph/shape';
import type { Sizes } from '../graph/types';
import { type Form, FormWriter, sizesKey } from './form';
import { viewOperand } from './view';

/** A part of a computation that has a program of its own: it reads what earlier pieces or feeds give, and gives on. */
export interface Piece {
  readonly form: Form;
  /** What it reads, in the order of the form. */
  readonly imports: readonly Node[];
  /** What others read of it or is asked for, in the order of the form's outputs. */
  readonly exports: readonly Node[];
}

/** Nodes of a piece at least: fewer are not worth a program. */
const SMALLEST = 48;

/** Values that are asked for may take so many bytes altogether, or they stay where their one program has them. */
const LARGEST = 2 ** 26;

/**
 * Cuts a computation of `nodes` into pieces, each after something that is asked for and so has to be stored anyway. The
 * same text gives the same pieces, so that an edit leaves most of them as they were; and blocks of a net that are alike
 * give pieces of one form.
 */
export function divide(
  nodes: readonly Node[],
  outputs: readonly Node[],
  isFed: (node: Node) => boolean,
  sizes: Sizes,
): Piece[] {
  const asked = new Uint8Array((nodes.at(-1)?.id ?? -1) + 1);
  for (const { id } of outputs) asked[id] = 1;
  const division = new Division(nodes, asked, isFed, sizesKey(sizes));
  return division.into(isLarge(outputs, sizes) ? [nodes.length] : ends(nodes, asked));
}

/** Where pieces end, as positions in `nodes`. */
function ends(nodes: readonly Node[], asked: Uint8Array): number[] {
  const found: number[] = [];
  let start = 0;
  for (let i = 0; i < nodes.length; i++) {
    if (asked[nodes[i]!.id] === 0 || i + 1 - start < SMALLEST) continue;
    found.push((start = i + 1));
  }
  // A short end belongs to the piece before.
  if (nodes.length - start < SMALLEST) found.pop();
  return [...found, nodes.length];
}

function isLarge(outputs: readonly Node[], sizes: Sizes): boolean {
  let bytes = 0;
  for (const { shape } of outputs) {
    bytes += 8 * countIn(shape, sizes);
    if (bytes > LARGEST) return true;
  }
  return false;
}

class Division {
  /** Which piece computes a node, by id; -1 for what is fed. */
  private readonly pieces: Int32Array;
  /** By id, 1 for what is asked for or read by another piece than its own. */
  private readonly exported: Uint8Array;
  /** By id, the last piece that has listed the node, and where. */
  private readonly listed: Int32Array;
  private readonly places: Int32Array;
  private readonly live: Uint8Array;

  constructor(
    private readonly nodes: readonly Node[],
    asked: Uint8Array,
    private readonly isFed: (node: Node) => boolean,
    private readonly sizes: string,
  ) {
    this.exported = asked;
    this.pieces = new Int32Array(asked.length).fill(-1);
    this.listed = new Int32Array(asked.length).fill(-1);
    this.places = new Int32Array(asked.length);
    this.live = new Uint8Array(asked.length);
  }

  into(ends: readonly number[]): Piece[] {
    const { nodes, pieces } = this;
    let start = 0;
    ends.forEach((end, piece) => {
      for (let i = start; i < end; i++) if (!this.isFed(nodes[i]!)) pieces[nodes[i]!.id] = piece;
      for (let i = start; i < end; i++) this.exportOperands(nodes[i]!, piece);
      start = end;
    });
    return ends.map((end, piece) => this.list(ends[piece - 1] ?? 0, end, piece));
  }

  /** What `piece` has to compute again rather than read: numbers, and views, which cost nothing. */
  private isRepeated(node: Node): boolean {
    if (this.pieces[node.id] === -1) return false;
    return node.inputs.length === 0 || node.op in viewOperand;
  }

  private exportOperands(node: Node, piece: number): void {
    if (this.pieces[node.id] === -1) return;
    for (const input of node.inputs) {
      if (this.pieces[input.id] === piece) continue;
      if (this.isRepeated(input)) this.exportOperands(input, piece);
      else this.exported[input.id] = 1;
    }
  }

  private list(start: number, end: number, piece: number): Piece {
    const { nodes, live, exported, pieces, places } = this;
    for (let i = end - 1; i >= start; i--) {
      const node = nodes[i]!;
      if (pieces[node.id] === -1) continue;
      if (exported[node.id] === 1) live[node.id] = 1;
      if (live[node.id] === 1) for (const input of node.inputs) live[input.id] = 1;
    }
    const writer = new FormWriter();
    const imports: Node[] = [];
    const exports: Node[] = [];
    const add = (node: Node): void => {
      if (this.listed[node.id] === piece) return;
      const own = pieces[node.id] === piece;
      const computed = own || this.isRepeated(node);
      if (computed) for (const input of node.inputs) add(input);
      else imports.push(node);
      this.listed[node.id] = piece;
      places[node.id] = writer.add(node, computed ? places : undefined);
      if (own && exported[node.id] === 1) exports.push(node);
    };
    for (let i = start; i < end; i++) {
      const node = nodes[i]!;
      if (pieces[node.id] === piece && live[node.id] === 1) add(node);
    }
    const form = writer.finish(
      exports.map(({ id }) => places[id]!),
      this.sizes,
    );
    return { form, imports, exports };
  }
}
