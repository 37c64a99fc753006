/**
 * Sine and cosine of a fraction of a turn, from + - * / alone, so that every engine gives the same
 * bits. The fraction is reduced to an eighth of a turn in integers; what is left goes through the
 * polynomials of fdlibm (Sun Microsystems, 1993). Error: below 2 units in the last place.
 */

/** What `sineCosine` found. */
export let sine: f64 = 0;
export let cosine: f64 = 0;

/** Sets `sine` and `cosine` to those of 2 pi k / n; 8 k and 8 n are below 2^63. */
export function sineCosine(k: u64, n: u64): void {
  k %= n;
  const octant = (8 * k) / n;
  const rest = 8 * k - octant * n;
  // In odd octants the angle is counted back from the next quarter.
  const odd = (octant & 1) != 0;
  const x = <f64>(odd ? n - rest : rest) / <f64>n * 0.7853981633974483;
  const z = x * x;
  const s = x + x * z * (-0.16666666666666632 + z * (0.00833333333332249 + z * (-0.0001984126982985795 +
    z * (2.7557313707070068e-6 + z * (-2.5050760253406863e-8 + z * 1.58969099521155e-10)))));
  const r = z * (0.0416666666666666 + z * (-0.001388888888887411 + z * (2.480158728947673e-5 +
    z * (-2.7557314351390663e-7 + z * (2.087572321298175e-9 + z * -1.1359647557788195e-11)))));
  const c = 1.0 - (0.5 * z - z * r);
  const quarter = ((octant + 1) >> 1) & 3;
  const signed = odd ? -s : s;
  if (quarter == 0) {
    sine = signed;
    cosine = c;
  } else if (quarter == 1) {
    sine = c;
    cosine = -signed;
  } else if (quarter == 2) {
    sine = -signed;
    cosine = -c;
  } else {
    sine = -c;
    cosine = signed;
  }
}
