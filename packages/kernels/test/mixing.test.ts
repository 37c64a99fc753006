import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createEncoder, type Lattice } from "../src/index.js";
import {
  decodeMixedReference,
  encodeMixedReference,
  fromIndexReference,
  toIndexReference,
} from "../src/reference.js";

/** The mixed model against its plain reference: the same code, and the values back. */

const encoder = createEncoder();

interface Case {
  readonly type: "float32" | "float64";
  readonly extents: readonly [number, number, number, number];
  readonly axes: number;
  readonly stride: number;
  readonly phases: number;
  readonly usual: number;
  readonly few: number;
  readonly blockTurns: number;
  readonly tileRows: number;
  readonly shift: number;
  readonly exponent: number;
  readonly keep: readonly number[];
  readonly ridges: readonly number[];
  readonly lags: readonly number[];
  readonly repeats: boolean;
  readonly masked: boolean;
  readonly lattice: Lattice | undefined;
  readonly content: "smooth" | "noise" | "awkward" | "steps";
  readonly seed: number;
}

const small = (most: number) => fc.integer({ min: 1, max: most });

const cases: fc.Arbitrary<Case> = fc.integer({ min: 1, max: 4 }).chain((axes) =>
  fc.record({
    type: fc.constantFrom("float32" as const, "float64" as const),
    extents: fc
      .tuple(small(3), small(5), small(9), small(axes === 1 ? 300 : 40))
      .map(
        (extents) =>
          extents.map((extent, k) => (k < 4 - axes ? 1 : extent)) as unknown as Case["extents"],
      ),
    axes: fc.constant(axes),
    stride: small(4),
    phases: small(5),
    usual: fc.integer({ min: 1, max: [16, 18, 28, 32][axes - 1] }),
    few: small(12),
    blockTurns: small(8),
    tileRows: fc.integer({ min: 0, max: 5 }),
    shift: fc.constantFrom(0, 0, 5, 16),
    exponent: fc.integer({ min: -20, max: 20 }),
    keep: fc.array(fc.integer({ min: 0, max: 65535 }), { minLength: 7, maxLength: 7 }),
    ridges: fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 4, maxLength: 4 }),
    lags: axes === 1 ? fc.array(small(40), { maxLength: 2 }) : fc.constant([]),
    repeats: fc.boolean(),
    masked: fc.boolean(),
    lattice: fc.constantFrom<Lattice | undefined>(
      undefined,
      undefined,
      { divisor: 100 },
      { offset: 3.5, step: 0.1 },
    ),
    content: fc.constantFrom(
      "smooth" as const,
      "noise" as const,
      "awkward" as const,
      "steps" as const,
    ),
    seed: fc.nat(),
  }),
);

/** Numbers from 0 to 1. */
function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function valuesOf({ type, extents, content, seed, lattice, shift }: Case) {
  const [outer, depth, height, width] = extents;
  const count = outer * depth * height * width;
  const next = random(seed);
  const values = type === "float32" ? new Float32Array(count) : new Float64Array(count);
  const words = new Uint32Array(values.buffer);
  const odd = [0, -0, 1e300, -1e38, 1e-40, Infinity, -Infinity, Number.NaN, 1, -1, 1e99, 5e-324];
  for (let i = 0; i < count; i++) {
    const [y, x] = [Math.floor(i / width), i % width];
    if (content === "smooth") values[i] = Math.sin(x / 9) * 40 + Math.cos(y / 5) + next() * 0.01;
    else if (content === "steps") values[i] = Math.floor((x + y) / 3) % 7;
    else if (content === "awkward") values[i] = odd[Math.floor(next() * odd.length)];
    else if (type === "float32") words[i] = next() * 2 ** 32;
    else {
      words[2 * i] = next() * 2 ** 32;
      words[2 * i + 1] = next() * 2 ** 32;
    }
    if (!lattice) continue;
    const width64 = type === "float32" ? 32 : 64;
    const sane = Number.isFinite(values[i]) && Math.abs(values[i]) < 1e5 ? values[i] : 3;
    values[i] = fromIndexReference(toIndexReference(sane, lattice, width64), lattice);
  }
  if (!lattice && shift > 0) {
    const low = ~(2 ** shift - 1);
    if (type === "float32") for (let i = 0; i < count; i++) words[i] &= low;
    else for (let i = 0; i < count; i++) words[2 * i] &= low;
  }
  return values;
}

