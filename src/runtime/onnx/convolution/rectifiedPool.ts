import { isZero, positivePart } from '../../uniform';
import type { Value } from '../../value';
import type { Lowering } from '../lowering';
import { maxPoolGradientOf, type PoolGradient } from './poolRecognize';

/**
 * `z` when `image` is relu(z) and only windows look at it: pool(relu(z)) = relu(pool(z)), which is the smaller tensor
 * of the two.
 */
export function reluUnderPool(image: Value, l: Lowering): Value | undefined {
  if (image.op !== 'relu' || image.fed || l.isGiven(image)) return undefined;
  return l.readersOf(image).every(reader => reader?.op === 'window') ? image.inputs[0] : undefined;
}

/**
 * relu's gradient after that of a max pool over relu(z). Where a window's largest z is above 0, it is where relu(z) is
 * largest too, and first at the same place; where it is not, relu is off in all of the window.
 */
export function rectifiedPoolGradientOf(
  value: Value,
  l: Lowering,
): { readonly z: Value; readonly pool: PoolGradient } | undefined {
  if (value.op !== 'where' || value.fed) return undefined;
  const [on, sum, zero] = value.inputs as [Value, Value, Value];
  const z = positivePart(on);
  if (!z || !isZero(zero) || !l.readOnce(sum) || l.isGiven(sum)) return undefined;
  const pool = maxPoolGradientOf(sum);
  if (pool?.image.op !== 'relu' || pool.image.fed || pool.image.inputs[0] !== z) return undefined;
  return { z, pool };
}
