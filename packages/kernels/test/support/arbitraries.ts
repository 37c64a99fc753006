import fc from "fast-check";
import { type Geometry, kindsOf, type Lattice, type Plan, type Stencil } from "../../src/index.js";

/** Chunks, plans and values that the kernels' tests are made of. */

export const geometries: fc.Arbitrary<Geometry> = fc.oneof(
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

export function plans(geometry: Geometry): fc.Arbitrary<Plan> {
  const used = new Set(kindsOf(geometry));
  return fc.tuple(
    ...[0, 1, 2, 3, 4, 5, 6, 7].map((kind) =>
      used.has(kind) ? stencils(kind) : fc.constant(undefined),
    ),
  );
}

/** Bit patterns: ordinary values, and everything that is awkward. */
export function patterns(count: number, type: "float32" | "float64"): fc.Arbitrary<bigint[]> {
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

export function arrayOf(
  values: readonly bigint[],
  type: "float32" | "float64",
): Float32Array | Float64Array {
  return type === "float32"
    ? new Float32Array(Uint32Array.from(values, Number).buffer)
    : new Float64Array(BigUint64Array.from(values).buffer);
}

export const lattices: fc.Arbitrary<Lattice> = fc.oneof(
  fc.record({ divisor: fc.constantFrom(1, 10, 1000, 1e6) }),
  fc.record({
    offset: fc.double({ min: -1e3, max: 1e3, noNaN: true }),
    step: fc.constantFrom(0.25, 0.01, 1e-9, 3, 1e300),
  }),
);
