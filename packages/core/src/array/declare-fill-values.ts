import { FieldzipError } from "../errors.js";
import { isFloatType } from "./data-type.js";
import { type Attribute, Dataset, type VariableSource } from "./dataset.js";

/** What stands for missing values, by variable; `*`: in all fields of floating-point numbers. */
export type DeclaredFillValues = Readonly<Record<string, number>>;

/**
 * The dataset with these values in the attribute `missing_value` of its variables, so that all that reads it knows,
 * archives of it included. Throws `usage` for a variable that is not there, or holds no floating-point numbers.
 */
export function declareFillValues(dataset: Dataset, declared: DeclaredFillValues): Dataset {
  for (const name of Object.keys(declared)) {
    if (name === "*") continue;
    const { dataType } = dataset.variable(name);
    if (isFloatType(dataType)) continue;
    throw new FieldzipError("usage", {
      where: `fill value, variable ${name}`,
      expected: "a variable of floating-point numbers",
      found: dataType,
      remedy: "leave it out: all other variables stay exact",
    });
  }
  const variables = dataset.source.variables.map((source) => {
    const value =
      declared[source.name] ?? (isFloatType(source.dataType) ? declared["*"] : undefined);
    return value === undefined ? source : withMissingValue(source, value);
  });
  const isChanged = variables.some((source, k) => source !== dataset.source.variables[k]);
  return isChanged ? new Dataset({ ...dataset.source, variables }) : dataset;
}

function withMissingValue(source: VariableSource, value: number): VariableSource {
  const known = source.attributes.missing_value?.values ?? [];
  const stored = source.dataType === "float32" ? Math.fround(value) : value;
  if (known.includes(stored)) return source;
  const missing: Attribute = { type: source.dataType, values: [...known, stored] };
  return { ...source, attributes: { ...source.attributes, missing_value: missing } };
}
