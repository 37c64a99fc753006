import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compileEmbedded, instantiate } from "../src/instance.js";
import { countOfArray } from "../src/network/index.js";
import {
  type CodedArray,
  type CodedValues,
  decodeParameters,
  encodeParameters,
  estimateParameterBytes,
  type ParameterExports,
} from "../src/parameters/index.js";
import { parametersModule } from "../src/parameters/modules.generated.js";
import { decodeParametersReference, encodeParametersReference } from "../src/reference.js";

/** Coded parameters: kernel and reference agree to the bit, everything comes back, hostile codes end. */

const contents = ["smooth", "noise", "few", "awkward", "zero"] as const;
interface Case {
  readonly array: CodedArray;
  readonly content: (typeof contents)[number];
  readonly seed: number;
}

const small = (most: number) => fc.integer({ min: 1, max: most });
const formats = fc.constantFrom(
  "integer" as const,
  "integer" as const,
  "float32" as const,
  "float16" as const,
);
const arrays: fc.Arbitrary<CodedArray> = fc.oneof(
  fc.record({
    role: fc.constant("grid" as const),
    shape: fc
      .tuple(fc.array(small(7), { minLength: 1, maxLength: 4 }), small(5))
      .map(([nodes, features]) => [...nodes, features]),
    format: formats,
  }),
  fc.record({
    role: fc.constantFrom("weights" as const, "frequencies" as const),
    shape: fc.tuple(small(12), small(80)),
    format: formats,
  }),
  fc.record({
    role: fc.constantFrom("bias" as const, "phases" as const),
    shape: fc.tuple(small(40)),
    format: formats,
  }),
);
const cases: fc.Arbitrary<Case[]> = fc.array(
  fc.record({ array: arrays, content: fc.constantFrom(...contents), seed: fc.nat() }),
  { maxLength: 5 },
);

/** Numbers from 0 to 1. */
function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function valuesOf({ array, content, seed }: Case): CodedValues {
  const next = random(seed);
  const count = countOfArray(array);
  const features = array.shape.at(-1)!;
  const extremes = [0, -0, 32767, -32768, 1, -1, Number.NaN, Number.POSITIVE_INFINITY, 1e-40];
  const value = {
    smooth: (i: number) =>
      60 * Math.sin(Math.floor(i / features) / 3 + (i % features)) + 3 * next(),
    noise: () => 254 * next() - 127,
    few: () => (next() < 0.9 ? 0 : 2 * next() - 1),
    awkward: () => extremes[Math.floor(next() * extremes.length)],
    zero: () => 0,
  }[content];
  const numbers = Float32Array.from({ length: count }, (_, i) => value(i));
  if (array.format === "integer") return Int16Array.from(numbers, (v) => Math.round(v));
  const bits = new Uint32Array(numbers.buffer);
  if (array.format === "float16") for (let i = 0; i < count; i++) bits[i] = bits[i] & ~8191;
  return numbers;
}

