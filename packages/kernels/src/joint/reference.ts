/** Laws in plain loops: the truth that `kernel.ts` is held to. Its stencils are in `stencil/reference.ts`. */
import { FIRST_VARIABLE, type Law } from "../geometry.js";
import { bitsOf, type Fields, type FloatType, numberOf } from "../stencil/reference.js";

/** What a law says of `count` values, as bit patterns: in binary64, rounded to the type, 0 where it is not finite. */
export function lawReference(fields: Fields, law: Law, count: number, type: FloatType): bigint[] {
  return Array.from({ length: count }, (_, i) => {
    const products = law.map(({ coefficient, factors }) =>
      factors.reduce(
        (product, factor) => product * numberOf(fields[FIRST_VARIABLE + factor]![i], type),
        coefficient,
      ),
    );
    const sum = products.reduce((total, product, k) => (k === 0 ? product : total + product), 0);
    const rounded = type === "float32" ? Math.fround(sum) : sum;
    return bitsOf(Number.isFinite(rounded) ? rounded : 0, type);
  });
}
