import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  addDims,
  compareDims,
  constantDim,
  constantValue,
  type Dim,
  evaluateDim,
  exactQuotient,
  floorDivideDims,
  multiplyDims,
  negateDim,
  printDim,
  substituteDim,
  subtractDims,
  symbolDim,
  symbolsOf,
} from '../../../src/graph/dimension';

const names = ['N', 'T', 'C'];

/** Dimensions with their meaning as plain arithmetic, kept beside them. */
interface Case {
  readonly dim: Dim;
  readonly value: (sizes: Record<string, number>) => number;
}

const { tree } = fc.letrec<{ tree: Case }>(tie => ({
  tree: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.integer({ min: -5, max: 5 }).map((n): Case => ({ dim: constantDim(n), value: () => n })),
    fc.constantFrom(...names).map((name): Case => ({ dim: symbolDim(name), value: sizes => sizes[name]! })),
    fc.tuple(fc.constantFrom('+', '-', '*'), tie('tree'), tie('tree')).map(([sign, a, b]): Case => {
      const combine = { '+': addDims, '-': subtractDims, '*': multiplyDims }[sign]!;
      const meaning: Record<string, (x: number, y: number) => number> = {
        '+': (x, y) => x + y,
        '-': (x, y) => x - y,
        '*': (x, y) => x * y,
      };
      return { dim: combine(a.dim, b.dim), value: sizes => meaning[sign]!(a.value(sizes), b.value(sizes)) };
    }),
    fc.tuple(tie('tree'), fc.constantFrom(-3, 2, 3)).map(
      ([a, n]): Case => ({
        dim: floorDivideDims(a.dim, constantDim(n))!,
        value: sizes => Math.floor(a.value(sizes) / n),
      }),
    ),
  ),
}));
const sizes = fc.record({
  N: fc.integer({ min: 1, max: 9 }),
  T: fc.integer({ min: 1, max: 9 }),
  C: fc.integer({ min: 1, max: 9 }),
});

describe('dimensions', () => {
  it('mean what their construction says', () => {
    fc.assert(
      fc.property(tree, sizes, ({ dim, value }, at) => {
        assert.equal(evaluateDim(dim, at)! + 0, value(at) + 0);
      }),
      { numRuns: 1000 },
    );
  });

  it('form a ring, with one key for one polynomial', () => {
    fc.assert(
      fc.property(tree, tree, tree, ({ dim: a }, { dim: b }, { dim: c }) => {
        const same = (p: Dim, q: Dim): void => assert.equal(p.key, q.key);
        same(addDims(a, b), addDims(b, a));
        same(multiplyDims(a, b), multiplyDims(b, a));
        same(addDims(addDims(a, b), c), addDims(a, addDims(b, c)));
        same(multiplyDims(multiplyDims(a, b), c), multiplyDims(a, multiplyDims(b, c)));
        same(multiplyDims(a, addDims(b, c)), addDims(multiplyDims(a, b), multiplyDims(a, c)));
        same(addDims(a, negateDim(a)), constantDim(0));
        same(multiplyDims(a, constantDim(1)), a);
      }),
      { numRuns: 500 },
    );
  });

  it('substitute as they evaluate, some symbols at a time', () => {
    fc.assert(
      fc.property(tree, sizes, fc.subarray(names), ({ dim }, at, first) => {
        const some = Object.fromEntries(first.map(name => [name, at[name as 'N']]));
        const partly = substituteDim(dim, some);
        for (const name of first) assert.ok(!symbolsOf(partly).has(name));
        assert.equal(evaluateDim(partly, at)! + 0, evaluateDim(dim, at)! + 0);
        assert.equal(constantValue(substituteDim(dim, at))! + 0, evaluateDim(dim, at)! + 0);
      }),
      { numRuns: 1000 },
    );
  });

  it('never call equal what differs, nor different what may be equal', () => {
    fc.assert(
      fc.property(tree, tree, sizes, ({ dim: a }, { dim: b }, at) => {
        const verdict = compareDims(a, b);
        const same = evaluateDim(a, at) === evaluateDim(b, at);
        if (verdict === 'equal') assert.ok(same);
        if (verdict === 'different') assert.ok(!same);
      }),
      { numRuns: 1000 },
    );
  });

  it('undo a product by an exact quotient', () => {
    fc.assert(
      fc.property(tree, fc.constantFrom('N', 'T'), fc.integer({ min: 1, max: 4 }), ({ dim }, name, n) => {
        const factor = multiplyDims(constantDim(n), symbolDim(name));
        assert.equal(exactQuotient(multiplyDims(dim, factor), factor)?.key, dim.key);
      }),
    );
  });

  it('read as people write them', () => {
    const [N, H] = [symbolDim('N'), symbolDim('H')];
    const half = floorDivideDims(subtractDims(H, constantDim(3)), constantDim(2))!;
    assert.equal(printDim(addDims(multiplyDims(constantDim(2), N), constantDim(1))), '2*N + 1');
    assert.equal(printDim(addDims(half, constantDim(1))), '((H - 3)//2) + 1');
    assert.equal(printDim(floorDivideDims(multiplyDims(constantDim(2), N), constantDim(2))!), 'N');
    assert.equal(floorDivideDims(N, constantDim(0)), undefined);
    assert.equal(evaluateDim(N, {}), undefined);
    assert.equal(compareDims(N, constantDim(4)), 'open');
    assert.equal(compareDims(N, addDims(N, constantDim(1))), 'different');
  });
});
