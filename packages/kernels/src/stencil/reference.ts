/**
 * The marching stencil in plain loops: the truth that `kernel.ts` is held to. Values are bit patterns
 * (BigInt for both types), since a NaN's payload does not survive a JavaScript number.
 */
import type { Mapping } from "../encoder.js";
import {
  bandHeight,
  type Geometry,
  type JointPlan,
  type JointSource,
  type JointStencil,
  kindOf,
  type Plan,
  type Source,
  type Stencil,
} from "../geometry.js";
import { fromIndexReference, toIndexReference } from "../lattice/reference.js";

export type FloatType = "float32" | "float64";

/** Fields of a joint chunk by number, as bit patterns; 0 is the one at hand, and not looked at. */
export type Fields = readonly (readonly bigint[] | undefined)[];

const view = new DataView(new ArrayBuffer(8));

export function numberOf(bits: bigint, type: FloatType): number {
  if (type === "float32") {
    view.setUint32(0, Number(bits));
    return view.getFloat32(0);
  }
  view.setBigUint64(0, bits);
  return view.getFloat64(0);
}

/** Integers in the order of the floats, as signed numbers of 32 or 64 bits; its own inverse. */
export function toOrdered(bits: bigint, type: FloatType): bigint {
  const width = type === "float32" ? 32 : 64;
  const signed = BigInt.asIntN(width, bits);
  return signed < 0n ? BigInt.asIntN(width, bits ^ ((1n << BigInt(width - 1)) - 1n)) : signed;
}

export function fromOrdered(ordered: bigint, type: FloatType): bigint {
  const width = type === "float32" ? 32 : 64;
  return BigInt.asUintN(width, toOrdered(BigInt.asUintN(width, ordered), type));
}

/** A prediction as an ordered integer; what is not finite counts as 0. */
export function predictedToOrdered(value: number, type: FloatType): bigint {
  if (!Number.isFinite(value)) return 0n;
  if (type === "float32") {
    view.setFloat32(0, value);
    return toOrdered(BigInt(view.getUint32(0)), type);
  }
  view.setFloat64(0, value);
  return toOrdered(view.getBigUint64(0), type);
}

/**
 * What the prediction of the value at (t, z, y, x) is made of, from the values before it: the sum of its sources, rounded
 * after every operation, the weights of the two values to the left, and the bits of these. Sources of a joint plan lie in
 * `fields`, by number from 1 on, or in the values.
 */
export function sumOf(
  values: readonly bigint[],
  plan: Plan | JointPlan,
  geometry: Geometry,
  type: FloatType,
  [t, z, y, x]: readonly [number, number, number, number],
  fields: Fields = [],
): { sum: number; weights: readonly [number, number]; first: bigint; second: bigint } {
  const { outer, depth, height, width } = geometry;
  const round = type === "float32" ? Math.fround : (value: number) => value;
  const kind = kindOf(geometry, t, z, y);
  const { sources, left, weights }: Stencil | JointStencil = plan[kind]!;
  const at = (t2: number, z2: number, y2: number, x2: number, from = values) =>
    from[((t2 * depth + z2) * height + y2) * width + x2];
  const bandStart = y - (y % bandHeight(geometry));
  let sum = 0;
  sources.forEach((source: Source | JointSource, k: number) => {
    const { dt, dz, dy } = source;
    const field = "field" in source ? source.field : 0;
    const t2 = Math.min(Math.max(t + dt, 0), outer - 1);
    const z2 = Math.min(Math.max(z + dz, 0), depth - 1);
    const low = dt === 0 && dz === 0 && field === 0 ? bandStart : 0;
    const y2 = Math.min(Math.max(y + dy, low), height - 1);
    [-1, 0, 1].forEach((dx, n) => {
      const x2 = Math.min(Math.max(x + dx, 0), width - 1);
      const from = field === 0 ? values : fields[field]!;
      const product = round(round(weights[3 * k + n]) * numberOf(at(t2, z2, y2, x2, from), type));
      sum = k === 0 && n === 0 ? product : round(sum + product);
    });
  });
  let start = 0n;
  if (kind & 1) start = at(t, z, y - 1, 0);
  else if (kind & 2) start = at(t, z - 1, y, 0);
  else if (kind & 4) start = at(t - 1, z, y, 0);
  const first = x >= 1 ? at(t, z, y, x - 1) : start;
  const second = x >= 2 ? at(t, z, y, x - 2) : start;
  return { sum, weights: left, first, second };
}

