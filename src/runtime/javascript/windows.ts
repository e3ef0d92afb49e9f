import { stridesOf } from '../../graph/shape';
import type { WindowAttributes } from '../../ops/window';
import type { Value } from '../value';
import { at, loop, type WholeContext } from './whole';

/**
 * Adds windows up where they overlap. The operand is walked from front to back, so that only the place in the result
 * has to be worked out.
 */
export function unwindow(value: Value, { out, inputs }: WholeContext): string {
  const { kernel, stride, dilation } = value.attributes as WindowAttributes;
  const [x] = value.inputs;
  const k = kernel.length;
  const before = value.shape.length - k;
  const strides = stridesOf(value.shape).slice(before);
  const images = value.shape.slice(0, before).reduce((product, size) => product * size, 1);
  const image = value.shape.slice(before).reduce((product, size) => product * size, 1);
  const steps = [...strides.map((s, i) => s * stride[i]!), ...strides.map((s, i) => s * dilation[i]!)];
  const sizes = x!.shape.slice(before);
  // One local a level: where the loops around it have led to.
  const body = sizes.reduceRight(
    (inner, size, axis) =>
      loop(`i${axis}`, size, `const p${axis + 1} = p${axis} + i${axis} * ${steps[axis]};\n${inner}`),
    `${at(out, `p${2 * k}`)} += ${at(inputs[0]!, 'q++')};`,
  );
  return `${out.array}.fill(0, ${out.offset}, ${out.offset + value.count});
let q = 0;
${loop('n', images, `const p0 = n * ${image};\n${body}`)}`;
}
