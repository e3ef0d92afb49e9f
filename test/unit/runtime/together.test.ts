import assert from 'node:assert/strict';
import type { DType } from '../../../src/graph/types';
import { counter, scaled } from '../../../src/runtime/affine';
import type { Expression, LoopKernel } from '../../../src/runtime/javascript/expression';
import { together } from '../../../src/runtime/webassembly/together';

const COUNT = 5000;

/** Arrays of several types over one memory, as a program has them, and a leaf beside. */
const starts: Readonly<Record<string, number>> = { F: 0, B: 0, L0: 1_000_000 };

/** At every position, `to` from `from`; places are elements of an array. */
function kernel(
  from: [array: string, dtype: DType, at: number],
  to: [array: string, at: number],
): LoopKernel {
  const place = (at: number) => scaled(counter(0, 1), 1, at);
  const result: Expression = { kind: 'load', array: from[0], dtype: from[1], at: place(from[2]) };
  return {
    extents: [COUNT],
    kept: 1,
    result,
    store: { array: to[0], dtype: 'float', at: place(to[1]) },
  };
}

const sizeOfGroup = (...kernels: LoopKernel[]): number => together(kernels, 0, array => starts[array]).length;

describe('kernels in one nest', () => {
  it('may read what the one before stores at the same position', () => {
    const first = kernel(['L0', 'float', 0], ['F', 0]);
    assert.equal(sizeOfGroup(first, kernel(['F', 'float', 0], ['F', COUNT])), 2);
    assert.equal(sizeOfGroup(first, kernel(['F', 'float', 1], ['F', 2 * COUNT])), 1);
  });

  it('do not write where the one before still reads, whatever the types', () => {
    // bytes 40,000 to 45,000 of a mask, and floats from byte 40,000 or 48,000 on
    const reader = kernel(['B', 'bool', 40_000], ['F', 0]);
    assert.equal(sizeOfGroup(reader, kernel(['L0', 'float', 0], ['F', 10_000])), 1);
    assert.equal(sizeOfGroup(reader, kernel(['L0', 'float', 0], ['F', 12_000])), 2);
  });
});
