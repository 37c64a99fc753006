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
  const x = <f64>(odd ? n - rest : rest) / <f64>n * 0.78539816339744830962;
  const z = x * x;
  const s = x + x * z * (-1.66666666666666324348e-1 + z * (8.33333333332248946124e-3 + z * (-1.98412698298579493134e-4 +
    z * (2.75573137070700676789e-6 + z * (-2.50507602534068634195e-8 + z * 1.58969099521155010221e-10)))));
  const r = z * (4.16666666666666019037e-2 + z * (-1.38888888888741095749e-3 + z * (2.48015872894767294178e-5 +
    z * (-2.75573143513906633035e-7 + z * (2.08757232129817482790e-9 + z * -1.13596475577881948265e-11)))));
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
