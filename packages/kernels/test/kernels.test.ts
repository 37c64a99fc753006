import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  ACTIVITIES,
  CLASSES,
  createEncoder,
  type Geometry,
  kindsOf,
  type Plan,
  type Stencil,
} from "../src/index.js";
import {
  activityReference,
  classesReference,
  decodeClassesReference,
  encodeClassesReference,
  normalEquationsReference,
  packBitsReference,
  residualsReference,
  restoreReference,
  unpackBitsReference,
} from "../src/reference.js";

/** Every kernel against its plain reference, to the bit. */

const encoder = createEncoder();

const geometries: fc.Arbitrary<Geometry> = fc.oneof(
  fc.record({
    outer: fc.integer({ min: 1, max: 3 }),
    depth: fc.integer({ min: 1, max: 4 }),
    height: fc.integer({ min: 1, max: 6 }),
    width: fc.integer({ min: 1, max: 21 }),
    bands: fc.constant(1 as const),
  }),
  fc.record({
    outer: fc.constant(1),
    depth: fc.constant(1),
    height: fc.integer({ min: 1, max: 13 }),
    width: fc.integer({ min: 1, max: 21 }),
    bands: fc.constant(4 as const),
  }),
);

/** Causal sources of a kind, with weights; some weights make the prediction overflow. */
function stencils(kind: number): fc.Arbitrary<Stencil> {
  const sources = [
    ...(kind & 1
      ? [
          { dt: 0, dz: 0, dy: -1 },
          { dt: 0, dz: 0, dy: -2 },
        ]
      : []),
    ...(kind & 2
      ? [
          { dt: 0, dz: -1, dy: 0 },
          { dt: 0, dz: -1, dy: 1 },
          { dt: 0, dz: -2, dy: -1 },
          { dt: 0, dz: -1, dy: 3 },
        ]
      : []),
    ...(kind & 4
      ? [
          { dt: -1, dz: 0, dy: 0 },
          { dt: -1, dz: 1, dy: 1 },
          { dt: -2, dz: -1, dy: -1 },
        ]
      : []),
  ];
  const weight = fc.oneof(
    fc.double({ min: -2, max: 2, noNaN: true }),
    fc.constantFrom(0, -0, 1, -1, 1e300, 1e30),
  );
  return fc.subarray(sources).chain((used) =>
    fc.record({
      sources: fc.constant(used),
      left: fc.tuple(weight, weight),
      weights: fc.array(weight, { minLength: 3 * used.length, maxLength: 3 * used.length }),
    }),
  );
}

function plans(geometry: Geometry): fc.Arbitrary<Plan> {
  const used = new Set(kindsOf(geometry));
  return fc.tuple(
    ...[0, 1, 2, 3, 4, 5, 6, 7].map((kind) =>
      used.has(kind) ? stencils(kind) : fc.constant(undefined),
    ),
  );
}

/** Bit patterns: ordinary values, and everything that is awkward. */
function patterns(count: number, type: "float32" | "float64"): fc.Arbitrary<bigint[]> {
  const bits = type === "float32" ? 32n : 64n;
  const view = new DataView(new ArrayBuffer(8));
  const ordinary = fc.double({ min: -1e3, max: 1e3, noNaN: true }).map((value) => {
    if (type === "float64") {
      view.setFloat64(0, value);
      return view.getBigUint64(0);
    }
    view.setFloat32(0, value);
    return BigInt(view.getUint32(0));
  });
  const any = fc.bigInt({ min: 0n, max: (1n << bits) - 1n });
  return fc.array(fc.oneof({ weight: 6, arbitrary: ordinary }, { weight: 1, arbitrary: any }), {
    minLength: count,
    maxLength: count,
  });
}

function arrayOf(
  values: readonly bigint[],
  type: "float32" | "float64",
): Float32Array | Float64Array {
  return type === "float32"
    ? new Float32Array(Uint32Array.from(values, Number).buffer)
    : new Float64Array(BigUint64Array.from(values).buffer);
}

const cases = fc
  .record({ geometry: geometries, type: fc.constantFrom("float32" as const, "float64" as const) })
  .chain(({ geometry, type }) =>
    fc.record({
      geometry: fc.constant(geometry),
      type: fc.constant(type),
      plan: plans(geometry),
      values: patterns(geometry.outer * geometry.depth * geometry.height * geometry.width, type),
    }),
  );

/** An even model: every class of the chunk has some probability in each of two contexts. */
function evenModel(classes: readonly number[]) {
  const used = [...new Set(classes)];
  const frequencies = new Uint16Array(CLASSES);
  for (const symbol of used) frequencies[symbol] = Math.floor(2048 / used.length);
  frequencies[used[0]] += 2048 - Math.floor(2048 / used.length) * used.length;
  const map = new Uint8Array(256).fill(1, 20);
  return { map, contexts: [{ frequencies }, { frequencies: frequencies.slice() }] };
}

describe("kernels against references", () => {
  test("stencil, classes, activities, range coder, bits", () => {
    fc.assert(
      fc.property(cases, ({ geometry, type, plan, values }) => {
        const chunk = encoder.open(arrayOf(values, type), geometry);
        chunk.predict(plan);
        const { residuals: bytes, classes } = chunk.residuals();
        const residuals =
          type === "float32"
            ? Array.from(new Uint32Array(bytes.buffer), BigInt)
            : [...new BigUint64Array(bytes.buffer)];
        const expected = residualsReference(values, plan, geometry, type);
        expect(residuals).toEqual(expected);
        expect(restoreReference(expected, plan, geometry, type)).toEqual(values);

        const expectedClasses = classesReference(expected);
        expect([...classes]).toEqual(expectedClasses);
        const counts = new Uint32Array(ACTIVITIES * CLASSES);
        expectedClasses.forEach((symbol, i) => {
          counts[activityReference(expectedClasses, geometry, i) * CLASSES + symbol]++;
        });
        expect(chunk.count()).toEqual(counts);

        const model = evenModel(expectedClasses);
        const contexts = {
          map: model.map,
          frequencies: model.contexts.map(({ frequencies }) => frequencies),
        };
        const section = chunk.encodeClasses(model.map, model.contexts).bytes;
        expect(section).toEqual(encodeClassesReference(expectedClasses, geometry, contexts));
        expect(decodeClassesReference(section, geometry, contexts)).toEqual(expectedClasses);

        const packed = chunk.packBits().bytes;
        expect(packed).toEqual(packBitsReference(expected, expectedClasses));
        expect(unpackBitsReference(packed, expectedClasses)).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });

  test("normal equations", () => {
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
          const sums = encoder.normalEquations(samples, weights, columns);
          const expected = normalEquationsReference(samples, weights, columns);
          for (let i = 0; i < columns; i++)
            for (let j = 0; j <= i; j++)
              expect(sums[i * columns + j]).toBe(expected[i * columns + j]);
        },
      ),
    );
  });
});
