import { stridesOf } from '../../graph/shape';
import type { AxisAttributes, CumsumAttributes } from '../../ops/linear';
import type { RecurrenceAttributes } from '../../ops/recurrence';
import type { Value } from '../value';
import { around, at, loop, type WholeContext } from './whole';

/** Statements of ops that move elements by position or run along an axis. */

export function concat(value: Value, { out, inputs }: WholeContext): string {
  const { axis } = value.attributes as AxisAttributes;
  const { size: total } = around(value.shape, axis);
  let before = 0;
  const parts = value.inputs.map((input, i) => {
    const { outer, size, inner } = around(input.shape, axis);
    const run = size * inner;
    const from = before * inner;
    before += size;
    if (input.count === 0) return '';
    const copy = `${at(out, `o * ${total * inner} + ${from} + j`)} = ${at(inputs[i]!, `o * ${run} + j`)};`;
    return loop('o', outer, loop('j', run, copy));
  });
  return parts.join('\n');
}

export function unslice(value: Value, { out, inputs }: WholeContext): string {
  const { start, step } = value.attributes as unknown as {
    start: readonly number[];
    step: readonly number[];
  };
  const [x] = value.inputs;
  const strides = stridesOf(value.shape);
  const own = stridesOf(x!.shape);
  const position = start.map((first, axis) => `(${first} + i${axis} * ${step[axis]}) * ${strides[axis]}`);
  const source = own.map((stride, axis) => `i${axis} * ${stride}`);
  const copy = `${at(out, position.join(' + ') || '0')} = ${at(inputs[0]!, source.join(' + ') || '0')};`;
  const copies = x!.shape.reduceRight((body, size, axis) => loop(`i${axis}`, size, body), copy);
  return `${zeros(value, out)}\n${copies}`;
}

export function gather(value: Value, context: WholeContext): string {
  const { axis } = value.attributes as AxisAttributes;
  const [x, positions] = value.inputs;
  const { outer, size, inner } = around(x!.shape, axis);
  const copy = `${at(context.out, `(o * ${positions!.count} + k) * ${inner} + j`)} = ${at(
    context.inputs[0]!,
    `(o * ${size} + p) * ${inner} + j`,
  )};`;
  return loop(
    'o',
    outer,
    loop('k', positions!.count, `${position(context, size)}\n${loop('j', inner, copy)}`),
  );
}

export function scatterAdd(value: Value, context: WholeContext): string {
  const { axis } = value.attributes as AxisAttributes;
  const [, positions] = value.inputs;
  const { outer, size, inner } = around(value.shape, axis);
  const add = `${at(context.out, `(o * ${size} + p) * ${inner} + j`)} += ${at(
    context.inputs[0]!,
    `(o * ${positions!.count} + k) * ${inner} + j`,
  )};`;
  const body = loop('k', positions!.count, `${position(context, size)}\n${loop('j', inner, add)}`);
  return `${zeros(value, context.out)}\n${loop('o', outer, body)}`;
}

export function cumsum(value: Value, { out, inputs }: WholeContext): string {
  const { axis, reverse } = value.attributes as CumsumAttributes;
  return along(
    value,
    axis,
    reverse,
    'let s = 0;',
    place => `s += ${at(inputs[0]!, place)};\n${at(out, place)} = s;`,
  );
}

export function recurrence(value: Value, { out, inputs }: WholeContext): string {
  const { axis, reverse } = value.attributes as RecurrenceAttributes;
  const [a, u] = inputs;
  // Before the start there is no h, so that an infinite first factor does not make NaN of it.
  return along(value, axis, reverse, 'let h = 0;', place => {
    const carried = `(k === 0 ? 0 : ${at(a!, place)} * h)`;
    return `h = ${carried} + ${at(u!, place)};\n${at(out, place)} = h;`;
  });
}

/** `body` for each place along an axis, k counting from where the walk starts, after `start` on each line. */
function along(
  value: Value,
  axis: number,
  reverse: boolean,
  start: string,
  body: (place: string) => string,
): string {
  const { outer, size, inner } = around(value.shape, axis);
  const step = reverse ? `${size - 1} - k` : 'k';
  const walk = loop('k', size, `const q = (o * ${size} + ${step}) * ${inner} + j;\n${body('q')}`);
  return loop('o', outer, loop('j', inner, `${start}\n${walk}`));
}

function zeros(value: Value, out: { array: string; offset: number }): string {
  return `${out.array}.fill(0, ${out.offset}, ${out.offset + value.count});`;
}

function position(context: WholeContext, size: number): string {
  const failure = context.fail(`\`position \${p} is outside an axis of size ${size}\``);
  return `const p = ${at(context.inputs[1]!, 'k')};\nif (p < 0 || p >= ${size}) ${failure};`;
}
