import assert from 'node:assert/strict';
import fc from 'fast-check';
import { elu, erf, floorDivide, modulo, power, sigmoid, softplus, xlogy } from '../../../src/ops/scalar';
import { between, floats, ulps } from './ulps';
import { ROOM, VectorCaller } from './vectorCaller';

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

interface Expectation {
  readonly of: (x: number) => number;
  /** The largest distance from the exact value, in units of the last place. */
  readonly within: number;
  /** Exact results, -0 apart. */
  readonly at: readonly (readonly [number, number])[];
}

const functions: Readonly<Record<string, Expectation>> = {
  exp: {
    of: Math.exp,
    within: 1,
    at: [
      [0, 1],
      [-inf, 0],
      [inf, inf],
      [100, inf],
      [-104, 0],
      [88.8, inf],
    ],
  },
  log: {
    of: Math.log,
    within: 1,
    at: [
      [1, 0],
      [0, -inf],
      [-0, -inf],
      [-1, nan],
      [-inf, nan],
      [inf, inf],
    ],
  },
  log1p: {
    of: Math.log1p,
    within: 1.5,
    at: [
      [0, 0],
      [-1, -inf],
      [-1.5, nan],
      [-inf, nan],
      [inf, inf],
      [1e-30, 1e-30],
    ],
  },
  sin: {
    of: Math.sin,
    within: 1.6,
    at: [
      [0, 0],
      [inf, nan],
      [-inf, nan],
    ],
  },
  cos: {
    of: Math.cos,
    within: 1.6,
    at: [
      [0, 1],
      [inf, nan],
      [-inf, nan],
    ],
  },
  tan: {
    of: Math.tan,
    within: 3,
    at: [
      [0, 0],
      [inf, nan],
      [-inf, nan],
    ],
  },
  atan: {
    of: Math.atan,
    within: 2.5,
    at: [
      [0, 0],
      [inf, Math.PI / 2],
      [-inf, -Math.PI / 2],
    ],
  },
  tanh: {
    of: Math.tanh,
    within: 2.6,
    at: [
      [0, 0],
      [inf, 1],
      [-inf, -1],
      [20, 1],
      [1e-40, 1e-40],
    ],
  },
  sigmoid: {
    of: sigmoid,
    within: 2.4,
    at: [
      [0, 0.5],
      [inf, 1],
      [-inf, 0],
      [100, 1],
    ],
  },
  softplus: {
    of: softplus,
    within: 2,
    at: [
      [inf, inf],
      [-inf, 0],
      [200, 200],
      [-200, 0],
    ],
  },
  erf: {
    of: erf,
    within: 3.1,
    at: [
      [0, 0],
      [inf, 1],
      [-inf, -1],
      [5, 1],
    ],
  },
};

interface Pair {
  readonly of: (a: number, b: number) => number;
  readonly within: number;
}

const pairs: Readonly<Record<string, Pair>> = {
  pow: { of: power, within: 0.6 },
  xlogy: { of: xlogy, within: 2 },
  modulo: { of: modulo, within: 0.5 },
  floor_divide: { of: floorDivide, within: 0.5 },
  elu: { of: elu, within: 2.5 },
};

const SPECIAL = [0, -0, 1, -1, 0.5, -0.5, 2, -2, 3, -3, 1e-40, -1e-40, 3.4e38, -3.4e38, inf, -inf, nan];
const CLOSE = [1.0000001, 0.9999999, 8388607, 8388608.5, 16777215, 16777216, 33554432, 7.5, 1e30, 1e-30];

const caller = new VectorCaller();
const call = (name: string, ...operands: number[]): number =>
  caller.map(name, ...operands.map(x => Float32Array.of(x)))[0]!;

function assertWithin(name: string, { of, within }: Expectation, xs: Float32Array): void {
  const ys = caller.map(name, xs);
  let worst = 0;
  let where = 0;
  xs.forEach((x, i) => {
    const distance = ulps(ys[i]!, of(x));
    if (distance > worst) [worst, where] = [distance, i];
  });
  assert.ok(worst <= within, `${name}(${xs[where]}) = ${ys[where]}, ${worst} ulps from ${of(xs[where]!)}`);
}

describe('functions on vectors', () => {
  for (const [name, expectation] of Object.entries(functions)) {
    it(`${name} is within ${expectation.within} ulps of the exact value everywhere`, () => {
      for (const xs of floats(8191, ROOM)) assertWithin(name, expectation, xs);
      assertWithin(name, expectation, between(-20, 20, ROOM));
      assertWithin(name, expectation, between(-1.01, 1.01, ROOM));
    });

    it(`${name} is exact at its limits, and NaN for NaN`, () => {
      for (const [x, y] of expectation.at) {
        const result = call(name, x);
        assert.ok(Object.is(result + 0, Math.fround(y) + 0), `${name}(${x}) = ${result}, not ${y}`);
      }
      assert.ok(Number.isNaN(call(name, nan)));
    });
  }

  for (const [name, { of, within }] of Object.entries(pairs)) {
    it(`${name} is within ${within} ulps of the exact value, and right for every pair of special values`, () => {
      const values = [...SPECIAL, ...CLOSE].map(Math.fround);
      const a = values.flatMap(x => values.map(() => x));
      const b = values.flatMap(() => values);
      const float = fc.float({ noDefaultInfinity: true, noNaN: true });
      const small = fc.integer({ min: -60, max: 60 }).map(i => i / 2);
      const pair = fc.oneof(fc.tuple(float, float), fc.tuple(float, small), fc.tuple(small, small));
      for (const [x, y] of fc.sample(pair, { numRuns: 20_000, seed: 1 })) {
        a.push(x);
        b.push(y);
      }
      const [xs, ys] = [Float32Array.from(a), Float32Array.from(b)];
      const results = caller.map(name, xs, ys);
      results.forEach((result, i) => {
        const exact = of(xs[i]!, ys[i]!);
        const distance = ulps(result, exact);
        assert.ok(
          distance <= within,
          `${name}(${xs[i]}, ${ys[i]}) = ${result}, ${distance} ulps from ${exact}`,
        );
      });
    });
  }

  it('do not mind what lies in the other lanes', () => {
    const value = fc.oneof(fc.float(), fc.constantFrom(...SPECIAL, ...CLOSE).map(Math.fround));
    const lanes = fc.array(value, { minLength: 4, maxLength: 4 });
    const names = [...Object.keys(functions), ...Object.keys(pairs)];
    fc.assert(
      fc.property(fc.constantFrom(...names), lanes, lanes, (name, a, b) => {
        const operands = name in pairs ? [a, b] : [a];
        const together = caller.map(name, ...operands.map(xs => Float32Array.from(xs)));
        const alone = a.map((_, i) => call(name, ...operands.map(xs => xs[i]!)));
        assert.deepEqual([...together], alone);
      }),
      { numRuns: 500 },
    );
  });

  it('never leave the range of tanh, sigmoid and erf', () => {
    for (const [name, low] of [
      ['tanh', -1],
      ['erf', -1],
      ['sigmoid', 0],
    ] as const) {
      for (const y of caller.map(name, between(-12, 12, ROOM)))
        assert.ok(y >= low && y <= 1, `${name}: ${y}`);
    }
  });
});
