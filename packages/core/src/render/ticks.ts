/** Whole multiples of 1, 2 or 5 times a power of ten inside `low` to `high`, about `count` of them. */
export function linearTicks(low: number, high: number, count = 5): number[] {
  const span = high - low;
  if (!(span > 0) || !Number.isFinite(span)) return [low];
  const rough = span / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const mantissa = rough / power;
  const step = power * (mantissa < 1.5 ? 1 : mantissa < 3.5 ? 2 : mantissa < 7.5 ? 5 : 10);
  const ticks: number[] = [];
  // Counted and not added up: rounding must not lose the last one, nor repeat the first for ever.
  const first = Math.ceil(low / step - 1e-9);
  for (let k = 0; k <= 2 * count + 2; k++) {
    const tick = (first + k) * step;
    if (tick > high + step * 1e-9) break;
    ticks.push(Number(tick.toPrecision(12)));
  }
  return ticks;
}

/** Ticks for a logarithmic axis: the coarsest steps that give at least four. */
export function logarithmicTicks(low: number, high: number): number[] {
  const steps = [
    [1],
    [1, 3],
    [1, 2, 5],
    [1, 1.5, 2, 3, 5, 7],
    [1, 1.2, 1.4, 1.6, 1.8, 2, 2.5, 3, 3.5, 4, 5, 6, 7, 8, 9],
  ];
  for (const mantissas of steps) {
    const ticks: number[] = [];
    for (let e = Math.floor(Math.log10(low)); e <= Math.ceil(Math.log10(high)); e++) {
      for (const mantissa of mantissas) ticks.push(Number((mantissa * 10 ** e).toPrecision(3)));
    }
    const inside = ticks.filter((tick) => tick >= low && tick <= high);
    if (inside.length >= 4) return inside;
  }
  return linearTicks(low, high, 6);
}

/** `0.25`, `1200`, `3e-7`: four significant digits at most. */
export function tickLabel(value: number): string {
  if (value === 0) return "0";
  const size = Math.abs(value);
  return size >= 1e5 || size < 1e-3
    ? value
        .toExponential(2)
        .replace(/\.?0+e/, "e")
        .replace("e+", "e")
    : String(Number(value.toPrecision(6)));
}
