import { highHalf, joined, lowHalf } from './parts/halves';
import { choose, splat } from './parts/lanes';

/**
 * Below it the quotient of two floats, taken in doubles, lies on the right side of every whole number, and its floor
 * times the divisor is exact.
 */
const LIMIT: f32 = 536870912; // 2^29

/** The floored quotient. */
export function floor_divide(a: v128, b: v128): v128 {
  const quotient = joined(flooredHalf(lowHalf(a), lowHalf(b)), flooredHalf(highHalf(a), highHalf(b)));
  const exact = isExact(quotient, b);
  if (i32x4.all_true(exact)) return quotient;
  const other = f32x4(
    flooredQuotient(f32x4.extract_lane(a, 0), f32x4.extract_lane(b, 0)),
    flooredQuotient(f32x4.extract_lane(a, 1), f32x4.extract_lane(b, 1)),
    flooredQuotient(f32x4.extract_lane(a, 2), f32x4.extract_lane(b, 2)),
    flooredQuotient(f32x4.extract_lane(a, 3), f32x4.extract_lane(b, 3)),
  );
  return choose(exact, quotient, other);
}

/** a - b floor(a / b): what is left, with the sign of the divisor. */
export function modulo(a: v128, b: v128): v128 {
  const low = flooredHalf(lowHalf(a), lowHalf(b));
  const high = flooredHalf(highHalf(a), highHalf(b));
  const rest = joined(
    f64x2.sub(lowHalf(a), f64x2.mul(low, lowHalf(b))),
    f64x2.sub(highHalf(a), f64x2.mul(high, highHalf(b))),
  );
  const exact = isExact(joined(low, high), b);
  if (i32x4.all_true(exact)) return rest;
  const other = f32x4(
    flooredRest(f32x4.extract_lane(a, 0), f32x4.extract_lane(b, 0)),
    flooredRest(f32x4.extract_lane(a, 1), f32x4.extract_lane(b, 1)),
    flooredRest(f32x4.extract_lane(a, 2), f32x4.extract_lane(b, 2)),
    flooredRest(f32x4.extract_lane(a, 3), f32x4.extract_lane(b, 3)),
  );
  return choose(exact, rest, other);
}

function flooredHalf(a: v128, b: v128): v128 {
  return f64x2.floor(f64x2.div(a, b));
}

function isExact(quotient: v128, b: v128): v128 {
  const small = f32x4.lt(f32x4.abs(quotient), splat(LIMIT));
  return v128.and(small, f32x4.lt(f32x4.abs(b), splat(Infinity)));
}

/** As `modulo` and `floorDivide` of src/ops/scalar.ts. */
function flooredRest(a: f32, b: f32): f32 {
  return <f32>restOf(a, b);
}

function restOf(a: f64, b: f64): f64 {
  const rest = a % b;
  return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest;
}

function flooredQuotient(a: f32, b: f32): f32 {
  if (b === 0) return a / b;
  const quotient = (<f64>a - restOf(a, b)) / b;
  const below = Math.floor(quotient);
  return <f32>(quotient - below > 0.5 ? below + 1 : below);
}
