import type { ModelParameter } from '../../language/model';
import type { Workbench } from '../workbench';

/** Some parameters as one vector in 64-bit. */
export class FlatParameters {
  readonly length: number;

  constructor(
    private readonly bench: Workbench,
    readonly parameters: readonly ModelParameter[],
  ) {
    this.length = parameters.reduce((sum, parameter) => sum + bench.buffer(parameter).length, 0);
  }

  read(): Float64Array {
    const vector = new Float64Array(this.length);
    this.each((buffer, offset) => vector.set(buffer, offset));
    return vector;
  }

  write(vector: Float64Array): void {
    this.each((buffer, offset) => buffer.set(vector.subarray(offset, offset + buffer.length)));
  }

  private each(visit: (buffer: Float32Array | Float64Array, offset: number) => void): void {
    let offset = 0;
    for (const parameter of this.parameters) {
      const buffer = this.bench.buffer(parameter);
      visit(buffer, offset);
      offset += buffer.length;
    }
  }
}

export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** a += factor * b */
export function addScaled(a: Float64Array, factor: number, b: Float64Array): void {
  for (let i = 0; i < a.length; i++) a[i]! += factor * b[i]!;
}

export function largest(a: Float64Array): number {
  return a.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
}
