import { baseName, type Dimension, groupOf } from "@fieldzip/core";
import type { StoredDataset } from "./tree.js";

/** A dataset with what the file says about its axes. */
export interface ScaledDataset extends StoredDataset {
  /** Name of the dimension scale; undefined where the dataset is none. */
  readonly scaleName?: string;
  /** Paths of the scales attached to each axis. */
  readonly scales: readonly (readonly string[])[];
  /** NetCDF-4's number of the dimension that this scale stands for. */
  readonly dimensionId?: number;
  /** NetCDF-4's numbers of the dimensions of a coordinate variable with several axes. */
  readonly coordinates?: readonly number[];
}

/** How NetCDF-4 names the scale of a dimension that has no coordinate variable. */
export const phantomName = "This is a netCDF dimension but not a netCDF variable.";
/** How NetCDF-4 names a variable that is called like a dimension but is not its coordinate. */
export const nonCoordinatePrefix = "_nc4_non_coord_";

export interface Axes {
  readonly dimensions: readonly Dimension[];
  /** Per dataset that is a variable: the names of its dimensions. */
  readonly names: ReadonlyMap<string, readonly string[]>;
  /** Names of the dimensions that were made up because the file names none. */
  readonly madeUp: readonly string[];
}

export function isPhantom(dataset: ScaledDataset): boolean {
  return dataset.scaleName?.startsWith(phantomName) ?? false;
}

export function isUnlimited(dataset: StoredDataset, axis: number): boolean {
  return (dataset.metadata.maxshape?.[axis] ?? 0) > Number.MAX_SAFE_INTEGER;
}

/** The extent of a dataset; an empty dataspace is an axis of length 0. */
export function shapeOf(dataset: StoredDataset): readonly number[] {
  return dataset.metadata.shape ?? [0];
}

/**
 * Names the axes of every dataset. An axis takes the dimension of the scale that is attached to it
 * (of several, the first), the first axis of a scale the dimension of that scale itself. Other axes
 * get made-up dimensions, named `<group>/dim_<size>_<axis>` (with `_unlimited` where the axis is),
 * so that the datasets of a group with the same extents share their dimensions.
 */
export function nameAxes(datasets: readonly ScaledDataset[], netcdf: boolean): Axes {
  const scales = new Map<string, ScaledDataset>();
  const byId = new Map<number, ScaledDataset>();
  for (const dataset of datasets) {
    if (dataset.scaleName === undefined || shapeOf(dataset).length === 0) continue;
    scales.set(dataset.path, dataset);
    if (dataset.dimensionId !== undefined) byId.set(dataset.dimensionId, dataset);
  }
  const found = datasets.map((dataset) => ({
    dataset,
    axes: shapeOf(dataset).map((_, axis) => {
      const scale = scaleOf(dataset, axis, scales, byId);
      return scale && fits(dataset, axis, scale, netcdf) ? scale : undefined;
    }),
  }));

  // Along an unlimited dimension of NetCDF-4 a variable may hold fewer values than others.
  const sizes = new Map<ScaledDataset, number>();
  for (const scale of scales.values()) sizes.set(scale, shapeOf(scale)[0]);
  for (const { dataset, axes } of found) {
    axes.forEach((scale, axis) => {
      if (scale) sizes.set(scale, Math.max(sizes.get(scale) ?? 0, shapeOf(dataset)[axis]));
    });
  }

  const taken = new Set(datasets.map((dataset) => dataset.path));
  const madeUp = new Map<string, Dimension>();
  const makeUp = (dataset: ScaledDataset, axis: number): string => {
    const size = shapeOf(dataset)[axis];
    const unlimited = isUnlimited(dataset, axis);
    const group = groupOf(dataset.path);
    const base = `dim_${size}_${axis}${unlimited ? "_unlimited" : ""}`;
    const key = group === "" ? base : `${group}/${base}`;
    const known = madeUp.get(key);
    if (known) return known.name;
    let name = key;
    while (taken.has(name)) name += "_";
    taken.add(name);
    madeUp.set(key, unlimited ? { name, size, unlimited } : { name, size });
    return name;
  };

  const names = new Map<string, readonly string[]>();
  for (const { dataset, axes } of found) {
    if (isPhantom(dataset)) continue;
    names.set(
      dataset.path,
      axes.map((scale, axis) => scale?.path ?? makeUp(dataset, axis)),
    );
  }
  const ordered = [...scales.values()].sort(
    (a, b) => (a.dimensionId ?? Infinity) - (b.dimensionId ?? Infinity) || 0,
  );
  const real = ordered.map((scale): Dimension => {
    const dimension = { name: scale.path, size: sizes.get(scale) ?? 0 };
    return isUnlimited(scale, 0) ? { ...dimension, unlimited: true } : dimension;
  });
  return {
    dimensions: [...real, ...madeUp.values()],
    names,
    madeUp: [...madeUp.values()].map((dimension) => dimension.name),
  };
}

/** The name of the variable that a dataset is: NetCDF-4 marks some in the dataset's name. */
export function variableName(path: string): string {
  const base = baseName(path);
  if (!base.startsWith(nonCoordinatePrefix)) return path;
  const group = groupOf(path);
  const name = base.slice(nonCoordinatePrefix.length);
  return group === "" ? name : `${group}/${name}`;
}

function scaleOf(
  dataset: ScaledDataset,
  axis: number,
  scales: ReadonlyMap<string, ScaledDataset>,
  byId: ReadonlyMap<number, ScaledDataset>,
): ScaledDataset | undefined {
  const id = dataset.coordinates?.[axis];
  const byNumber = id === undefined ? undefined : byId.get(id);
  if (dataset.scaleName !== undefined && !isPhantom(dataset)) {
    return axis === 0 ? dataset : byNumber;
  }
  for (const path of dataset.scales[axis] ?? []) {
    const scale = scales.get(path.replace(/^\/+/, ""));
    if (scale) return scale;
  }
  return byNumber;
}

function fits(
  dataset: ScaledDataset,
  axis: number,
  scale: ScaledDataset,
  netcdf: boolean,
): boolean {
  const size = shapeOf(dataset)[axis];
  return size === shapeOf(scale)[0] || (netcdf && isUnlimited(scale, 0));
}
