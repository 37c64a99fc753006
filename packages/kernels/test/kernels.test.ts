import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  ACTIVITIES,
  CLASSES,
  countOfGeometry,
  createEncoder,
  type Geometry,
  kindsOf,
  type Mapping,
  type Plan,
} from "../src/index.js";
import {
  activityReference,
  classesReference,
  decodeClassesReference,
  decodeCopiesReference,
  decodeMaskReference,
  encodeClassesReference,
  encodeCopiesReference,
  encodeMaskReference,
  fillMaskedReference,
  findCopiesReference,
  gatherSamplesReference,
  misfitsReference,
  normalEquationsReference,
  packBitsReference,
  residualsReference,
  restoreReference,
  sampleErrorsReference,
  spreadReference,
  unpackBitsReference,
  weightsOfErrorsReference,
} from "../src/reference.js";
import { arrayOf, geometries, lattices, patterns, plans } from "./support/arbitraries.js";

/** Every kernel against its plain reference, to the bit. */

const encoder = createEncoder();

function masks(count: number): fc.Arbitrary<Uint8Array> {
  return fc
    .array(fc.oneof(fc.constant(0), fc.constant(1)), { minLength: count, maxLength: count })
    .map((bytes) => Uint8Array.from(bytes));
}

/** Adds copies to a mapping: (value, distance) at random, where they are possible. */
function withCopies(
  mapping: Mapping,
  copies: readonly (readonly [number, number])[],
  count: number,
): Mapping {
  if (copies.length === 0) return mapping;
  const mask = mapping.mask?.slice() ?? new Uint8Array(count);
  const distances = new Uint32Array(count);
  for (const [value, distance] of copies) {
    const i = value % count;
    if (i === 0 || mask[i] === 1) continue;
    mask[i] = 2;
    distances[i] = 1 + (distance % i);
  }
  return { ...mapping, mask, distances };
}

/** Values as an encoder hands them over: masked ones hold the value at their left, others lie on their slice's lattice. */
function prepared(
  values: readonly bigint[],
  geometry: Geometry,
  type: "float32" | "float64",
  mapping: Mapping,
): bigint[] {
  const still: Plan = Array.from({ length: 8 }, () => ({ sources: [], left: [0, 0], weights: [] }));
  // Restoring from an all-zero prediction applies both rules to the values, whatever they were.
  const residuals = residualsReference(values, still, geometry, type, {
    lattices: mapping.lattices,
  });
  return restoreReference(residuals, still, geometry, type, mapping);
}

const cases = fc
  .record({ geometry: geometries, type: fc.constantFrom("float32" as const, "float64" as const) })
  .chain(({ geometry, type }) =>
    fc.record({
      geometry: fc.constant(geometry),
      type: fc.constant(type),
      plan: plans(geometry),
      values: patterns(geometry.outer * geometry.depth * geometry.height * geometry.width, type),
      copies: fc.array(fc.tuple(fc.nat(), fc.nat())),
      mask: fc.option(masks(countOfGeometry(geometry)), { nil: undefined }),
      lattices: fc.option(
        fc.array(fc.option(lattices, { nil: undefined }), {
          minLength: geometry.outer * geometry.depth,
          maxLength: geometry.outer * geometry.depth,
        }),
        { nil: undefined },
      ),
    }),
  );

/** An even model: every class of the chunk has some probability in each of two contexts. */
function evenModel(classes: readonly number[]) {
  const used = [...new Set(classes)];
  const frequencies = new Uint16Array(CLASSES);
  for (const symbol of used) frequencies[symbol] = Math.floor(2048 / used.length);
  frequencies[used[0]] += 2048 - Math.floor(2048 / used.length) * used.length;
  const map = new Uint8Array(256).fill(1, 20);
  map[ACTIVITIES] = 2;
  return { map, contexts: [{ frequencies }, { frequencies: frequencies.slice() }] };
}

