/**
 * Random numbers that repeat: Threefry-2x32-20 (Salmon, Moraes, Dror and Shaw, "Parallel random
 * numbers: as easy as 1, 2, 3", 2011), a counter-based generator. There is no state to carry along: a number is a
 * pure function of the seed, the path of who asks (`h.W`, `epoch-order`), the step, and how many numbers of that
 * stream came before. A mask or a start value can therefore be recomputed anywhere, in any order, on resume too.
 *
 * The same bits come out on every machine and JavaScript engine: apart from 32-bit integer work only `+ - * /`
 * and `Math.sqrt` are used, which IEEE 754 fixes to the last bit. `Math.sin`, `Math.cos` and `Math.log` are not
 * used, because engines differ in their last bit and did change it between versions.
 */

const PARITY = 0x1bd11bda;
const TWO_32 = 2 ** 32;

/** One block of the cipher: two words of key, two of counter, two of output (written to `out`). */
export function threefry2x32(
  key0: number,
  key1: number,
  counter0: number,
  counter1: number,
  out: Uint32Array,
): void {
  const key2 = PARITY ^ key0 ^ key1;
  let x0 = (counter0 + key0) | 0;
  let x1 = (counter1 + key1) | 0;
  // Twenty rounds: the rotations alternate between two groups of four, a key is injected after each group.
  for (let group = 0; group < 5; group++) {
    const even = (group & 1) === 0;
    x0 = (x0 + x1) | 0;
    x1 = even ? (x1 << 13) | (x1 >>> 19) : (x1 << 17) | (x1 >>> 15);
    x1 ^= x0;
    x0 = (x0 + x1) | 0;
    x1 = even ? (x1 << 15) | (x1 >>> 17) : (x1 << 29) | (x1 >>> 3);
    x1 ^= x0;
    x0 = (x0 + x1) | 0;
    x1 = even ? (x1 << 26) | (x1 >>> 6) : (x1 << 16) | (x1 >>> 16);
    x1 ^= x0;
    x0 = (x0 + x1) | 0;
    x1 = even ? (x1 << 6) | (x1 >>> 26) : (x1 << 24) | (x1 >>> 8);
    x1 ^= x0;
    const next = (group + 1) % 3;
    const afterNext = (group + 2) % 3;
    x0 = (x0 + (next === 0 ? key0 : next === 1 ? key1 : key2)) | 0;
    x1 = (x1 + (afterNext === 0 ? key0 : afterNext === 1 ? key1 : key2) + group + 1) | 0;
  }
  out[0] = x0;
  out[1] = x1;
}

/**
 * The stream of `(seed, path, step)`.
 *
 * The key of a stream starts as the seed (low and high 32 bits); each eight bytes of the path's UTF-8 text, read as
 * two little-endian words, are then encrypted under it and become the next key, and a last block holds the length in
 * bytes and the number 1. The counter of block `i` is `(i, step)`. This is part of the file format in effect: a change
 * gives every model other start values.
 *
 * @param seed any whole number up to 2^53 in size
 * @param path who asks; different paths give independent streams
 * @param step a whole number from 0 to 2^32 - 1
 */
export function randomStream(seed: number, path: string, step = 0): RandomStream {
  if (!Number.isSafeInteger(seed)) throw new RangeError(`A seed must be a whole number, not ${seed}.`);
  if (!Number.isInteger(step) || step < 0 || step >= TWO_32) {
    throw new RangeError(
      `The step of a random stream must be a whole number from 0 to 2^32 - 1, not ${step}.`,
    );
  }
  const bytes = new TextEncoder().encode(path);
  const key = new Uint32Array([seed >>> 0, Math.floor(seed / TWO_32) >>> 0]);
  for (let at = 0; at < bytes.length; at += 8) {
    threefry2x32(key[0]!, key[1]!, word(bytes, at), word(bytes, at + 4), key);
  }
  threefry2x32(key[0]!, key[1]!, bytes.length, 1, key);
  return new RandomStream(key[0]!, key[1]!, step);
}

/** Four bytes as a little-endian word; bytes past the end are 0. */
function word(bytes: Uint8Array, at: number): number {
  const byte = (offset: number): number => bytes[at + offset] ?? 0;
  return byte(0) | (byte(1) << 8) | (byte(2) << 16) | (byte(3) << 24);
}

