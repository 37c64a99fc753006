/** See `kernel.ts`: the same operations, each rounded to single precision. */
const f = Math.fround;

export function quantiseReference(value: number, step: number, limit: number): number {
  const place = f(f(value) / f(step));
  return f(Math.min(Math.max(nearestEven(place), -limit), limit) * f(step));
}

export function halveReference(value: number): number {
  const x = Math.min(Math.max(f(value), -65504), 65504);
  if (Math.abs(x) < 2 ** -14) return f(nearestEven(f(x * 2 ** 24)) * 2 ** -24);
  const wide = f(x * 8193);
  return Math.min(Math.max(f(wide - f(wide - x)), -65504), 65504);
}

/** To the nearest whole number, ties to the even one. */
function nearestEven(x: number): number {
  const below = Math.floor(x);
  const rest = x - below;
  if (rest !== 0.5) return rest < 0.5 ? below : below + 1;
  return below % 2 === 0 ? below : below + 1;
}
