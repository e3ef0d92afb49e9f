import assert from 'node:assert/strict';
import fc from 'fast-check';
import { randomStream, threefry2x32 } from '../../../src/base/random';

const block = (k0: number, k1: number, c0: number, c1: number): string => {
  const out = new Uint32Array(2);
  threefry2x32(k0, k1, c0, c1, out);
  return [...out].map(v => v.toString(16).padStart(8, '0')).join(' ');
};

const numbers = (count: number, draw: () => number): number[] => Array.from({ length: count }, draw);
const mean = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((a, b) => a + b, 0) / values.length;

describe('random numbers', () => {
  it('gives the known answers of Threefry-2x32-20', () => {
    assert.equal(block(0, 0, 0, 0), '6b200159 99ba4efe');
    assert.equal(block(-1, -1, -1, -1), '1cb996fc bb002be7');
    assert.equal(block(0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff), '1cb996fc bb002be7');
    assert.equal(block(0x13198a2e, 0x03707344, 0x243f6a88, 0x85a308d3), 'c4923a9c 483df7a0');
  });

  it('keeps the numbers of a stream for ever', () => {
    assert.deepEqual(PINNED.uniform, numbers(3, uniformOf(0, 'h.W')));
    const normal = randomStream(0, 'h.W');
    assert.deepEqual(
      PINNED.normal,
      numbers(3, () => normal.normal()),
    );
    assert.deepEqual(PINNED.permutation, [...randomStream(7, 'epoch-order', 3).permutation(8)]);
    assert.deepEqual(PINNED.unicode, numbers(1, uniformOf(-5, 'θ.0.Ŵ')));
  });

  it('depends on seed, path and step, and on nothing else', () => {
    const first = (seed: number, path: string, step?: number) => randomStream(seed, path, step).uniform();
    assert.equal(first(1, 'a'), first(1, 'a', 0));
    const all = [
      first(1, 'a'),
      first(2, 'a'),
      first(-1, 'a'),
      first(1 + 2 ** 32, 'a'),
      first(1, 'b'),
      first(1, ''),
      first(1, 'a\0'),
      first(1, 'a', 1),
      first(1, 'abcdefgh'),
      first(1, 'abcdefghi'),
    ];
    assert.equal(new Set(all).size, all.length);
  });

  it('is uniform on [0, 1)', () => {
    const values = randomStream(0, 'uniform').fillUniform(new Float64Array(40_000));
    assert.ok(values.every(v => v >= 0 && v < 1));
    assert.ok(Math.abs(mean(values) - 0.5) < 0.01);
    assert.ok(Math.abs(mean(values.map(v => v * v)) - 1 / 3) < 0.01);
    const scaled = randomStream(0, 'uniform').fillUniform(new Float64Array(10), -2, 4);
    assert.deepEqual(
      [...scaled],
      [...values.subarray(0, 10)].map(v => -2 + 6 * v),
    );
  });

  it('is normal, with the moments of a normal number', () => {
    const values = randomStream(0, 'normal').fillNormal(new Float64Array(100_000));
    assert.ok(Math.abs(mean(values)) < 0.02);
    assert.ok(Math.abs(mean(values.map(v => v ** 2)) - 1) < 0.02);
    assert.ok(Math.abs(mean(values.map(v => v ** 3))) < 0.05);
    assert.ok(Math.abs(mean(values.map(v => v ** 4)) - 3) < 0.1);
    const scaled = randomStream(0, 'normal').fillNormal(new Float64Array(4), 3, 0.5);
    assert.deepEqual(
      [...scaled],
      [...values.subarray(0, 4)].map(v => 3 + 0.5 * v),
    );
  });

  it('draws whole numbers without bias and refuses an impossible bound', () => {
    const stream = randomStream(3, 'int');
    const counts = new Array<number>(6).fill(0);
    for (let i = 0; i < 60_000; i++) counts[stream.int(6)]!++;
    assert.ok(
      counts.every(c => Math.abs(c - 10_000) < 400),
      counts.join(),
    );
    assert.equal(stream.int(1), 0);
    assert.ok(stream.int(2 ** 32) < 2 ** 32);
    for (const n of [0, -1, 1.5, Number.NaN, 2 ** 33]) assert.throws(() => stream.int(n), RangeError);
  });

  it('permutes: every number once', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 200 }), fc.maxSafeInteger(), (n, seed) => {
        const order = randomStream(seed, 'p').permutation(n);
        assert.deepEqual(
          [...order].sort((a, b) => a - b),
          Array.from({ length: n }, (_, i) => i),
        );
      }),
    );
  });

  it('refuses a seed or step that is no whole number', () => {
    assert.throws(() => randomStream(0.5, 'a'), /seed must be a whole number, not 0.5/);
    assert.throws(() => randomStream(Number.NaN, 'a'), RangeError);
    assert.throws(() => randomStream(0, 'a', -1), RangeError);
    assert.throws(() => randomStream(0, 'a', 2 ** 32), RangeError);
  });
});

function uniformOf(seed: number, path: string): () => number {
  const stream = randomStream(seed, path);
  return () => stream.uniform();
}

const PINNED = {
  uniform: [0.6375342267582124, 0.010536241667341129, 0.6368629232928055],
  normal: [1.028246605905678, 1.414551979398022, 0.20075162176122927],
  permutation: [4, 6, 5, 0, 7, 1, 3, 2],
  unicode: [0.40271232049515027],
};