/** Numbers of one stream, in order. Two streams of the same arguments give the same numbers. */
export class RandomStream {
  private block = 0;
  private readonly bits = new Uint32Array(2);
  /** The second half of a pair of normal numbers, kept for the next call. */
  private spare: number | undefined;

  constructor(
    private readonly key0: number,
    private readonly key1: number,
    private readonly step: number,
  ) {}

  /** A number in [0, 1): a multiple of 2^-53. */
  uniform(): number {
    this.draw();
    return ((this.bits[0]! >>> 5) * 67108864 + (this.bits[1]! >>> 6)) / 9007199254740992;
  }

  /** A standard normal number, by the polar form of the Box-Muller transform. */
  normal(): number {
    if (this.spare !== undefined) {
      const value = this.spare;
      this.spare = undefined;
      return value;
    }
    for (;;) {
      const u = 2 * this.uniform() - 1;
      const v = 2 * this.uniform() - 1;
      const q = u * u + v * v;
      if (q === 0 || q >= 1) continue;
      const scale = Math.sqrt((-2 * logarithm(q)) / q);
      this.spare = v * scale;
      return u * scale;
    }
  }

  /** A whole number from 0 to `n` - 1, each equally likely; `n` from 1 to 2^32. */
  int(n: number): number {
    if (!Number.isInteger(n) || n < 1 || n > TWO_32) {
      throw new RangeError(`The bound of a random whole number must be from 1 to 2^32, not ${n}.`);
    }
    // The largest multiple of n: what lies above would favour the small remainders, and is drawn again.
    const limit = TWO_32 - (TWO_32 % n);
    for (;;) {
      this.draw();
      const bits = this.bits[0]!;
      if (bits < limit) return bits % n;
    }
  }

  /** The numbers 0 to `n` - 1 in random order (Fisher-Yates). */
  permutation(n: number): Int32Array {
    const order = new Int32Array(n);
    for (let i = 0; i < n; i++) order[i] = i;
    return this.shuffle(order);
  }

  /** Puts `values` into random order, in place. */
  shuffle(values: Int32Array): Int32Array {
    for (let i = values.length - 1; i > 0; i--) {
      const j = this.int(i + 1);
      const value = values[i]!;
      values[i] = values[j]!;
      values[j] = value;
    }
    return values;
  }

  /** Fills with numbers in [low, high). */
  fillUniform(out: Float64Array, low = 0, high = 1): Float64Array {
    for (let i = 0; i < out.length; i++) out[i] = low + (high - low) * this.uniform();
    return out;
  }

  /** Fills with normal numbers of the given mean and standard deviation. */
  fillNormal(out: Float64Array, mean = 0, deviation = 1): Float64Array {
    for (let i = 0; i < out.length; i++) out[i] = mean + deviation * this.normal();
    return out;
  }

  private draw(): void {
    if (this.block >= TWO_32) throw new RangeError('A random stream holds at most 2^32 numbers.');
    threefry2x32(this.key0, this.key1, this.block++, this.step, this.bits);
  }
}

const SQRT_HALF = Math.SQRT1_2;
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;

/**
 * The natural logarithm of `x` in (0, 1), within one unit in the last place: x = 2^k m with m near 1, and with
 * s = (m - 1) / (m + 1), log m = 2s + 2/3 s^3 + 2/5 s^5 + ..., whose tail is a minimax polynomial (as in fdlibm).
 */
function logarithm(x: number): number {
  let m = x;
  let k = 0;
  while (m < SQRT_HALF) {
    m *= 2;
    k--;
  }
  const f = m - 1;
  const s = f / (2 + f);
  const z = s * s;
  const w = z * z;
  const odd = w * (0.3999999999940942 + w * (0.22222198432149784 + w * 0.15313837699209373));
  const even =
    z * (0.6666666666666735 + w * (0.2857142874366239 + w * (0.1818357216161805 + w * 0.14798198605116586)));
  const half = 0.5 * f * f;
  return k * LN2_HIGH - (half - (s * (half + odd + even) + k * LN2_LOW) - f);
}
