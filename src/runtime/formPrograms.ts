import { RunError } from '../graph/evaluate';
import type { Node } from '../graph/node';
import type { Sizes, Tensor } from '../graph/types';
import type { ConstantAttributes } from '../ops/leaf';
import { type Form, sameForm } from './form';
import type { Piece } from './pieces';
import { compile, type Program } from './program';
import type { Renumbered } from './renumber';

/** What programs may take together in bytes, counting so many for a node and what is made of it. */
const KEPT_BYTES = 2 ** 27;
const NODE_BYTES = 2 ** 11;

/** A program that computes any graph of a form, one at a time. */
export interface FormProgram {
  /** Differs from that of all other programs. */
  readonly serial: number;
  readonly program: Program;
  /** Where it reads and writes. */
  readonly imports: readonly Tensor[];
  readonly exports: readonly Tensor[];
  /** Of the graph that it was compiled from. */
  readonly form: Form;
  /** Whose numbers it has now. */
  bound: Form;
}

/** By the hash of their form. */
const kept = new Map<number, FormProgram[]>();
/** Those used last come last. */
const order = new Set<FormProgram>();
let keptBytes = 0;
let serials = 0;

/**
 * The program for a piece with its numbers, from among those that there are where one fits: `likely`, which is of its
 * form, or another. Throws what `compile` does.
 */
export function programFor(
  { form, imports, exports }: Piece,
  sizes: Sizes,
  likely?: FormProgram,
): FormProgram {
  if (likely && adopt(likely, form)) return likely;
  const alike = kept.get(form.hash) ?? [];
  const known = alike.findLast(other => sameForm(other.form, form) && adopt(other, form));
  if (known) {
    order.delete(known);
    order.add(known);
    return known;
  }
  const program = compile({ outputs: exports, cut: new Set(imports), sizes, precision: 64, runs: 'few' });
  const tensor = (node: Node): Tensor => ({
    dtype: node.dtype,
    shape: program.shape(node),
    data: program.buffer(node),
  });
  const made: FormProgram = {
    serial: serials++,
    program,
    imports: imports.map(tensor),
    exports: exports.map(tensor),
    form,
    bound: form,
  };
  if (!program.renumber) return made;
  kept.set(form.hash, [...alike, made]);
  order.add(made);
  keptBytes += bytesOf(made);
  for (const oldest of order) {
    if (keptBytes <= KEPT_BYTES) break;
    order.delete(oldest);
    keptBytes -= bytesOf(oldest);
    const others = kept.get(oldest.form.hash)!.filter(each => each !== oldest);
    if (others.length > 0) kept.set(oldest.form.hash, others);
    else kept.delete(oldest.form.hash);
  }
  return made;
}

function bytesOf({ program, form }: FormProgram): number {
  return program.bytes + NODE_BYTES * form.nodes.length;
}

/** Gives a program the numbers of another graph of its form; false where it was made for other numbers. */
function adopt(shared: FormProgram, form: Form): boolean {
  if (shared.bound === form) return true;
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

/** Computes `form` of what stands in the imports. Throws `RunError` about a node of that form. */
export function runAs(shared: FormProgram, form: Form): void {
  adopt(shared, form);
  try {
    shared.program.run();
  } catch (error) {
    if (!(error instanceof RunError) || shared.form === form) throw error;
    const place = shared.form.nodes.indexOf(error.node);
    throw place < 0 ? error : new RunError(form.nodes[place]!, error.message);
  }
}