/** The prediction of the value at (t, z, y, x) from the values before it; and the value at its left. */
export function predict(
  values: readonly bigint[],
  plan: Plan | JointPlan,
  geometry: Geometry,
  type: FloatType,
  place: readonly [number, number, number, number],
  fields: Fields = [],
): { predicted: number; left: number } {
  const round = type === "float32" ? Math.fround : (value: number) => value;
  const { sum, weights, first, second } = sumOf(values, plan, geometry, type, place, fields);
  const [one, two] = [numberOf(first, type), numberOf(second, type)];
  const fromLeft = round(round(round(weights[0]) * one) + round(round(weights[1]) * two));
  return { predicted: round(sum + fromLeft), left: one };
}

export function* places({ outer, depth, height, width }: Geometry) {
  for (let t = 0; t < outer; t++)
    for (let z = 0; z < depth; z++)
      for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) yield [t, z, y, x] as const;
}

/** A number as the bits of the data type. */
export function bitsOf(value: number, type: FloatType): bigint {
  if (type === "float32") {
    view.setFloat32(0, value);
    return BigInt(view.getUint32(0));
  }
  view.setFloat64(0, value);
  return view.getBigUint64(0);
}

/** The lattice of the slice at (t, z), if it has one. */
function latticeOf({ lattices }: Mapping, { depth }: Geometry, [t, z]: readonly number[]) {
  return lattices?.[t * depth + z];
}

/** Zigzag residuals of a whole chunk, C order; masked values (which hold the value at their left) have 0. */
export function residualsReference(
  values: readonly bigint[],
  plan: Plan | JointPlan,
  geometry: Geometry,
  type: FloatType,
  mapping: Mapping = {},
  fields: Fields = [],
): bigint[] {
  const width = type === "float32" ? 32 : 64;
  const residuals: bigint[] = [];
  for (const place of places(geometry)) {
    const value = values[residuals.length];
    const { predicted } = predict(values, plan, geometry, type, place, fields);
    const lattice = latticeOf(mapping, geometry, place);
    const difference = BigInt.asIntN(
      width,
      lattice
        ? toIndexReference(numberOf(value, type), lattice, width) -
            toIndexReference(predicted, lattice, width)
        : toOrdered(value, type) - predictedToOrdered(predicted, type),
    );
    const zigzagged = difference < 0n ? -2n * difference - 1n : 2n * difference;
    residuals.push(mapping.mask?.[residuals.length] ? 0n : BigInt.asUintN(width, zigzagged));
  }
  return residuals;
}

/** The values back from their residuals. */
export function restoreReference(
  residuals: readonly bigint[],
  plan: Plan | JointPlan,
  geometry: Geometry,
  type: FloatType,
  mapping: Mapping = {},
  fields: Fields = [],
): bigint[] {
  const width = type === "float32" ? 32 : 64;
  const values: bigint[] = [];
  for (const place of places(geometry)) {
    const zigzagged = residuals[values.length];
    const difference = zigzagged & 1n ? -((zigzagged + 1n) >> 1n) : zigzagged >> 1n;
    const { predicted, left } = predict(values, plan, geometry, type, place, fields);
    const lattice = latticeOf(mapping, geometry, place);
    const kind = mapping.mask?.[values.length] ?? 0;
    if (kind === 2) {
      values.push(values[values.length - mapping.distances![values.length]]);
    } else if (kind === 1) {
      values.push(bitsOf(left, type));
    } else if (lattice) {
      const index = BigInt.asIntN(width, toIndexReference(predicted, lattice, width) + difference);
      values.push(bitsOf(fromIndexReference(index, lattice), type));
    } else {
      const ordered = BigInt.asIntN(width, predictedToOrdered(predicted, type) + difference);
      values.push(fromOrdered(ordered, type));
    }
  }
  return values;
}
