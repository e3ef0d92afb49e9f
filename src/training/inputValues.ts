import { DataError } from '../data/error';
import { allocate } from '../data/table';
import { constantValue } from '../graph/dimension';
import { ancestors } from '../graph/graph';
import type { Node } from '../graph/node';
import type { Tensor, TensorData } from '../graph/types';
import type { ModelInput } from '../language/model';
import { NotRowwise, restsOnData } from './rowwise';
import { type RowSource, StreamedValue } from './streamed';

/** The value of an input, all rows. `known` gives the values of leaves. Throws `DataError` and `RunError`. */
export function fedValue(
  input: ModelInput,
  value: Node,
  known: (leaf: Node) => Tensor | undefined,
  { evaluate, sizes }: RowSource,
): Tensor {
  const feeds = new Map<Node, Tensor>();
  for (const node of ancestors([value])) {
    const tensor = known(node);
    if (tensor) feeds.set(node, tensor);
  }
  const [tensor] = evaluate([value], feeds, sizes) as [Tensor];
  return converted(tensor, input);
}

/** The value of an input that is too large to keep, if it can be computed row by row. */
export function streamedValue(
  input: ModelInput,
  value: Node,
  source: RowSource,
  keptNumbers: number,
): StreamedValue | undefined {
  const numbers = value.shape.reduce((product, dim) => product * (constantValue(dim) ?? 0), 1);
  if (numbers <= keptNumbers || !restsOnData(value)) return undefined;
  try {
    const streamed = new StreamedValue(value, source);
    const { dtype } = input;
    if (streamed.dtype !== dtype && dtype !== 'float') {
      for (const { first, values } of streamed.chunks()) requireFit(values, input, first, streamed.width);
    }
    return streamed;
  } catch (error) {
    if (error instanceof NotRowwise) return undefined;
    throw error;
  }
}

/** Numbers become the input's dtype; an int input refuses fractions, a bool one all but 0 and 1. */
export function converted(tensor: Tensor, input: ModelInput): Tensor {
  const { dtype } = input;
  if (tensor.dtype === dtype) return tensor;
  const { data, shape } = tensor;
  if (dtype !== 'float') requireFit(data, input, 0, data.length / (shape[0] ?? 1));
  const values = allocate(dtype, data.length);
  values.set(data);
  return { dtype, shape, data: values };
}

/** `first` is the row of the first value; a row has `width` of them. */
function requireFit(values: TensorData, { name, dtype }: ModelInput, first: number, width: number): void {
  values.forEach((value: number, i: number) => {
    const fits = dtype === 'int' ? Number.isInteger(value) : value === 0 || value === 1;
    if (fits) return;
    const row = first + Math.floor(i / width) + 1;
    throw new DataError('data-value', `input ${name} is ${dtype}, and row ${row} holds ${value}`);
  });
}