function sideOf(given: Case, count: number): Uint8Array {
  const { type, extents, lags, lattice, masked, stride } = given;
  const size = type === "float32" ? 4 : 8;
  const slices = extents[0] * extents[1];
  const bytes = new Uint8Array(56 + lags.length * 8 + (masked ? size : 0) + slices * 17);
  const view = new DataView(bytes.buffer);
  bytes.set([
    4,
    (masked ? 1 : 0) | (lattice ? 2 : 0) | (given.repeats ? 4 : 0),
    stride,
    given.phases,
  ]);
  extents.forEach((extent, k) => {
    view.setUint32(4 + 4 * k, extent, true);
  });
  const few = Math.min(given.few, given.usual + lags.length);
  bytes.set([given.axes, given.usual, lags.length, few, given.blockTurns, given.tileRows], 20);
  bytes[26] = lattice ? 0 : given.shift;
  view.setInt16(28, given.exponent, true);
  const oneRow = extents[0] * extents[1] * extents[2] === 1;
  const distance = (lag: number | undefined) =>
    oneRow && lag !== undefined && lag > 2 * stride && lag < count ? lag : 0;
  view.setUint32(30, distance(lags[0]), true);
  view.setUint32(34, distance(lags[1]), true);
  given.keep.forEach((share, k) => {
    view.setUint16(38 + 2 * k, share, true);
  });
  bytes.set(given.ridges, 52);
  let at = 56;
  for (const lag of lags) {
    view.setInt32(at + 4, -lag, true);
    at += 8;
  }
  if (masked) at += size;
  for (let s = 0; lattice && s < slices; s++) {
    bytes[at++] = "step" in lattice ? 1 : 2;
    if ("step" in lattice) {
      view.setFloat64(at, lattice.offset, true);
      at += 8;
    }
    view.setFloat64(at, "step" in lattice ? lattice.step : lattice.divisor, true);
    at += 8;
  }
  return bytes.slice(0, at);
}

function bytesOf(values: Float32Array | Float64Array): Buffer {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength);
}

describe("mode 4", () => {
  test("kernel and reference make the same code, which gives the values back", () => {
    fc.assert(
      fc.property(cases, (given) => {
        const values = valuesOf(given);
        const side = sideOf(given, values.length);
        const next = random(given.seed + 1);
        const mask = given.masked
          ? Uint8Array.from(values, () => (next() < 0.3 ? 1 : 0))
          : undefined;
        const code = encoder.codeMixed(values, mask, side);
        expect(code).toBeDefined();
        const expected = encodeMixedReference(values, mask, side);
        expect(Buffer.compare(Buffer.from(code!.bytes), Buffer.from(expected))).toBe(0);
        const back =
          given.type === "float32"
            ? new Float32Array(values.length)
            : new Float64Array(values.length);
        const found = new Uint8Array(values.length);
        decodeMixedReference(back, found, side, code!.bytes);
        if (mask) expect(Buffer.compare(Buffer.from(found), Buffer.from(mask))).toBe(0);
        const size = values.BYTES_PER_ELEMENT;
        const [a, b] = [bytesOf(values), bytesOf(back)];
        for (let i = 0; i < values.length; i++) {
          if (mask?.[i]) continue;
          expect(
            a.subarray(i * size, (i + 1) * size).equals(b.subarray(i * size, (i + 1) * size)),
          ).toBe(true);
        }
      }),
      { numRuns: 120 },
    );
  }, 120_000);
});
