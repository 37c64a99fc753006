import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  countOfGeometry,
  createEncoder,
  FIRST_VARIABLE,
  type Geometry,
  type JointSource,
  type JointStencil,
  kindsOf,
  LAW_FIELD,
  type Law,
} from "../src/index.js";
import {
  gatherJointReference,
  lawReference,
  residualsReference,
  restoreReference,
} from "../src/reference.js";

/** The kernels of joint chunks against their plain references, to the bit. */

const encoder = createEncoder();
const VARIABLES = 3;

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

const weights = fc.oneof(
  fc.double({ min: -2, max: 2, noNaN: true }),
  fc.constantFrom(0, -0, 1, -1, 1e300, 1e30),
);

/** Causal sources in the own field, and any in the others. */
function stencils(kind: number): fc.Arbitrary<JointStencil> {
  const own: JointSource[] = [];
  if (kind & 1) own.push({ field: 0, dt: 0, dz: 0, dy: -1 });
  if (kind & 2) own.push({ field: 0, dt: 0, dz: -1, dy: 2 });
  if (kind & 4) own.push({ field: 0, dt: -1, dz: 1, dy: -1 });
  const other = fc.record({
    field: fc.integer({ min: LAW_FIELD, max: FIRST_VARIABLE + VARIABLES - 1 }),
    dt: fc.integer({ min: -2, max: 2 }),
    dz: fc.integer({ min: -2, max: 2 }),
    dy: fc.integer({ min: -9, max: 9 }),
  });
  return fc.tuple(fc.subarray(own), fc.array(other, { maxLength: 6 })).chain(([some, others]) => {
    const sources = [...some, ...others];
    const count = 3 * sources.length;
    return fc.record({
      sources: fc.constant(sources),
      left: fc.tuple(weights, weights),
      weights: fc.array(weights, { minLength: count, maxLength: count }),
    });
  });
}

const laws: fc.Arbitrary<Law> = fc.array(
  fc.record({
    coefficient: weights,
    factors: fc.array(fc.nat(VARIABLES - 1), { maxLength: 3 }),
  }),
  { minLength: 1, maxLength: 5 },
);

/** Bit patterns: ordinary values, and everything that is awkward. */
function patterns(count: number, type: "float32" | "float64"): fc.Arbitrary<bigint[]> {
  const view = new DataView(new ArrayBuffer(8));
  const ordinary = fc.double({ min: -1e3, max: 1e3, noNaN: true }).map((value) => {
    view.setFloat64(0, value);
    if (type === "float64") return view.getBigUint64(0);
    view.setFloat32(0, value);
    return BigInt(view.getUint32(0));
  });
  const any = fc.bigInt({ min: 0n, max: (1n << (type === "float32" ? 32n : 64n)) - 1n });
  return fc.array(fc.oneof({ weight: 9, arbitrary: ordinary }, { weight: 1, arbitrary: any }), {
    minLength: count,
    maxLength: count,
  });
}

function arrayOf(values: readonly bigint[], type: "float32" | "float64") {
  return type === "float32"
    ? new Float32Array(Uint32Array.from(values, Number).buffer)
    : new Float64Array(BigUint64Array.from(values).buffer);
}

function bitsOf(values: Float32Array | Float64Array): bigint[] {
  return values instanceof Float32Array
    ? [...new Uint32Array(values.buffer)].map(BigInt)
    : [...new BigUint64Array(values.buffer)];
}

const cases = fc
  .tuple(geometries, fc.constantFrom("float32" as const, "float64" as const))
  .chain(([geometry, type]) => {
    const count = countOfGeometry(geometry);
    const used = new Set(kindsOf(geometry));
    return fc.record({
      geometry: fc.constant(geometry),
      type: fc.constant(type),
      values: patterns(count, type),
      others: fc.tuple(patterns(count, type), patterns(count, type), patterns(count, type)),
      law: laws,
      plan: fc.tuple(
        ...[0, 1, 2, 3, 4, 5, 6, 7].map((kind) =>
          used.has(kind) ? stencils(kind) : fc.constant(undefined),
        ),
      ),
      mask: fc.option(fc.array(fc.nat(1), { minLength: count, maxLength: count }), {
        nil: undefined,
      }),
    });
  });

describe("kernels of joint chunks", () => {
  test("laws, residuals and samples", () => {
    fc.assert(
      fc.property(cases, fc.nat(), ({ geometry, type, values, others, law, plan, mask }, pick) => {
        const count = countOfGeometry(geometry);
        const room = encoder.openJoint(VARIABLES, count, type);
        others.forEach((other, variable) => {
          room.setField(variable, arrayOf(other, type));
        });
        const fields = [values, undefined, ...others];
        const said = lawReference(fields, law, count, type);
        room.setLaw(law);
        expect(bitsOf(room.lawField())).toEqual(said);
        fields[LAW_FIELD] = said;

        const chunk = room.open(arrayOf(values, type), geometry);
        chunk.predict(plan);
        const residuals = residualsReference(values, plan, geometry, type, {}, fields);
        const found = chunk.residuals().residuals;
        const integers =
          type === "float32"
            ? [...new Uint32Array(found.buffer)].map(BigInt)
            : [...new BigUint64Array(found.buffer)];
        expect(integers).toEqual(residuals);
        expect(restoreReference(residuals, plan, geometry, type, {}, fields)).toEqual(values);

        const kinds = kindsOf(geometry);
        const kind = kinds[pick % kinds.length];
        const { sources } = plan[kind]!;
        const bytes = mask && Uint8Array.from(mask);
        const samples = room
          .open(arrayOf(values, type), geometry, { mask: bytes })
          .jointSamples(kind, sources, 40);
        const numbers = fields.map((field) => field && arrayOf(field, type));
        const lawful = sources.some(({ field }) => field === LAW_FIELD);
        const expected = gatherJointReference(
          ...([numbers, lawful ? numbers[LAW_FIELD] : undefined, bytes, geometry, kind] as const),
          ...([sources, samples.columns, 40] as const),
        );
        expect([...samples.rows()]).toEqual(expected.samples);
        expect(samples.magnitudes).toEqual(
          expected.magnitudes.map((sum) => (samples.count > 0 ? sum / samples.count : 0)),
        );
      }),
      { numRuns: 300 },
    );
  });
});
