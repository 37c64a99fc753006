/** Mode 3's prediction in plain loops: the truth that `kernel.ts` is held to. Values are bit patterns. */
import type { Lattice } from "../encoder.js";
import type { Geometry, Plan } from "../geometry.js";
import { fromIndexReference, toIndexReference } from "../lattice/reference.js";
import {
  bitsOf,
  type FloatType,
  fromOrdered,
  numberOf,
  places,
  predictedToOrdered,
  sumOf,
  toOrdered,
} from "../stencil/reference.js";

/** What is known of a chunk besides its numbers. */
export interface PackedMapping {
  /** Not 0 for a masked value. */
  readonly mask?: ArrayLike<number>;
  /** Per slice whether its numbers are indices of a lattice. */
  readonly indexed?: readonly boolean[];
}

/** The prediction at a place, and the number at its left, from the numbers before it. */
function predict(
  numbers: readonly bigint[],
  plan: Plan,
  geometry: Geometry,
  type: FloatType,
  place: readonly [number, number, number, number],
): { predicted: number; left: bigint } {
  const round = type === "float32" ? Math.fround : (value: number) => value;
  const { sum, weights, first, second } = sumOf(numbers, plan, geometry, type, place);
  const [w1, w2] = weights.map(round);
  const further = round(sum + round(w2 * numberOf(second, type)));
  return { predicted: round(further + round(w1 * numberOf(first, type))), left: first };
}

/** The index nearest to a prediction. */
function nearestIndex(predicted: number, type: FloatType): bigint {
  const most = type === "float32" ? 2 ** 22 : 2 ** 51;
  return Math.abs(predicted) < most ? toIndexReference(predicted, { divisor: 1 }, 64) : 0n;
}

/** Zigzag residuals of the numbers that are not masked, C order. */
export function packedResidualsReference(
  field: readonly bigint[],
  plan: Plan,
  geometry: Geometry,
  type: FloatType,
  mapping: PackedMapping = {},
): bigint[] {
  const width = type === "float32" ? 32 : 64;
  const residuals: bigint[] = [];
  let i = -1;
  for (const place of places(geometry)) {
    const number = field[++i];
    if (mapping.mask?.[i]) continue;
    const { predicted } = predict(field, plan, geometry, type, place);
    const difference = BigInt.asIntN(
      width,
      mapping.indexed?.[place[0] * geometry.depth + place[1]]
        ? BigInt(numberOf(number, type)) - nearestIndex(predicted, type)
        : toOrdered(number, type) - predictedToOrdered(predicted, type),
    );
    const zigzagged = difference < 0n ? -2n * difference - 1n : 2n * difference;
    residuals.push(BigInt.asUintN(width, zigzagged));
  }
  return residuals;
}

/** The numbers from the residuals of those that are not masked; a masked one is that at its left. */
export function packedFieldReference(
  residuals: readonly bigint[],
  plan: Plan,
  geometry: Geometry,
  type: FloatType,
  mapping: PackedMapping = {},
): bigint[] {
  const width = type === "float32" ? 32 : 64;
  const field: bigint[] = [];
  let next = 0;
  for (const place of places(geometry)) {
    const { predicted, left } = predict(field, plan, geometry, type, place);
    if (mapping.mask?.[field.length]) {
      field.push(left);
      continue;
    }
    const zigzagged = residuals[next++];
    const difference = zigzagged & 1n ? -((zigzagged + 1n) >> 1n) : zigzagged >> 1n;
    if (mapping.indexed?.[place[0] * geometry.depth + place[1]]) {
      const index = BigInt.asIntN(width, nearestIndex(predicted, type) + difference);
      field.push(bitsOf(Number(index), type));
    } else {
      const ordered = BigInt.asIntN(width, predictedToOrdered(predicted, type) + difference);
      field.push(fromOrdered(ordered, type));
    }
  }
  return field;
}

/** The bits of a lattice's value from the bits of its index. */
export function packedValueReference(index: bigint, lattice: Lattice, type: FloatType): bigint {
  return bitsOf(fromIndexReference(BigInt(numberOf(index, type)), lattice), type);
}
