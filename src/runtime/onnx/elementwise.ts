import type { CastAttributes } from '../../ops/elementwise';
import type { EluAttributes } from '../../ops/unary';
import type { Value } from '../value';
import type { Lowering, OnnxEmitter } from './lowering';
import type { OnnxAttribute } from './model';
import { CAST, commonShape, type Tensor } from './tensor';
import { UnsupportedByOnnx } from './unsupported';

/** Nodes of one value at each position, written as if they were functions. */
export class Scalars {
  constructor(private readonly lowering: Lowering) {}

  apply(op: string, operands: readonly string[], attributes: Readonly<Record<string, OnnxAttribute>> = {}) {
    return this.lowering.node(op, operands, attributes);
  }

  number(value: number): string {
    return this.lowering.scalar(value);
  }

  cast(x: string, type: 1 | 6 | 9): string {
    return this.apply('Cast', [x], { to: type });
  }

  /** NaN alone differs from itself. */
  isNaN(x: string): string {
    return this.apply('IsNaN', [x]);
  }
}

type Formula = (operands: readonly string[], s: Scalars, value: Value) => string;

/** The operands in shapes that broadcast, the result in their common shape. */
const formula =
  (write: Formula): OnnxEmitter =>
  (value, lowering): Tensor => {
    const operands = value.inputs.map(input => lowering.operand(input));
    const name = write(
      operands.map(operand => operand.name),
      new Scalars(lowering),
      value,
    );
    return { name, shape: commonShape(operands.map(operand => operand.shape)) };
  };

const simple = (op: string): OnnxEmitter => formula((operands, s) => s.apply(op, operands));

/** Comparisons that ONNX has for numbers alone. */
const compare = (op: string): OnnxEmitter =>
  formula((operands, s, { inputs }) => {
    const bools = inputs[0]!.dtype === 'bool';
    return s.apply(op, bools ? operands.map(x => s.cast(x, CAST.int)) : operands);
  });

/** For ints a division by zero would end the process, and the embedded executor names it. */
const division = (whole: Formula): OnnxEmitter => {
  const write = formula(whole);
  return (value, lowering) => {
    if (value.dtype === 'int') {
      throw new UnsupportedByOnnx(value, 'a division of whole numbers by zero could not be told');
    }
    return write(value, lowering);
  };
};

/** The remainder with the sign of the divisor; `Mod` with `fmod` has that of the dividend. */
function modulo([a, b]: readonly string[], s: Scalars): string {
  const zero = s.number(0);
  const remainder = s.apply('Mod', [a!, b!], { fmod: 1 });
  const signs = s.apply('Xor', [s.apply('Less', [remainder, zero]), s.apply('Less', [b!, zero])]);
  const differs = s.apply('And', [s.apply('Not', [s.apply('Equal', [remainder, zero])]), signs]);
  return s.apply('Where', [differs, s.apply('Add', [remainder, b!]), remainder]);
}

/** The floored quotient that fits `modulo`. */
function floorDivide([a, b]: readonly string[], s: Scalars): string {
  const quotient = s.apply('Div', [s.apply('Sub', [a!, modulo([a!, b!], s)]), b!]);
  const below = s.apply('Floor', [quotient]);
  const up = s.apply('Greater', [s.apply('Sub', [quotient, below]), s.number(0.5)]);
  const whole = s.apply('Where', [up, s.apply('Add', [below, s.number(1)]), below]);
  return s.apply('Where', [s.apply('Equal', [b!, s.number(0)]), s.apply('Div', [a!, b!]), whole]);
}

/**
 * log(1 + x), exact for small x: with u = 1 + x and d = u - 1, log(u) x / d makes up for what rounding took from u
 * (W. Kahan, as in the HP-15C).
 */
function log1p([x]: readonly string[], s: Scalars): string {
  const u = s.apply('Add', [s.number(1), x!]);
  const d = s.apply('Sub', [u, s.number(1)]);
  const log = s.apply('Log', [u]);
  const corrected = s.apply('Div', [s.apply('Mul', [log, x!]), d]);
  const small = s.apply('Where', [s.apply('Equal', [d, s.number(0)]), x!, corrected]);
  return s.apply('Where', [s.apply('Equal', [d, x!]), log, small]);
}

/** `Where` does not take bools. */
function choose([c, a, b]: readonly string[], s: Scalars, { dtype }: Value): string {
  if (dtype !== 'bool') return s.apply('Where', [c!, a!, b!]);
  return s.apply('Or', [s.apply('And', [c!, a!]), s.apply('And', [s.apply('Not', [c!]), b!])]);
}

function xlogy([p, q]: readonly string[], s: Scalars): string {
  const none = s.apply('And', [s.apply('Equal', [p!, s.number(0)]), s.apply('Not', [s.isNaN(q!)])]);
  return s.apply('Where', [none, s.number(0), s.apply('Mul', [p!, s.apply('Log', [q!])])]);
}

const same: OnnxEmitter = (value, lowering) => lowering.operand(value.inputs[0]!);

/** Functions at every position. */
export const elementwise = {
  exp: simple('Exp'),
  log: simple('Log'),
  log1p: formula(log1p),
  sqrt: simple('Sqrt'),
  sin: simple('Sin'),
  cos: simple('Cos'),
  tan: simple('Tan'),
  atan: simple('Atan'),
  tanh: simple('Tanh'),
  sigmoid: simple('Sigmoid'),
  softplus: simple('Softplus'),
  elu: formula((x, s, { attributes }) =>
    s.apply('Elu', x, { alpha: { float: (attributes as EluAttributes).alpha } }),
  ),
  erf: simple('Erf'),
  neg: simple('Neg'),
  square: formula(([x], s) => s.apply('Mul', [x!, x!])),
  abs: simple('Abs'),
  sign: simple('Sign'),
  relu: simple('Relu'),
  floor: formula(([x], s, { dtype }) => (dtype === 'int' ? x! : s.apply('Floor', [x!]))),
  round: formula(([x], s, { dtype }) => (dtype === 'int' ? x! : s.apply('Round', [x!]))),
  add: simple('Add'),
  sub: simple('Sub'),
  mul: simple('Mul'),
  div: simple('Div'),
  pow: simple('Pow'),
  maximum: simple('Max'),
  minimum: simple('Min'),
  floor_divide: division(floorDivide),
  modulo: division(modulo),
  xlogy: formula(xlogy),
  identity: same,
  stop_gradient: same,
  cast: formula(([x], s, { attributes }) => s.cast(x!, CAST[(attributes as CastAttributes).dtype])),
  where: formula(choose),
  clip: formula(([x, lo, hi], s) => s.apply('Min', [s.apply('Max', [x!, lo!]), hi!])),
  equal: simple('Equal'),
  not_equal: formula((operands, s) => s.apply('Not', [s.apply('Equal', operands)])),
  less: compare('Less'),
  less_equal: compare('LessOrEqual'),
  greater: compare('Greater'),
  greater_equal: compare('GreaterOrEqual'),
  and: simple('And'),
  or: simple('Or'),
  not: simple('Not'),
  isnan: formula(([x], s, { inputs }) =>
    inputs[0]!.dtype === 'float' ? s.isNaN(x!) : s.apply('Not', [s.apply('Equal', [x!, x!])]),
  ),
} satisfies Record<string, OnnxEmitter>;
