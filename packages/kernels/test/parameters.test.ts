import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type CodedArray, decodeParameters, encodeParameters } from "../src/parameters/index.js";

describe("network parameters", () => {
  const arrays: CodedArray[] = [
    { role: "grid", shape: [3, 4, 5, 2], format: "integer" },
    { role: "frequencies", shape: [5, 3], format: "float32" },
    { role: "phases", shape: [5], format: "float16" },
    { role: "weights", shape: [6, 7], format: "integer" },
    { role: "bias", shape: [7], format: "float32" },
  ];
  const symbols = (count: number) => fc.int16Array({ minLength: count, maxLength: count });
  const floats = (count: number) =>
    fc.float32Array({ minLength: count, maxLength: count, noNaN: true });

  test("come back", () => {
    fc.assert(
      fc.property(symbols(120), floats(15), symbols(42), floats(7), (a, b, c, d) => {
        const halfs = Float32Array.from([1, -0.5, 0, -0, 2048]);
        const values = [a, b, halfs, c, d];
        const code = encodeParameters(arrays, values);
        expect(decodeParameters(code, arrays)).toEqual(values);
        expect(decodeParameters(code.subarray(0, -1), arrays)).toBeUndefined();
      }),
      { numRuns: 50 },
    );
  });
});
