import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  elu,
  erf,
  floorDivide,
  modulo,
  power,
  roundEven,
  sigmoid,
  softplus,
  xlogy,
} from '../../../src/ops/scalar';

/** From the C library. */
const ERF: readonly (readonly [number, number])[] = [
  [1e-300, 1.1283791670955126e-300],
  [1e-9, 1.1283791670955127e-9],
  [0.1, 0.1124629160182849],
  [0.5, 0.5204998778130465],
  [0.84, 0.7651427114549946],
  [0.85, 0.7706680576083526],
  [1.0, 0.8427007929497149],
  [1.24, 0.9205051842990297],
  [1.26, 0.9252359418101295],
  [1.9, 0.9927904292352575],
  [2.5, 0.999593047982555],
  [2.85, 0.9999443437200386],
  [2.87, 0.9999506729696856],
  [3.5, 0.9999992569016276],
  [4.5, 0.9999999998033839],
  [5.9, 0.9999999999999999],
];

describe('scalar functions', () => {
  it('erf is right to the last places in each of its ranges', () => {
    for (const [x, y] of ERF) {
      assert.ok(Math.abs(erf(x) - y) <= 1e-15 * y, `erf(${x}) = ${erf(x)}, not ${y}`);
      assert.equal(erf(-x), -erf(x));
    }
    assert.equal(erf(Infinity), 1);
    assert.equal(erf(-7), -1);
    assert.ok(Number.isNaN(erf(Number.NaN)));
  });

  it('softplus and sigmoid neither overflow nor lose small values', () => {
    assert.equal(softplus(800), 800);
    assert.equal(softplus(-40), Math.exp(-40));
    assert.equal(softplus(-800), 0);
    assert.equal(sigmoid(-800), 0);
    assert.equal(sigmoid(800), 1);
    assert.ok(Math.abs(sigmoid(-40) / Math.exp(-40) - 1) < 1e-15);
    assert.ok(Math.abs(elu(-1e-20, 2) / -2e-20 - 1) < 1e-15);
  });

  it('round goes to the even neighbour', () => {
    assert.deepEqual(
      [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5].map(roundEven).map(x => x + 0),
      [-2, -2, 0, 0, 2, 2],
    );
    assert.deepEqual([2.4999, 2.5001, -Infinity].map(roundEven), [2, 3, -Infinity]);
  });

  it('// and % fit together and take the sign of the divisor', () => {
    const whole = fc.integer({ min: -50, max: 50 });
    fc.assert(
      fc.property(whole, whole, (a, b) => {
        fc.pre(b !== 0);
        assert.equal(floorDivide(a, b) * b + modulo(a, b) + 0, a + 0);
        assert.equal(floorDivide(a, b) + 0, Math.floor(a / b) + 0);
        assert.ok(b > 0 ? modulo(a, b) >= 0 && modulo(a, b) < b : modulo(a, b) <= 0 && modulo(a, b) > b);
      }),
    );
    assert.equal(floorDivide(1, 0.1), 9);
    assert.equal(floorDivide(1, 0), Infinity);
  });

  it('powers and logarithms at their edges', () => {
    assert.equal(power(1, Number.NaN), 1);
    assert.equal(power(-1, Infinity), 1);
    assert.ok(Number.isNaN(power(-1, 0.5)));
    assert.equal(power(0, 0), 1);
    assert.equal(xlogy(0, 0), 0);
    assert.ok(Number.isNaN(xlogy(0, Number.NaN)));
  });
});
