import { stridesOf } from '../../graph/shape';
import type { DType } from '../../graph/types';
import { type Affine, combine, counter, keyOf } from '../affine';
import { coreLoops, type Kernel } from '../fusion';
import type { Value } from '../value';
import { isRenaming, keepsOrder, type ViewName, viewOperand } from '../view';
import { emitterOf } from './emitters';

/** Where a stored value lies: element 0 is `array[offset]` in the generated code. */
export interface Location {
  readonly array: string;
  readonly offset: number;
}

/** What a kernel computes at one position, its operands shared. */
export type Expression =
  | { readonly kind: 'literal'; readonly text: string; readonly value: number; readonly dtype: DType }
  | { readonly kind: 'load'; readonly array: string; readonly dtype: DType; readonly at: Affine }
  /** A whole number: a coordinate. */
  | { readonly kind: 'index'; readonly at: Affine }
  | {
      readonly kind: 'scalar';
      /** The computed value; the core of a contraction stands for the product of its operands. */
      readonly value: Value;
      readonly operands: readonly Expression[];
      readonly text: (operands: readonly string[]) => string;
    }
  /** The finished accumulator. */
  | { readonly kind: 'core' };

/** What is stored at a position: `store[at] = result`. */
export interface Result {
  readonly result: Expression;
  readonly store: { readonly array: string; readonly dtype: DType; readonly at: Affine };
}

/** A kernel as loops, with a result at every position of the kept axes. */
export interface LoopKernel extends Result {
  readonly extents: readonly number[];
  /** The first axes; the others are reduced. */
  readonly kept: number;
  readonly core?: { readonly value: Value; readonly body: Expression };
}

export interface Lookup {
  /** Undefined for what is folded into its readers. */
  location(value: Value): Location | undefined;
  /** Computed by several kernels, which must agree to the bit. */
  repeated(value: Value): boolean;
  /** The name of a constant that is not written into the code. */
  number?(value: Value): string;
  readonly precision: 32 | 64;
  /** An expression that stops the run with `message`, an expression, blaming `value`. */
  fail(value: Value, message: string): string;
}

export function loopsOf(kernel: Kernel, lookup: Lookup): LoopKernel {
  const { root, core, extents } = kernel;
  const rank = extents.length;
  const kept = root.shape.length;
  const known = new Map<string, Expression>();

  const load = (value: Value, place: Location, at: Affine): Expression => ({
    kind: 'load',
    array: place.array,
    dtype: value.dtype,
    at: { base: at.base + place.offset, terms: at.terms },
  });

  const read = (from: Value, at: readonly Affine[] | undefined, offset: Affine): Expression => {
    // A loop, since a name bound again at each turn of one makes a long chain.
    let value = from;
    while (isRenaming(value)) value = value.inputs[0]!;
    if (value === core) return { kind: 'core' };
    const key = `${value.index} ${at ? at.map(keyOf).join(' ') : `+${keyOf(offset)}`}`;
    let result = known.get(key);
    if (!result) known.set(key, (result = make(value, at, offset)));
    return result;
  };

  const make = (value: Value, at: readonly Affine[] | undefined, offset: Affine): Expression => {
    const place = lookup.location(value);
    if (place) return load(value, place, offset);
    return compute(value, at, offset);
  };

  const compute = (value: Value, at: readonly Affine[] | undefined, offset: Affine): Expression => {
    if (value.op === 'constant') return constant(value, lookup);
    const emitter = emitterOf(value);
    const offsetIn = (operand: Value, place: readonly Affine[]): Affine =>
      combine(place, stridesOf(operand.shape), rank);
    if (emitter.kind === 'view') {
      const [operand] = value.inputs;
      const place = at && viewOperand[value.op as ViewName](value, at);
      if (!place && !keepsOrder(value)) throw new Error(`${value.op} is read where it is not linear`);
      return read(operand!, place, place ? offsetIn(operand!, place) : offset);
    }
    if (emitter.kind !== 'scalar') throw new Error(`${value.op} cannot be folded`);
    const operands = value.inputs.map(input => read(input, at!, offsetIn(input, at!)));
    for (const axis of emitter.coordinates?.(value) ?? []) operands.push({ kind: 'index', at: at![axis]! });
    const finish = lookup.precision === 32 && value.dtype === 'float' && lookup.repeated(value);
    return {
      kind: 'scalar',
      value,
      operands,
      text: args => {
        const text = emitter.expression(value, args, message => lookup.fail(value, message));
        return finish ? `Math.fround(${text})` : typed(text, value.dtype);
      },
    };
  };

  const at = root.shape.map((_, axis) => counter(axis, rank));
  const offset = combine(at, stridesOf(root.shape), rank);
  const place = lookup.location(root)!;
  const loops = {
    extents,
    kept,
    result: root === core ? ({ kind: 'core' } as const) : compute(root, at, offset),
    store: {
      array: place.array,
      dtype: root.dtype,
      at: { base: offset.base + place.offset, terms: offset.terms },
    },
  };
  if (!core) return loops;

  const { operands } = coreLoops(core);
  const parts = core.inputs.map((input, i) =>
    read(input, operands[i]!, combine(operands[i]!, stridesOf(input.shape), rank)),
  );
  const product = core.dtype === 'int' ? 'Math.imul' : undefined;
  const body: Expression =
    parts.length === 1
      ? parts[0]!
      : {
          kind: 'scalar',
          value: core,
          operands: parts,
          text: ([a, b]) => (product ? `${product}(${a}, ${b})` : `${a} * ${b}`),
        };
  return { ...loops, core: { value: core, body } };
}

/** Intermediate ints wrap as stored ones do. */
function typed(text: string, dtype: DType): string {
  return dtype === 'int' ? `(${text} | 0)` : text;
}

function constant(value: Value, { precision, number }: Lookup): Expression {
  const { dtype } = value;
  const known = (value.attributes as { data: readonly number[] }).data[0]!;
  const x = dtype === 'float' && precision === 32 ? Math.fround(known) : known;
  if (number) return { kind: 'literal', text: number(value), value: x, dtype };
  const text = Object.is(x, -0) ? '-0' : String(x);
  return { kind: 'literal', text: text.startsWith('-') ? `(${text})` : text, value: x, dtype };
}
