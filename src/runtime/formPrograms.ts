import { RunError } from '../graph/evaluate';
import type { Node, Provenance } from '../graph/node';
import type { Sizes, Tensor } from '../graph/types';
import type { ConstantAttributes } from '../ops/leaf';
import { type Form, sameForm } from './form';
import type { Piece } from './pieces';
import { compile, type Program, type ProgramRequest } from './program';
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
  /** What it was compiled from: nodes by themselves, so that it keeps no graph. */
  readonly form: Form;
  /** Those that its constants have now. */
  numbers: string;
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
  const numbers = numbersOf(form);
  if (likely && adopt(likely, form, numbers)) return likely;
  const alike = kept.get(form.hash) ?? [];
  const known = alike.findLast(other => sameForm(other.form, form) && adopt(other, form, numbers));
  if (known) {
    order.delete(known);
    order.add(known);
    return known;
  }
  const own = detached(form);
  const program = compileDetached(own, imports, exports, sizes);
  const tensor = (node: Node): Tensor => ({
    dtype: node.dtype,
    shape: program.shape(node),
    data: program.buffer(node),
  });
  const made: FormProgram = {
    serial: serials++,
    program,
    imports: own.nodes.filter((_, place) => own.fed[place] === 1).map(tensor),
    exports: own.outputs.map(place => tensor(own.nodes[place]!)),
    form: own,
    numbers,
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

/** A form over nodes that know of no others, by their places. */
function detached(form: Form): Form {
  const nodes: Node[] = [];
  let operand = 0;
  form.nodes.forEach(({ op, inputs, attributes, dtype, shape }, id) => {
    const own = form.fed[id] === 1 ? [] : inputs.map(() => nodes[form.operands[operand++]!]!);
    nodes.push({ id, op, inputs: own, attributes, dtype, shape, provenance: nowhere });
  });
  return { ...form, nodes };
}

const nowhere: Provenance = { derivation: { kind: 'source' } };

function compileDetached(
  form: Form,
  imports: readonly Node[],
  exports: readonly Node[],
  sizes: Sizes,
): Program {
  const fed = form.nodes.filter((_, place) => form.fed[place] === 1);
  const asked = form.outputs.map(place => form.nodes[place]!);
  try {
    return compile(requestFor(fed, asked, sizes));
  } catch (error) {
    // It has to be told about nodes that have a place in the text.
    compile(requestFor(imports, exports, sizes));
    throw error;
  }
}

function requestFor(imports: readonly Node[], exports: readonly Node[], sizes: Sizes): ProgramRequest {
  return { outputs: exports, cut: new Set(imports), sizes, precision: 64, runs: 'few' };
}

function bytesOf({ program, form }: FormProgram): number {
  return program.bytes + NODE_BYTES * form.nodes.length;
}

/** Gives a program the numbers of another graph of its form; false where it was made for other numbers. */
function adopt(shared: FormProgram, form: Form, own: string): boolean {
  if (shared.numbers === own) return true;
  const numbers: Renumbered[] = [];
  for (let i = 0; i < form.nodes.length; i++) {
    const { op, attributes } = form.nodes[i]!;
    if (form.fed[i] === 1 || (op !== 'constant' && op !== 'size')) continue;
    const given = op === 'constant' ? (attributes as ConstantAttributes).data : undefined;
    numbers.push([shared.form.nodes[i]!, given]);
  }
  const done = shared.program.renumber!(numbers);
  if (done) shared.numbers = own;
  return done;
}

/** Computes `form`, whose numbers are given, of what stands in the imports. Throws `RunError` about a node of that form. */
export function runAs(shared: FormProgram, form: Form, numbers: string): void {
  adopt(shared, form, numbers);
  try {
    shared.program.run();
  } catch (error) {
    if (!(error instanceof RunError)) throw error;
    const place = shared.form.nodes.indexOf(error.node);
    throw place < 0 ? error : new RunError(form.nodes[place]!, error.message);
  }
}

/** The numbers of the constants of a form, as text. Sizes are those of its program. */
export function numbersOf({ nodes, fed }: Form): string {
  let numbers = '';
  for (let i = 0; i < nodes.length; i++) {
    const { op, attributes } = nodes[i]!;
    if (op === 'constant' && fed[i] === 0)
      numbers += ` ${(attributes as ConstantAttributes).data.map(exactly)}`;
  }
  return numbers;
}

function exactly(number: number): string {
  return Object.is(number, -0) ? '-0' : String(number);
}
