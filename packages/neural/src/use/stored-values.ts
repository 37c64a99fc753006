import { type NumericArray, numbersOf, type Variable } from "@fieldzip/core";
import type { StoredValues } from "./interpolate.js";

/** Values of a variable as numbers; what its attributes call missing is NaN. */
export function storedValues(variable: Variable): StoredValues {
  const missing = missingOf(variable);
  return {
    shape: variable.shape,
    async read(box, signal) {
      const values = numbersOf((await variable.readBox(box, signal)) as NumericArray);
      if (missing.length === 0) return values;
      return values.map((value) => (missing.includes(value) ? Number.NaN : value));
    },
  };
}

/** The values that stand for none, NaN aside; the first is the one to write. */
export function missingOf({ attributes }: Pick<Variable, "attributes">): number[] {
  return ["_FillValue", "missing_value"].flatMap((name) =>
    (attributes[name]?.values ?? []).map(Number),
  );
}
