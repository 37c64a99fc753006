import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { countOfGeometry, createEncoder, type Geometry, type Plan } from "../src/index.js";
import { compileEmbedded, grow, instantiate, type KernelExports } from "../src/instance.js";
import { encodeModule } from "../src/modules.generated.js";
import {
  decodeBlocksReference,
  decodeRunsReference,
  encodeBlocksReference,
  encodeRunsReference,
  fromIndexReference,
  logarithmsOfRunsReference,
  packedFieldReference,
  packedResidualsReference,
  toIndexReference,
  weightsOfRunsReference,
} from "../src/reference.js";
import { arrayOf, geometries, lattices, patterns, plans } from "./support/arbitraries.js";

/** The kernels of mode 3 against their plain references, to the bit. */

const encoder = createEncoder();

interface RunExports extends KernelExports {
  heap(): number;
  weightsOfRuns(errors: number, rows: number, least: number): void;
  logarithmsOfRuns(errors: number, rows: number, least: number): number;
}

const cases = fc
  .record({ geometry: geometries, type: fc.constantFrom("float32" as const, "float64" as const) })
  .chain(({ geometry, type }) =>
    fc.record({
      geometry: fc.constant(geometry),
      type: fc.constant(type),
      plan: plans(geometry),
      values: patterns(countOfGeometry(geometry), type),
      /** Values that are made equal to the first of them, and masked. */
      masked: fc.array(fc.nat(countOfGeometry(geometry) - 1)),
      lattices: fc.option(
        fc.array(fc.option(lattices, { nil: undefined }), {
          minLength: geometry.outer * geometry.depth,
          maxLength: geometry.outer * geometry.depth,
        }),
        { nil: undefined },
      ),
      indices: fc.array(fc.integer({ min: -5000, max: 5000 }), {
        minLength: countOfGeometry(geometry),
        maxLength: countOfGeometry(geometry),
      }),
    }),
  );

function bitsOf(array: Float32Array | Float64Array): bigint[] {
  return array instanceof Float32Array
    ? Array.from(new Uint32Array(array.slice().buffer), BigInt)
    : Array.from(new BigUint64Array(array.slice().buffer));
}

describe("mode 3", () => {
  test("mask, lattices, prediction and blocks", () => {
    fc.assert(
      fc.property(cases, ({ geometry, type, plan, values: drawn, masked, lattices, indices }) => {
        const values = arrayOf(drawn, type);
        const length = geometry.height * geometry.width;
        // Some slices on their lattices, but for every seventh value.
        indices.forEach((index, i) => {
          const lattice = lattices?.[Math.floor(i / length)];
          if (lattice && i % 7 !== 3) values[i] = fromIndexReference(BigInt(index), lattice);
        });
        const words = bitsOf(values);
        for (const place of masked) words[place] = words[masked[0]];
        const chunk = encoder.openPacked(arrayOf(words, type), geometry);

        const mask = words.map((word) => (masked.length > 0 && word === words[masked[0]] ? 1 : 0));
        if (masked.length > 0) {
          const found = chunk.mask(masked[0]);
          expect(found.masked).toBe(mask.filter((bit) => bit).length);
          expect(Array.from(chunk.masked()!, (byte) => byte & 1)).toEqual(mask);
          expect(found.runs.bytes).toEqual(encodeRunsReference(mask));
          expect(Array.from(decodeRunsReference(found.runs.bytes, mask.length))).toEqual(mask);
        } else {
          expect(chunk.masked()).toBeUndefined();
        }

        const indexed = lattices?.map((lattice) => lattice !== undefined);
        lattices?.forEach((lattice, slice) => {
          if (!lattice) return;
          const off = chunk.toIndices(slice * length, length, lattice, length);
          if (!off) {
            // More than the room for exceptions: the values stay.
            indexed![slice] = false;
            expect(bitsOf(chunk.field.subarray(slice * length, (slice + 1) * length))).toEqual(
              words.slice(slice * length, (slice + 1) * length),
            );
            return;
          }
          const limit = type === "float32" ? 2n ** 22n : 2n ** 51n;
          const places: number[] = [];
          for (let i = slice * length; i < (slice + 1) * length; i++) {
            if (mask[i]) continue;
            const value = arrayOf([words[i]], type)[0];
            const index = toIndexReference(value, lattice, 64);
            const usable = (index < 0n ? -index : index) < limit && !Number.isNaN(value);
            expect(chunk.field[i], "index").toBe(usable ? Number(index) : 0);
            const [point] = bitsOf(
              arrayOf([0n], type).fill(fromIndexReference(usable ? index : 0n, lattice)),
            );
            if (!usable || point !== words[i]) places.push(i);
          }
          expect(Array.from(off)).toEqual(places);
        });
        chunk.fill();

        const mapping = { mask, indexed };
        const field = bitsOf(chunk.field);
        const residuals = packedResidualsReference(field, plan, geometry, type, mapping);
        expect(packedFieldReference(residuals, plan, geometry, type, mapping)).toEqual(field);
        const section = chunk.pack(plan, indexed && Uint8Array.from(indexed, Number)).bytes;
        const bits = type === "float32" ? 32 : 64;
        expect(section).toEqual(encodeBlocksReference(residuals, bits));
        expect(decodeBlocksReference(section, residuals.length, bits).residuals).toEqual(residuals);
      }),
      { numRuns: 400 },
    );
  });

  test("errors by runs: weights and logarithms", () => {
    const kernel = instantiate<RunExports>(compileEmbedded(encodeModule));
    const at = Math.ceil(kernel.heap() / 64) * 64 + 64;
    grow(kernel.memory, at + 1024);
    const error = fc.oneof(fc.double({ min: 0, max: 1e6, noNaN: true }), fc.constantFrom(0, 1e-30));
    fc.assert(
      fc.property(
        fc.array(error, { minLength: 1, maxLength: 70 }),
        fc.constantFrom(1e-9, 0.25),
        (errors, least) => {
          const memory = new Float64Array(kernel.memory.buffer, at, errors.length);
          memory.set(errors);
          const logarithms = kernel.logarithmsOfRuns(at, errors.length, least);
          const off = Math.abs(logarithms - logarithmsOfRunsReference(errors, least));
          expect(off).toBeLessThan(0.01 * errors.length);
          kernel.weightsOfRuns(at, errors.length, least);
          expect([...memory]).toEqual(weightsOfRunsReference(errors, least));
        },
      ),
    );
  });

  test("blocks of every width, of zeros, and many of them", () => {
    const geometry: Geometry = { outer: 1, depth: 1, height: 1, width: 16 * 600 + 5, bands: 1 };
    const still: Plan = [{ sources: [], left: [0, 0], weights: [] }];
    for (const type of ["float32", "float64"] as const) {
      const bits = type === "float32" ? 32 : 64;
      const values = Array.from({ length: geometry.width }, (_, i) => {
        const block = i >> 4;
        if (block % 5 === 4 || (block > 300 && block < 340)) return 0n;
        // Positive patterns: their residuals are twice as large.
        const most = 1n << BigInt((block * 7) % (bits - 1));
        return (BigInt(Math.imul(i, 0x9e3779b1) >>> 0) ** 2n * 0x2545f4914f6cdd1dn) % most;
      });
      const chunk = encoder.openPacked(arrayOf(values, type), geometry);
      const section = chunk.pack(still).bytes;
      const residuals = packedResidualsReference(values, still, geometry, type);
      expect(section).toEqual(encodeBlocksReference(residuals, bits));
      expect(decodeBlocksReference(section, residuals.length, bits).residuals).toEqual(residuals);
    }
  });
});
