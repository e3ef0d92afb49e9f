import { type ComparisonName, comparisonOps } from '../../ops/comparison';
import { type ElementwiseName, elementwiseOps } from '../../ops/elementwise';
import type { IotaAttributes } from '../../ops/leaf';
import type { AxesAttributes, TrilAttributes } from '../../ops/linear';
import type { OpName } from '../../ops/registry';
import type { Value } from '../value';
import type { ViewName } from '../view';
import type { Emitter, Reduction } from './emitter';
import { det, lstsq, solve } from './linearAlgebra';
import { concat, cumsum, gather, recurrence, scatterAdd, unslice } from './movement';
import { argsort, extremePosition } from './ordering';
import { unwindow } from './windows';

type ScalarName = Exclude<ElementwiseName, ViewName> | ComparisonName;

/** Ops that call a function of the library or divide; all others cost about a load. */
const DEAR: ReadonlySet<string> = new Set([
  ...[
    'exp',
    'log',
    'log1p',
    'sqrt',
    'sin',
    'cos',
    'tan',
    'atan',
    'tanh',
    'sigmoid',
    'softplus',
    'elu',
    'erf',
  ],
  ...['div', 'pow', 'floor_divide', 'modulo', 'xlogy', 'round'],
]);

const scalar = (
  name: string,
  text: (operands: readonly string[], attributes: object) => string,
): Emitter => ({
  kind: 'scalar',
  cheap: !DEAR.has(name),
  expression: (value, operands) => text(operands, value.attributes),
});

const scalars = Object.fromEntries(
  Object.entries({ ...elementwiseOps, ...comparisonOps }).map(([name, op]) => [
    name,
    scalar(name, (operands, attributes) => op.scalar!(operands, attributes as never)),
  ]),
) as Record<ScalarName, Emitter>;

/** A whole-number division, which has no infinity to give. */
const guarded = (name: 'floor_divide' | 'modulo'): Emitter => {
  const emitter = scalars[name] as Emitter & { kind: 'scalar' };
  return {
    ...emitter,
    expression(value, operands, fail) {
      const text = emitter.expression(value, operands, fail);
      if (value.dtype !== 'int') return text;
      return `(${operands[1]} === 0 ? ${fail("'division of a whole number by zero'")} : ${text})`;
    },
  };
};

/** A number that must be a place in an axis. */
const position: Emitter = {
  kind: 'scalar',
  cheap: true,
  expression({ attributes }, [x], fail) {
    const { size, wrap, what } = attributes as unknown as BoundPosition;
    const low = wrap ? -size : 0;
    const place = wrap ? `(${x} < 0 ? ${x} + ${size} : ${x})` : x;
    const message = `positionMessage(${JSON.stringify(what)}, ${x}, ${size})`;
    return `(Math.floor(${x}) === ${x} && ${x} >= ${low} && ${x} < ${size} ? ${place} : ${fail(message)})`;
  },
};

interface BoundPosition {
  readonly size: number;
  readonly wrap: boolean;
  readonly what: string;
}

/** What is wrong with a number that was to be a place in an axis. */
export function positionMessage(what: string, x: number, size: number): string {
  if (!Number.isInteger(x)) return `${what} ${x} is not a whole number`;
  return `${what} ${x} is out of range: there are ${size}, from 0 to ${size - 1}`;
}

const fed: Emitter = { kind: 'fed' };
const view: Emitter = { kind: 'view' };

const reduction = (spec: Reduction): Emitter => ({
  kind: 'reduction',
  reduction: spec,
  axes: value => (value.attributes as AxesAttributes).axes,
});

const extreme = (better: '<' | '>'): Emitter =>
  reduction({
    initial: ({ dtype }) => {
      if (dtype === 'float') return better === '>' ? '-Infinity' : 'Infinity';
      return dtype === 'bool' ? (better === '>' ? '0' : '1') : better === '>' ? '-2147483648' : '2147483647';
    },
    // Once NaN, always NaN: no comparison with it holds.
    take: (s, x) => `{ const x = ${x}; if (x ${better} ${s} || x !== x) ${s} = x; }`,
  });

/** The accumulator of sums and contractions. */
export const total: Reduction = {
  initial: () => '0',
  take: (s, x, dtype) => (dtype === 'int' ? `${s} = (${s} + ${x}) | 0;` : `${s} += ${x};`),
};

/** How each op becomes JavaScript, once. */
const emitters = {
  ...scalars,
  floor_divide: guarded('floor_divide'),
  modulo: guarded('modulo'),
  position,
  input: fed,
  parameter: fed,
  buffer: fed,
  random_mask: fed,
  data: fed,
  rows: fed,
  constant: { kind: 'constant' },
  // A size is bound when the graph is lowered.
  size: { kind: 'constant' },
  iota: {
    kind: 'scalar',
    cheap: true,
    coordinates: value => [(value.attributes as IotaAttributes).axis],
    expression: (_, [i]) => i!,
  },
  numeric_gradient: { kind: 'whole', emit: (value, context) => context.external(value) },

  identity: view,
  stop_gradient: view,
  reshape: view,
  transpose: view,
  broadcast: view,
  slice: view,
  window: view,

  tril: {
    kind: 'scalar',
    cheap: true,
    coordinates: ({ shape }) => [shape.length - 2, shape.length - 1],
    expression: ({ attributes }, [x, i, j]) =>
      `(${j} - ${i} <= ${(attributes as TrilAttributes).k} ? ${x} : 0)`,
  },
  concat: { kind: 'whole', emit: concat },
  unslice: { kind: 'whole', emit: unslice },
  unwindow: { kind: 'whole', emit: unwindow },
  gather: { kind: 'whole', emit: gather },
  scatter_add: { kind: 'whole', emit: scatterAdd },
  cumsum: { kind: 'whole', emit: cumsum },
  recurrence: { kind: 'whole', emit: recurrence },

  contract: { kind: 'contraction' },
  sum: reduction(total),
  max: extreme('>'),
  min: extreme('<'),
  prod: reduction({
    initial: () => '1',
    take: (s, x, dtype) => (dtype === 'int' ? `${s} = Math.imul(${s}, ${x});` : `${s} *= ${x};`),
  }),
  norm: reduction({
    initial: () => '0',
    take: (s, x) => `{ const x = ${x}; ${s} += x * x; }`,
    finish: s => `Math.sqrt(${s})`,
  }),
  all: reduction({ initial: () => '1', take: (s, x) => `${s} &= ${x};` }),
  any: reduction({ initial: () => '0', take: (s, x) => `${s} |= ${x};` }),
  argmax: { kind: 'whole', emit: (value, context) => extremePosition(value, context, '>') },
  argmin: { kind: 'whole', emit: (value, context) => extremePosition(value, context, '<') },
  argsort: { kind: 'whole', emit: argsort },

  solve: { kind: 'whole', emit: solve },
  det: { kind: 'whole', emit: det },
  lstsq: { kind: 'whole', emit: lstsq },
} satisfies Record<OpName, Emitter>;

export function emitterOf({ op }: Value): Emitter {
  const emitter = (emitters as Record<string, Emitter>)[op];
  if (!emitter) throw new Error(`no emitter for ${op}`);
  return emitter;
}
