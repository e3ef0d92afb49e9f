import type { DType, Tensor, TensorData } from '../graph/types';

/** JSON that is not nested arrays of numbers of one shape; the message says where. */
export class NestingError extends Error {
  override readonly name = 'NestingError';
}

const words: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
};

/** A tensor from nested arrays of numbers, `true` and `false`, and the strings for NaN and the infinities. */
export function parseTensor(json: unknown, dtype: DType): Tensor {
  const shape: number[] = [];
  for (let level = json; Array.isArray(level); level = level[0]) shape.push(level.length);
  const numbers: number[] = [];
  const read = (value: unknown, index: readonly number[]): void => {
    const axis = index.length;
    if (axis === shape.length) {
      numbers.push(elementOf(value, dtype, index));
      return;
    }
    if (!Array.isArray(value)) throw new NestingError(`${place(index)} is no list, where the first one is`);
    if (value.length !== shape[axis]) {
      throw new NestingError(
        `${place(index)} has ${value.length} entries, where the first one has ${shape[axis]}`,
      );
    }
    value.forEach((item, i) => {
      read(item, [...index, i]);
    });
  };
  read(json, []);
  return { dtype, shape, data: arrayOf(numbers, dtype) };
}

function elementOf(value: unknown, dtype: DType, index: readonly number[]): number {
  const number =
    typeof value === 'boolean' ? Number(value) : typeof value === 'string' ? words[value] : value;
  if (typeof number !== 'number')
    throw new NestingError(`${place(index)} is ${JSON.stringify(value)}, not a number`);
  const fits =
    dtype === 'float' ||
    (dtype === 'int' ? Number.isInteger(number) && Math.abs(number) < 2 ** 31 : number === 0 || number === 1);
  if (!fits) throw new NestingError(`${place(index)} is ${number}, and the input is ${dtype}`);
  return number;
}

function arrayOf(numbers: readonly number[], dtype: DType): TensorData {
  if (dtype === 'float') return Float64Array.from(numbers);
  return dtype === 'int' ? Int32Array.from(numbers) : Uint8Array.from(numbers);
}

function place(index: readonly number[]): string {
  return index.length === 0 ? 'the value' : `the entry at [${index.join(', ')}]`;
}
