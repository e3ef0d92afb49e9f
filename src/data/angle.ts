/**
 * Sine and cosine with the same bits on every engine, for made-up data: `Math.sin` and `Math.cos` are not fixed by
 * any standard and changed between versions of V8. Within about 1e-16 for the few turns that the data sets need.
 */

/** pi/2 in two parts; a multiple of the first is exact for small multiples. */
const HALF_PI_HIGH = 1.5707963267341256;
const HALF_PI_LOW = 6.077100506506192e-11;

export const sin = (x: number): number => turned(x, 0);
export const cos = (x: number): number => turned(x, 1);

/** sin(x + quarters * pi/2), by taking x into [-pi/4, pi/4] and a polynomial there (those of fdlibm). */
function turned(x: number, quarters: number): number {
  const k = Math.round((x * 2) / Math.PI);
  const r = x - k * HALF_PI_HIGH - k * HALF_PI_LOW;
  const z = r * r;
  const quadrant = (k + quarters) & 3;
  const value = quadrant & 1 ? cosine(z) : sine(r, z);
  return quadrant & 2 ? -value : value;
}

function sine(r: number, z: number): number {
  const tail =
    0.00833333333332249 +
    z *
      (-0.0001984126982985795 +
        z * (0.0000027557313707070068 + z * (-2.5050760253406863e-8 + z * 1.58969099521155e-10)));
  return r + r * z * (-0.16666666666666632 + z * tail);
}

function cosine(z: number): number {
  const tail =
    0.0416666666666666 +
    z *
      (-0.001388888888887411 +
        z *
          (0.00002480158728947673 +
            z * (-2.7557314351390663e-7 + z * (2.087572321298175e-9 + z * -1.1359647557788195e-11))));
  return 1 - (0.5 * z - z * z * tail);
}
