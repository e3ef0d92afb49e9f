import type { AxesAttributes } from '../../../ops/linear';
import type { Value } from '../../value';
import type { Lowering } from '../lowering';
import { type Convolution, convolutionOf } from './recognize';

/** A convolution, with one number a filter added where nobody asks for the sum without it. */
export interface Biased {
  readonly convolution: Convolution;
  readonly bias: Value | undefined;
  /** The value whose axes the convolution's labels stand for. */
  readonly result: Value;
}

export function biasedConvolutionOf(value: Value, l: Lowering): Biased | undefined {
  const plain = convolutionOf(value);
  if (plain) return { convolution: plain, bias: undefined, result: value };
  if (value.op !== 'add' || value.fed || value.shape.length < 3) return undefined;
  for (const [sum, bias] of [value.inputs, value.inputs.toReversed()] as [Value, Value][]) {
    const filters = perChannel(bias, value);
    const result = sum.op === 'reshape' && !sum.fed && l.readOnce(sum) ? sum.inputs[0]! : sum;
    const convolution = filters && l.readOnce(result) && !l.isGiven(result) && convolutionOf(result);
    if (convolution && filtersAreChannels(convolution, value)) return { convolution, bias: filters, result };
  }
  return undefined;
}

/** The vector that is repeated over all axes but the channels, axis 1. */
function perChannel(bias: Value, { shape }: Value): Value | undefined {
  if (bias.op !== 'broadcast' || bias.fed) return undefined;
  const { axes } = bias.attributes as AxesAttributes;
  const others = shape.map((_, axis) => axis).filter(axis => axis !== 1);
  return String(axes) === String(others) ? bias.inputs[0]! : undefined;
}

/** Whether the result, seen in the shape of the sum, has its filters in axis 1. */
function filtersAreChannels({ roles, out, size }: Convolution, { shape }: Value): boolean {
  const { batch, group, filters, places } = roles;
  return (
    out === batch + group + filters + places &&
    shape[0] === size(batch) &&
    shape[1] === size(group + filters) &&
    shape.length === 2 + places.length
  );
}