function bytesOf(values: readonly CodedValues[]): Uint8Array[] {
  return values.map(
    ({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength),
  );
}

describe("network parameters", () => {
  test("kernel and reference give the same code, and every bit back", () => {
    fc.assert(
      fc.property(cases, (list) => {
        const described = list.map(({ array }) => array);
        const values = list.map(valuesOf);
        const code = encodeParameters(described, values);
        expect(code).toEqual(encodeParametersReference(described, values));
        expect(bytesOf(decodeParameters(code, described)!)).toEqual(bytesOf(values));
        expect(bytesOf(decodeParametersReference(code, described))).toEqual(bytesOf(values));
      }),
      { numRuns: 40 },
    );
  });

  test("rows that are solved many times over stay in step with the reference", () => {
    const array: CodedArray = { role: "grid", shape: [5, 9, 40, 2], format: "integer" };
    for (const content of ["smooth", "awkward"] as const) {
      const values = [valuesOf({ array, content, seed: 1 })];
      const code = encodeParameters([array], values);
      expect(code).toEqual(encodeParametersReference([array], values));
      expect(decodeParameters(code, [array])).toEqual(values);
    }
  });

  test("damaged codes end, and most are noticed", () => {
    fc.assert(
      fc.property(cases, fc.uint8Array({ minLength: 1, maxLength: 40 }), (list, noise) => {
        const described = list.map(({ array }) => array);
        decodeParameters(noise, described);
        const code = encodeParameters(described, list.map(valuesOf));
        expect(decodeParameters(code.subarray(0, -1), described)).toBeUndefined();
        expect(decodeParameters(Uint8Array.of(...code, 0), described)).toBeUndefined();
        decodeParameters(
          code.map((byte, k) => byte ^ noise[k % noise.length]),
          described,
        );
      }),
      { numRuns: 25 },
    );
  });

  test("a decoder writes nothing beside its arrays and its scratch", () => {
    const kernel = instantiate<ParameterExports>(compileEmbedded(parametersModule));
    const table = kernel.heap();
    const at = table + 64;
    const shape = [3, 4, 5, 6, 2];
    const count = 720;
    const entry = [0, 0, 5, ...shape, at];
    new Uint32Array(kernel.memory.buffer, table, entry.length).set(entry);
    const scratch = at + 2048;
    const end = scratch + kernel.parametersScratch(table, 1);
    kernel.memory.grow(Math.ceil((end + 1000 - kernel.memory.buffer.byteLength) / 65536));
    const memory = new Uint8Array(kernel.memory.buffer);
    const next = random(9);
    for (let round = 0; round < 20; round++) {
      memory.fill(171, at + 2 * count, scratch);
      for (let k = 0; k < 900; k++) memory[end + k] = k < 400 ? 171 : 256 * next();
      kernel.decodeParameters(table, 1, scratch, end + 400, 500);
      expect(memory.subarray(at + 2 * count, scratch).every((byte) => byte === 171)).toBe(true);
      expect(memory.subarray(end, end + 400).every((byte) => byte === 171)).toBe(true);
    }
  });

  test("smooth grids take far less than their order-0 entropy", () => {
    const array: CodedArray = { role: "grid", shape: [12, 14, 16, 4], format: "integer" };
    const values = valuesOf({ array, content: "smooth", seed: 3 }) as Int16Array;
    const bytes = encodeParameters([array], [values]).length;
    expect(bytes).toBeLessThan(0.6 * entropyBytes(values));
  });

  test("estimates are within 3 % of grids like those of trained networks", () => {
    const next = random(5);
    const shape = [20, 24, 28, 8];
    const arrays: CodedArray[] = [
      { role: "grid", shape, format: "integer" },
      { role: "weights", shape: [64, 64], format: "integer" },
      { role: "bias", shape: [64], format: "float16" },
    ];
    for (const strength of [4, 30]) {
      const symbols = new Int16Array(countOfArray(arrays[0]));
      symbols.forEach((_, i) => {
        const [f, x, y, z] = [i % 8, (i >> 3) % 28, Math.floor(i / 224) % 24, Math.floor(i / 5376)];
        const wave = Math.sin(x / 5 + f) + Math.sin(y / 4 - z / 3 + 2 * f);
        symbols[i] = Math.round(strength * (wave + (next() - 0.5) * (x > 14 ? 1 : 0.2)));
      });
      const weights = Int16Array.from({ length: 4096 }, () =>
        Math.round(120 * (next() + next() - 1)),
      );
      const values = [symbols, weights, new Float32Array(64)];
      const real = encodeParameters(arrays, values).length;
      expect(Math.abs(estimateParameterBytes(arrays, values) / real - 1)).toBeLessThan(0.03);
    }
  });

  test("values that do not fit their arrays are refused", () => {
    const array: CodedArray = { role: "bias", shape: [4], format: "integer" };
    expect(() => encodeParameters([array], [new Int16Array(3)])).toThrow(RangeError);
    expect(() => encodeParameters([array], [new Float32Array(4)])).toThrow(RangeError);
  });
});

function entropyBytes(symbols: Int16Array): number {
  const counts = new Map<number, number>();
  for (const symbol of symbols) counts.set(symbol, (counts.get(symbol) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= count * Math.log2(count / symbols.length);
  return bits / 8;
}
