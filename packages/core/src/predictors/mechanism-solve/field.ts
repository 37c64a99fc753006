import type { FloatArray } from "../../array/data-type.js";

/**
 * The values as a field that an operator can be learned from: what is masked or not finite becomes a
 * straight line, in C order, between the values around it.
 */
export function fieldOf(values: FloatArray, mask: Uint8Array | undefined): Float64Array {
  const field = Float64Array.from(values);
  if (mask) for (let i = 0; i < mask.length; i++) if (mask[i]) field[i] = Number.NaN;
  for (let at = 0; at < field.length; at++) {
    if (field[at] - field[at] === 0) continue;
    const from = at;
    while (at < field.length && field[at] - field[at] !== 0) at++;
    const before = from > 0 ? field[from - 1] : (field[at] ?? 0);
    const after = at < field.length ? field[at] : before;
    for (let k = from; k < at; k++)
      field[k] = before + ((after - before) / (at - from + 1)) * (k - from + 1);
  }
  return field;
}