describe("kernels against references", () => {
  test("stencil, lattices, classes, activities, range coder, bits, mask, copies", () => {
    fc.assert(
      fc.property(cases, ({ geometry, type, plan, values: raw, copies, mask, lattices }) => {
        const mapping = withCopies({ mask, lattices }, copies, raw.length);
        const { mask: kinds } = mapping;
        const values = prepared(raw, geometry, type, mapping);
        const chunk = encoder.open(arrayOf(values, type), geometry, mapping);
        chunk.predict(plan);
        const { residuals: bytes, classes } = chunk.residuals();
        const residuals =
          type === "float32"
            ? Array.from(new Uint32Array(bytes.buffer), BigInt)
            : [...new BigUint64Array(bytes.buffer)];
        const expected = residualsReference(values, plan, geometry, type, mapping);
        expect(residuals).toEqual(expected);
        // Indices beyond a float's precision are not their values' own; an encoder makes exceptions of them.
        if (prepared(values, geometry, type, mapping).join() === values.join()) {
          expect(restoreReference(expected, plan, geometry, type, mapping)).toEqual(values);
        }

        const expectedClasses = classesReference(expected);
        expect([...classes]).toEqual(expectedClasses);
        const packed = chunk.packBits().bytes;
        expect(packed).toEqual(packBitsReference(expected, expectedClasses));
        expect(unpackBitsReference(packed, expectedClasses)).toEqual(expected);

        const counts = new Uint32Array(ACTIVITIES * CLASSES);
        const known: number[] = [];
        expectedClasses.forEach((symbol, i) => {
          const activity = activityReference(known, geometry, i);
          if (!kinds?.[i]) counts[activity * CLASSES + symbol]++;
          known.push(symbol);
          const { width } = geometry;
          if (kinds && (i + 1) % width === 0) spreadReference(known, kinds, i + 1 - width, width);
        });
        expect(chunk.count()).toEqual(counts);

        const model = evenModel(expectedClasses);
        const contexts = {
          map: model.map,
          frequencies: model.contexts.map(({ frequencies }) => frequencies),
        };
        const section = chunk.encodeClasses(model.map, model.contexts).bytes;
        expect(section).toEqual(encodeClassesReference(expectedClasses, geometry, contexts, kinds));
        expect(decodeClassesReference(section, geometry, contexts, kinds)).toEqual(expectedClasses);

        if (mask?.includes(1)) {
          const pure = mapping.mask!.map((kind) => (kind === 1 ? 1 : 0));
          const code = chunk.encodeMask()!.bytes;
          expect(code).toEqual(encodeMaskReference(pure, geometry));
          expect(decodeMaskReference(code, geometry, pure.length)).toEqual(pure);
        }
        if (mapping.distances) {
          const code = chunk.encodeCopies()!.bytes;
          expect(code).toEqual(encodeCopiesReference(kinds!, mapping.distances, geometry));
          const decoded = kinds!.map((kind) => (kind === 1 ? 1 : 0));
          expect(decodeCopiesReference(code, decoded, geometry)).toEqual(mapping.distances);
          expect(decoded).toEqual(kinds);
        }
      }),
      { numRuns: 300 },
    );
  });

  test("normal equations and errors", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6 }),
        fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), {
          minLength: 12,
          maxLength: 120,
        }),
        (half, numbers) => {
          const columns = 2 * half;
          const rows = Math.floor(numbers.length / columns);
          const samples = Float64Array.from(numbers.slice(0, rows * columns));
          const weights = Float64Array.from({ length: rows }, (_, r) => 1 / (1 + r));
          const taken = encoder.samples(samples, columns);
          const sums = taken.normalEquations(weights);
          const expected = normalEquationsReference(samples, weights, columns);
          const solution = Float64Array.from({ length: columns }, (_, k) =>
            k === columns - 1 ? 0 : 1 / (k + 1),
          );
          expect(taken.errors(solution, rows)).toEqual(
            sampleErrorsReference(samples, solution, columns),
          );
          for (let i = 0; i < columns; i++)
            for (let j = 0; j <= i; j++)
              expect(sums[i * columns + j]).toBe(expected[i * columns + j]);
        },
      ),
    );
  });

  test("masked values filled, copies found", () => {
    // Few different values, so that there is something to find.
    const fields = cases.chain(
      ({ values, ...rest }) =>
        fc.record({
          ...Object.fromEntries(
            Object.entries(rest).map(([key, part]) => [key, fc.constant(part)]),
          ),
          words: fc.array(fc.constantFrom(...values.slice(0, 6)), {
            minLength: values.length,
            maxLength: values.length,
          }),
        }) as fc.Arbitrary<typeof rest & { words: bigint[] }>,
    );
    fc.assert(
      fc.property(fields, ({ geometry, type, mask, words }) => {
        const chunk = encoder.open(arrayOf(words, type), geometry, { mask, copies: true });
        const filled = [...words];
        if (mask) {
          chunk.fillMasked();
          fillMaskedReference(filled, mask, geometry);
        }
        const kinds = mask?.slice() ?? new Uint8Array(words.length);
        const bits = Math.max(8, 33 - Math.clz32(words.length));
        const distances = findCopiesReference(
          ...([filled, kinds, geometry, type === "float32" ? 4 : 8, bits] as const),
        );
        expect(chunk.findCopies()).toBe(kinds.filter((kind) => kind === 2).length);
        const code = chunk.encodeCopies()?.bytes;
        expect(code).toEqual(
          kinds.includes(2) ? encodeCopiesReference(kinds, distances, geometry) : undefined,
        );
        kinds.forEach((kind, i) => {
          if (kind === 2) expect(filled[i]).toBe(filled[i - distances[i]]);
        });
      }),
      { numRuns: 300 },
    );
  });

  test("values that are on no lattice", () => {
    fc.assert(
      fc.property(cases, lattices, fc.nat(9), (field, lattice, most) => {
        const { geometry, type, values: raw, mask } = field;
        const slices = geometry.outer * geometry.depth;
        const mapping = { lattices: Array.from({ length: slices }, () => lattice) };
        const length = raw.length / slices;
        for (const words of [raw, prepared(raw, geometry, type, mapping)]) {
          const values = arrayOf(words, type);
          const chunk = encoder.open(values, geometry, { mask });
          for (let slice = 0; slice < slices; slice++) {
            const at = slice * length;
            const expected = misfitsReference(
              ...([values.subarray(at, at + length), mask?.subarray(at), lattice] as const),
            );
            const found = chunk.misfits(slice, lattice, most);
            expect(found && [...found]).toEqual(expected.length > most ? undefined : expected);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  test("a pattern is marked", () => {
    fc.assert(
      fc.property(cases, fc.nat(), ({ geometry, type, values: raw }, pick) => {
        const words = raw.map((word, i) => (i % 3 === 0 ? raw[pick % raw.length] : word));
        const pattern = words[pick % words.length];
        const field = arrayOf(words, type);
        const size = field.BYTES_PER_ELEMENT;
        const at = words.indexOf(pattern);
        const bytes = new Uint8Array(field.buffer).slice(at * size, (at + 1) * size);
        const chunk = encoder.open(field, geometry, { pattern: bytes });
        const mask = Uint8Array.from(words, (word) => (word === pattern ? 1 : 0));
        expect(chunk.encodeMask()!.bytes).toEqual(encodeMaskReference(mask, geometry));
      }),
    );
  });

  test("samples, their weights and logarithms", () => {
    fc.assert(
      fc.property(cases, fc.nat(), ({ geometry, type, plan, values, mask }, pick) => {
        const kinds = kindsOf(geometry);
        const kind = kinds[pick % kinds.length];
        const { sources } = plan[kind]!;
        const field = arrayOf(values, type);
        const chunk = encoder.open(field, geometry, { mask });
        const samples = chunk.samples(kind, sources, 40);
        const { columns, count } = samples;
        const expected = gatherSamplesReference(
          ...([field, mask, geometry, kind, sources, columns, 40] as const),
        );
        expect([...samples.rows()]).toEqual(expected.samples);
        expect(samples.magnitude).toBe(count > 0 ? expected.magnitudes / count : 0);
        if (count === 0) return;
        const solution = Float64Array.from({ length: columns - 1 }, (_, k) => 1 / (k + 2));
        const rows = Float64Array.from(expected.samples);
        const errors = sampleErrorsReference(rows, Float64Array.of(...solution, 0), columns);
        const weights = weightsOfErrorsReference([...errors]);
        const equations = samples.reweighted(solution, count);
        expect(equations === undefined).toBe(weights === undefined);
        if (equations && weights?.every((weight) => weight > 0)) {
          const sums = normalEquationsReference(rows, Float64Array.from(weights), columns);
          for (let i = 0; i < columns; i++)
            for (let j = 0; j <= i; j++)
              expect(equations[i * columns + j]).toBe(sums[i * columns + j]);
        }
        const logarithms = errors.reduce((sum, e) => sum + Math.log2(Math.max(e, 1e-3)), 0);
        const found = samples.logarithms(solution, count, 1e-3);
        expect(Math.abs(found - logarithms)).toBeLessThan(0.011 * count);
      }),
      { numRuns: 300 },
    );
  });
});
