import { type Dataset, describedDimension, isFloatType, type WorkerPool } from "@fieldzip/core";
import { archiveIndex } from "@fieldzip/io";
import { createSampler, type GridPlaces, type Method, type Sampler } from "@fieldzip/neural";
import { formatCount } from "./format.js";

/**
 * Values of a dataset between its stored ones: by the networks of an archive, else interpolated. `shown`: the
 * part of it that is wanted, whole variables.
 */
export function samplerOf(
  dataset: Dataset,
  { pool, shown = dataset }: { pool?: WorkerPool; shown?: Dataset } = {},
): Sampler {
  return createSampler(shown, archiveIndex(dataset), { pool });
}

/**
 * Names of the variables that are on a grid: of floats, coordinates and cell bounds aside; those along one axis
 * where there are no others.
 */
export function fieldNames(dataset: Dataset): string[] {
  const fields = dataset.variables.filter(
    ({ source, dataType, shape }) =>
      isFloatType(dataType) &&
      shape.length > 0 &&
      describedDimension(dataset, source) === undefined,
  );
  const wide = fields.filter(({ shape }) => shape.length > 1);
  return (wide.length > 0 ? wide : fields).map(({ name }) => name);
}

export type Methods = Readonly<Record<Method, readonly string[]>>;

/** By method the variables that are computed: all, or those that have places between the stored ones. */
export function methodsOf(
  sampler: Sampler,
  names: readonly string[],
  places?: GridPlaces,
): Methods {
  const methods: Record<Method, string[]> = { network: [], interpolation: [] };
  for (const name of names) {
    const { dimensions } = sampler.dataset.variable(name);
    const between =
      !places ||
      dimensions.some(
        (dimension) => !(places.get(dimension)?.positions.every(Number.isInteger) ?? true),
      );
    if (between) methods[sampler.method(name)].push(name);
  }
  return methods;
}

/** A line a method that was used. */
export function methodLines(
  { network, interpolation }: Methods,
  words = { network: "by their networks", interpolation: "interpolated between stored values" },
): string[] {
  const line = (names: readonly string[], how: string) =>
    names.length > 0
      ? [`${formatCount(names.length, "variable")} ${how}: ${names.join(", ")}`]
      : [];
  return [...line(network, words.network), ...line(interpolation, words.interpolation)];
}
