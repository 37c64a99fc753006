import { FieldzipError } from "../errors.js";
import { auxiliaryCoordinates, describedDimension } from "./axes.js";
import { baseName, Dataset, type VariableSource } from "./dataset.js";
import type { Selection } from "./selection.js";

/**
 * A dataset that shows only some variables and a box of each: what `decompress --variable rho
 * --select step=3,z=10:20` writes. An index keeps its axis with length 1, so that every writer
 * still finds the dimension. `original` is dropped where the result is no longer the whole file.
 */
export function subset(
  dataset: Dataset,
  variables: readonly string[],
  selection: Selection,
): Dataset {
  const names = new Set(variables);
  for (const name of names) dataset.variable(name);
  const ranges = new Map<string, readonly [number, number]>();
  for (const [name, chosen] of Object.entries(selection)) {
    const dimensions = dataset.dimensions.filter(
      (d) => d.name === name || baseName(d.name) === name,
    );
    if (dimensions.length === 0) {
      throw new FieldzipError("usage", {
        where: dataset.location,
        expected: `a dimension out of ${dataset.dimensions.map((d) => d.name).join(", ")}`,
        found: name,
        remedy: "select along a dimension that the dataset has",
      });
    }
    const [from, to] = typeof chosen === "number" ? [chosen, chosen + 1] : chosen;
    for (const { name: path, size } of dimensions) {
      if (!Number.isInteger(from) || !Number.isInteger(to) || from < 0 || to > size || from >= to) {
        throw new FieldzipError("usage", {
          where: `${dataset.location}, dimension ${path}`,
          expected: `a range within 0 to ${size}`,
          found: `${from}:${to}`,
          remedy: "select inside the dimension; the end is exclusive",
        });
      }
      ranges.set(path, [from, to]);
    }
  }
  if (names.size === 0 && ranges.size === 0) return dataset;
  const kept = dataset.variables
    .map((variable) => variable.source)
    .filter(
      (source) => names.size === 0 || names.has(source.name) || belongsTo(source, names, dataset),
    );
  const used = new Set(kept.flatMap((source) => source.dimensions));
  const rangeOf = (path: string, size: number) => ranges.get(path) ?? ([0, size] as const);
  return new Dataset({
    ...dataset.source,
    original: undefined,
    dimensions: dataset.dimensions
      .filter((dimension) => used.has(dimension.name))
      .map((dimension) => {
        const [from, to] = rangeOf(dimension.name, dimension.size);
        return { ...dimension, size: to - from };
      }),
    variables: kept.map((source) => {
      const bounds = source.dimensions.map((path, axis) => rangeOf(path, source.shape[axis]));
      return {
        ...source,
        original: undefined,
        shape: bounds.map(([from, to]) => to - from),
        readBox: (box, signal) =>
          source.readBox(
            { start: box.start.map((start, axis) => start + bounds[axis][0]), shape: box.shape },
            signal,
          ),
      };
    }),
  });
}

/** What says where a chosen variable lies goes along with it: coordinates, their bounds, times of steps. */
function belongsTo(source: VariableSource, names: Set<string>, dataset: Dataset): boolean {
  const dimension = describedDimension(dataset, source);
  return [...names].some((name) => {
    const chosen = dataset.variable(name);
    return dimension === undefined
      ? auxiliaryCoordinates(dataset, chosen.source).includes(source.name)
      : chosen.dimensions.includes(dimension);
  });
}
