import type { TensorData } from '../../graph/types';
import type { ElementType, Initializer } from './model';

/** The known numbers of a model, equal ones once. */
export class Initializers {
  private readonly byKey = new Map<string, Initializer>();
  private readonly names = new Set<string>();

  get all(): readonly Initializer[] {
    return [...this.byKey.values()];
  }

  has(name: string): boolean {
    return this.names.has(name);
  }

  /** The name of the tensor with these numbers. */
  add(type: ElementType, shape: readonly number[], data: readonly number[] | TensorData): string {
    const array = arrayOf(type, data);
    const bytes = Buffer.from(array.buffer, array.byteOffset, array.byteLength);
    const key = `${type} ${shape} ${bytes.toString('base64')}`;
    let known = this.byKey.get(key);
    if (!known) {
      known = { name: `constant_${this.byKey.size}`, type, shape: [...shape], data: array };
      this.byKey.set(key, known);
      this.names.add(known.name);
    }
    return known.name;
  }
}

function arrayOf(type: ElementType, data: readonly number[] | TensorData): Initializer['data'] {
  switch (type) {
    case 'float':
      return Float32Array.from(data);
    case 'int32':
      return Int32Array.from(data);
    case 'int64':
      return BigInt64Array.from(data as readonly number[], BigInt);
    default:
      return Uint8Array.from(data);
  }
}
