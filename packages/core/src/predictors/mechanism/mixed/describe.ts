import type { PredictorDescription } from "../../predictor.js";
import { readMixed } from "./parameters.js";

/** What a stream of mode 4 says about itself, for `inspect`. Its operators are learned again by whoever decodes it. */
export function describeMixed(side: Uint8Array, size: number): PredictorDescription {
  const { usual, lags, phases, shift, repeats, fill, lattices } = readMixed(side, size);
  const facts: Record<string, string | number> = { neighbours: usual + lags.length };
  if (phases > 1) facts.phases = phases;
  if (lags.length > 0) facts.far = lags.join(", ");
  if (shift > 0) facts["zero bits"] = shift;
  if (fill) {
    const view = new DataView(fill.buffer, fill.byteOffset, fill.length);
    facts.masked = String(size === 4 ? view.getFloat32(0, true) : view.getFloat64(0, true));
  }
  const first = lattices?.find((lattice) => lattice !== undefined);
  if (first) {
    facts.lattice =
      "step" in first ? `${first.offset} + k * ${first.step}` : `k / ${first.divisor}`;
  }
  if (repeats) facts.copies = "of earlier values";
  return { mode: "mixed", details: facts };
}
