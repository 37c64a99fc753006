import { type ShareCoder, ShareDecoder, ShareEncoder } from "../mixing/reference/coder.js";
import { countOfArray } from "../network/shape.js";
import type { CodedArray, CodedValues } from "./index.js";
import { type Expectation, expectGrid, expectOthers } from "./reference/expectation.js";
import { FloatsReference } from "./reference/floats.js";
import { SymbolReference } from "./reference/symbol.js";

/** Coding of network parameters in plain loops: the truth that `parameters/kernel.ts` is held to. */

export function encodeParametersReference(
  arrays: readonly CodedArray[],
  values: readonly CodedValues[],
): Uint8Array {
  const coder = new ShareEncoder();
  code(
    coder,
    arrays,
    values.map((own) => own.slice()),
  );
  return coder.finish();
}

/** Throws where the code is damaged. */
export function decodeParametersReference(
  bytes: Uint8Array,
  arrays: readonly CodedArray[],
): CodedValues[] {
  const coder = new ShareDecoder(bytes);
  const values = arrays.map((array) =>
    array.format === "integer"
      ? new Int16Array(countOfArray(array))
      : new Float32Array(countOfArray(array)),
  );
  code(coder, arrays, values);
  coder.finish();
  return values;
}

/** Codes all arrays; a decoder fills `values` in. */
function code(
  coder: ShareCoder,
  arrays: readonly CodedArray[],
  values: readonly CodedValues[],
): void {
  const ofGrids = new SymbolReference(coder);
  const ofOthers = new SymbolReference(coder);
  const floats = new FloatsReference(coder);
  arrays.forEach((array, k) => {
    const own = values[k];
    if (own instanceof Float32Array) {
      floats.codeArray(own, array.shape.at(-1)!, array.format === "float16" ? 7 : 20);
    } else if (array.role === "grid") {
      codeSymbols(ofGrids, own, array, expectGrid(own, array.shape));
    } else {
      codeSymbols(ofOthers, own, array, expectOthers(array.shape));
    }
  });
}

function codeSymbols(
  symbols: SymbolReference,
  values: Int16Array,
  { shape }: CodedArray,
  expectation: Expectation,
): void {
  const features = shape.at(-1)!;
  const means = new Float64Array(features).fill(1);
  const errors = new Float32Array(values.length);
  for (let i = 0, node = 0; i < values.length; node++) {
    const rate = Math.max(1 / 64, 1 / (node + 3));
    let met = 0;
    let expected = 0;
    for (let f = 0; f < features; f++, i++) {
      const { predicted, near, sides } = expectation.at(node, f, means[f], errors);
      const ratio = (met + 0.5) / (expected + 0.5);
      const likely = near * (expectation.rooted ? Math.sqrt(ratio) : ratio);
      const place = Math.min(f, 63);
      values[i] = symbols.code(values[i], { predicted, near, likely, place, sides });
      errors[i] = values[i] - predicted;
      const size = Math.abs(errors[i]);
      means[f] += (size - means[f]) * rate;
      met += size;
      expected += near;
      expectation.learn(f, values[i]);
    }
  }
}
