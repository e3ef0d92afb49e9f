import type { DType, TensorData } from '../graph/types';

/** JSON has no NaN and no infinities: they are strings. Every number reads back bit for bit, minus zero too. */
export function jsonNumber(value: number): string {
  if (!Number.isFinite(value)) return `"${value}"`;
  return Object.is(value, -0) ? '-0.0' : String(value);
}

/** Text that stands in JSON as it is. */
export class RawJson {
  constructor(readonly text: string) {}
}

/** An object's JSON, fields that are undefined left out. */
export function toJson(value: unknown): string {
  if (value instanceof RawJson) return value.text;
  if (typeof value === 'number') return jsonNumber(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(toJson).join(',')}]`;
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  return `{${fields.map(([key, field]) => `${JSON.stringify(key)}:${toJson(field)}`).join(',')}}`;
}

/** Nested arrays of a tensor's elements, row-major. */
export function jsonTensor(data: TensorData, shape: readonly number[], dtype: DType): RawJson {
  let at = 0;
  const element =
    dtype === 'bool'
      ? (value: number) => (value === 0 ? 'false' : 'true')
      : (value: number) => jsonNumber(value);
  const nest = (axis: number): string => {
    if (axis === shape.length) return element(data[at++]!);
    const parts = new Array<string>(shape[axis]!);
    for (let i = 0; i < parts.length; i++) parts[i] = nest(axis + 1);
    return `[${parts.join(',')}]`;
  };
  return new RawJson(nest(0));
}
