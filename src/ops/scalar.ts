/**
 * Scalar functions that `Math` does not have, under the names that the `scalar` expressions of the ops call them by.
 * Accurate to a few units in the last place of a 64-bit float.
 */
export const scalarHelpers = {
  erf,
  roundEven,
  modulo,
  floorDivide,
  power,
  sigmoid,
  softplus,
  elu,
  xlogy,
} satisfies Record<string, (...operands: number[]) => number>;

export type ScalarHelper = keyof typeof scalarHelpers;

export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/** log(1 + e^x), without overflow. */
export function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

export function elu(x: number, alpha: number): number {
  return x > 0 ? x : alpha * Math.expm1(x);
}

/** p log q, and 0 where p is 0 (unless q is NaN). */
export function xlogy(p: number, q: number): number {
  return p === 0 && !Number.isNaN(q) ? 0 : p * Math.log(q);
}

/** To the nearest whole number, halves to the even one. */
export function roundEven(x: number): number {
  const below = Math.floor(x);
  const rest = x - below;
  if (rest < 0.5) return below;
  if (rest > 0.5) return below + 1;
  return below % 2 === 0 ? below : below + 1;
}

/** The remainder with the sign of the divisor, as in Python. */
export function modulo(a: number, b: number): number {
  const remainder = a % b;
  return remainder !== 0 && remainder < 0 !== b < 0 ? remainder + b : remainder;
}

/** The floored quotient that fits `modulo`: `1 // 0.1` is 9, since 0.1 is a little more than a tenth. */
export function floorDivide(a: number, b: number): number {
  if (b === 0) return a / b;
  const quotient = (a - modulo(a, b)) / b;
  const below = Math.floor(quotient);
  return quotient - below > 0.5 ? below + 1 : below;
}

/** IEEE's power, where 1 to the infinity is 1; JavaScript's is NaN. */
export function power(x: number, p: number): number {
  const y = x ** p;
  if (!Number.isNaN(y)) return y;
  return x === 1 || (x === -1 && Math.abs(p) === Infinity) ? 1 : y;
}

/**
 * The error function, by the rational approximations of fdlibm (Sun Microsystems, 1993; freely usable): one for
 * each of |x| < 0.84375, < 1.25, < 1/0.35, < 6.
 */
export function erf(x: number): number {
  if (Number.isNaN(x)) return x;
  const size = Math.abs(x);
  if (size < 0.84375) {
    if (size < 2 ** -28) return x + EFX * x;
    const z = x * x;
    return x + x * (polynomial(z, PP) / polynomial(z, QQ));
  }
  const sign = x < 0 ? -1 : 1;
  if (size < 1.25) {
    const s = size - 1;
    return sign * (ERX + polynomial(s, PA) / polynomial(s, QA));
  }
  if (size >= 6) return sign;
  const s = 1 / (size * size);
  const ratio =
    size < 1 / 0.35 ? polynomial(s, RA) / polynomial(s, SA) : polynomial(s, RB) / polynomial(s, SB);
  // exp(-x^2) in two factors, the first with an exact square.
  const z = Math.fround(size);
  const tail = Math.exp(-z * z - 0.5625) * Math.exp((z - size) * (z + size) + ratio);
  return sign * (1 - tail / size);
}

function polynomial(x: number, coefficients: readonly number[]): number {
  let sum = 0;
  for (let i = coefficients.length - 1; i >= 0; i--) sum = sum * x + coefficients[i]!;
  return sum;
}

const EFX = 0.1283791670955126;
const ERX = 0.8450629115104675;
const PP = [
  0.12837916709551256, -0.3250421072470015, -0.02848174957559851, -0.005770270296489442,
  -2.3763016656650163e-5,
];
const QQ = [
  1, 0.39791722395915535, 0.0650222499887673, 0.005081306281875766, 0.00013249473800432164,
  -3.960228278775368e-6,
];
const PA = [
  -0.0023621185607526594, 0.41485611868374833, -0.3722078760357013, 0.31834661990116175, -0.11089469428239668,
  0.035478304325618236, -0.002166375594868791,
];
const QA = [
  1, 0.10642088040084423, 0.540397917702171, 0.07182865441419627, 0.12617121980876164, 0.01363708391202905,
  0.011984499846799107,
];
const RA = [
  -0.009864944034847148, -0.6938585727071818, -10.558626225323291, -62.375332450326006, -162.39666946257347,
  -184.60509290671104, -81.2874355063066, -9.814329344169145,
];
const SA = [
  1, 19.651271667439257, 137.65775414351904, 434.56587747522923, 645.3872717332679, 429.00814002756783,
  108.63500554177944, 6.570249770319282, -0.0604244152148581,
];
const RB = [
  -0.0098649429247001, -0.799283237680523, -17.757954917754752, -160.63638485582192, -637.5664433683896,
  -1025.0951316110772, -483.5191916086514,
];
const SB = [
  1, 30.33806074348246, 325.7925129965739, 1536.729586084437, 3199.8582195085955, 2553.0504064331644,
  474.52854120695537, -22.44095244658582,
];
