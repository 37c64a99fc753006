import { baseName, type Dataset, type VariableSource } from "./dataset.js";

/** A 1-d variable named after its dimension. */
export function isCoordinate({
  name,
  dimensions,
}: Pick<VariableSource, "name" | "dimensions">): boolean {
  return dimensions.length === 1 && dimensions[0] === name;
}

/** Whether steps stand along a dimension: it is unlimited, or its name says so. */
export function isStepAxis(dataset: Dataset, dimension: string): boolean {
  const found = dataset.dimensions.find(({ name }) => name === dimension);
  return found?.unlimited === true || /^(step|time|t)(_.*)?$/i.test(baseName(dimension));
}
