import { splat, step } from './parts/lanes';

export function tanh(x: v128): v128 {
  const bounded = f32x4.pmax(f32x4.pmin(x, splat(7.9053111)), splat(-7.9053111));
  const s = f32x4.mul(bounded, bounded);
  let p = step(splat(-2.76076847742355e-16), s, 2.00018790482477e-13);
  p = step(p, s, -8.60467152213735e-11);
  p = step(p, s, 5.12229709037114e-8);
  p = step(p, s, 1.48572235717979e-5);
  p = step(p, s, 6.37261928875436e-4);
  p = step(p, s, 4.89352455891786e-3);
  let q = step(splat(1.19825839466702e-6), s, 1.18534705686654e-4);
  q = step(q, s, 2.268434632439e-3);
  q = step(q, s, 4.89352518554385e-3);
  return f32x4.mul(bounded, f32x4.div(p, q));
}
