import { resolve } from "node:path";
import {
  countOf,
  type DatasetSource,
  FieldzipError,
  insertBox,
  intersect,
  type Json,
  relativeTo,
  type VariableSource,
} from "@fieldzip/core";
import { openFile } from "../files/file.js";
import { type ReadAttributes, readAttributes, readIntegers } from "./attributes.js";
import {
  type Axes,
  isPhantom,
  nameAxes,
  type ScaledDataset,
  shapeOf,
  variableName,
} from "./dimensions.js";
import { type Hdf5Library, loadHdf5, openMode } from "./library.js";
import { type OpenHdf5, readTree, type StoredDataset, type Tree } from "./tree.js";
import { carriedType, deflateFilter } from "./types.js";
import { checkReadable, filled, fixedTextLength, readStoredBox } from "./values.js";

/**
 * Opens a NetCDF-4 or other HDF5 file. Groups, dimensions and attributes are read, values are not;
 * `original.kind` tells `netcdf4` from `hdf5`. Variables of types that cannot be carried (compound,
 * opaque, reference, variable-length, array) are listed, and reading them throws `unsupported`;
 * attributes of such types are named in `original.leftOut`. Damaged files throw `format`,
 * `truncated` or `checksum`.
 */
export async function openHdf5(path: string): Promise<DatasetSource> {
  const plain = await openFile(path);
  try {
    await plain.read(0, 1);
  } finally {
    await plain.close();
  }
  const library = await loadHdf5();
  const full = resolve(path);
  const revoke = library.permit(full);
  let id: bigint | undefined;
  try {
    const opened = library.call(path, (h5) => h5.open(full, openMode.read, false, -1, -1));
    id = opened;
    const file: OpenHdf5 = { library, id: opened, location: path, fileBytes: plain.size };
    let open = true;
    return describe(file, async () => {
      if (!open) return;
      open = false;
      closeQuietly(library, opened, path);
      revoke();
    });
  } catch (error) {
    if (id !== undefined) closeQuietly(library, id, path);
    revoke();
    throw error;
  }
}

/** Nothing was written, so a damaged file that cannot be closed properly loses nothing. */
function closeQuietly(library: Hdf5Library, id: bigint, path: string): void {
  try {
    library.call(path, (h5) => h5.close_file(id));
  } catch {}
}

interface Described {
  readonly dataset: ScaledDataset;
  readonly read: ReadAttributes;
}

function describe(file: OpenHdf5, close: () => Promise<void>): DatasetSource {
  const tree = readTree(file);
  const described = tree.datasets.map((dataset) => describeDataset(file, dataset));
  const groups = tree.groups.map((path) => ({ path, read: readAttributes(file, path, false) }));
  const datasets = described.map(({ dataset }) => dataset);
  const { bookkeeping } = groups[0].read;
  const marked =
    bookkeeping.has("_NCProperties") || bookkeeping.has("_nc3_strict") || datasets.some(isMarked);
  let axes = nameAxes(datasets, marked);
  const netcdf = marked || looksLikeNetcdf(datasets, axes);
  if (netcdf && !marked) axes = nameAxes(datasets, true);
  const sizes = new Map(axes.dimensions.map(({ name, size }) => [name, size]));
  const variables = described
    .filter(({ dataset }) => !isPhantom(dataset))
    .map((each) => variableOf(file, each, axes, sizes));
  return {
    format: "hdf5",
    location: file.location,
    dimensions: axes.dimensions,
    groups: groups.map(({ path, read }) => ({ path, attributes: read.attributes })),
    variables,
    original: originalOf(netcdf, axes, tree, groups, described),
    close,
  };
}

function describeDataset(file: OpenHdf5, dataset: StoredDataset): Described {
  const where = `${file.location}, variable ${dataset.path}`;
  const path = `/${dataset.path}`;
  const call = file.library.call.bind(file.library);
  const scaleName = call(where, (h5) => h5.get_scale_name(file.id, path)) ?? undefined;
  const read = readAttributes(file, dataset.path, scaleName !== undefined);
  const integers = (name: string) =>
    read.bookkeeping.has(name) ? readIntegers(file, dataset.path, name) : undefined;
  const attached = scaleName === undefined && read.bookkeeping.has("DIMENSION_LIST");
  const scales = shapeOf(dataset).map((_, axis) =>
    attached ? call(where, (h5) => h5.get_attached_scales(file.id, path, axis)) : [],
  );
  return {
    read,
    dataset: {
      ...dataset,
      scaleName,
      scales,
      dimensionId: integers("_Netcdf4Dimid")?.[0],
      coordinates: integers("_Netcdf4Coordinates"),
    },
  };
}

function isMarked(dataset: ScaledDataset): boolean {
  return isPhantom(dataset) || dataset.dimensionId !== undefined;
}

/** Old NetCDF-4 files bear no mark, but every axis has a scale that is named like its dataset. */
function looksLikeNetcdf(datasets: readonly ScaledDataset[], axes: Axes): boolean {
  const scales = datasets.filter((dataset) => dataset.scaleName !== undefined);
  return (
    scales.length > 0 &&
    axes.madeUp.length === 0 &&
    scales.every((scale) => scale.path.endsWith(scale.scaleName || "/"))
  );
}

function variableOf(
  file: OpenHdf5,
  { dataset, read }: Described,
  axes: Axes,
  sizes: ReadonlyMap<string, number>,
): VariableSource {
  const name = variableName(dataset.path);
  const { metadata } = dataset;
  const { dataType, unsupported } = carriedType(metadata);
  const where = `${file.location}, variable ${name}`;
  const dimensions = axes.names.get(dataset.path) ?? [];
  const stored = shapeOf(dataset);
  const shape = stored.map((size, axis) => sizes.get(dimensions[axis]) ?? size);
  const whole = { start: stored.map(() => 0), shape: stored };
  let checked = false;
  return {
    name,
    dataType,
    shape,
    dimensions,
    attributes: read.attributes,
    storedChunk: metadata.chunks ?? undefined,
    original: variableOriginal(file, dataset, unsupported, where),
    async readBox(box, signal) {
      if (unsupported) throw unsupportedType(where, unsupported);
      if (!checked) checkReadable(file, dataset, where);
      checked = true;
      const inside = metadata.shape
        ? box.shape.length > 0
          ? intersect(whole, box)
          : box
        : undefined;
      if (inside && countOf(inside.shape) === countOf(box.shape)) {
        return readStoredBox(file, dataset, dataType, box, where, signal);
      }
      const fill = read.attributes._FillValue?.values[0];
      const data = filled(dataType, countOf(box.shape), fill);
      if (inside) {
        const part = await readStoredBox(file, dataset, dataType, inside, where, signal);
        insertBox(data, box.shape, relativeTo(inside, box.start), part);
      }
      return data;
    },
  };
}

/** What a writer of HDF5 needs to store the variable as it was. */
function variableOriginal(
  file: OpenHdf5,
  dataset: ScaledDataset,
  unsupported: string | undefined,
  where: string,
): Json | undefined {
  const { metadata, scaleName } = dataset;
  const original: Record<string, Json> = {};
  if (unsupported) original.unsupported = unsupported;
  if (metadata.chunks) {
    original.chunk = metadata.chunks;
    const filters = file.library.call(where, (h5) =>
      h5.get_dataset_filters(file.id, `/${dataset.path}`),
    );
    const deflate = filters.find((filter) => filter.id === deflateFilter);
    if (deflate) original.deflate = deflate.cd_values[0] ?? 4;
  }
  const fixed = fixedTextLength(metadata);
  if (fixed !== undefined) original.fixedText = fixed;
  if (metadata.enum_type) original.enumeration = metadata.enum_type.members;
  if (scaleName !== undefined) original.scale = scaleName;
  return Object.keys(original).length > 0 ? original : undefined;
}

function originalOf(
  netcdf: boolean,
  axes: Axes,
  tree: Tree,
  groups: readonly { path: string; read: ReadAttributes }[],
  described: readonly Described[],
): Json {
  const all = [...groups, ...described.map(({ dataset, read }) => ({ path: dataset.path, read }))];
  const leftOut = all.flatMap(({ path, read }) =>
    read.leftOut.map((attribute) => `attribute ${attribute} of /${path}`),
  );
  leftOut.push(...tree.datatypes.map((path) => `named datatype /${path}`));
  const shapes = all.flatMap(({ path, read }) =>
    Object.entries(read.shapes).map(([name, shape]) => [`/${path}@${name}`, [...shape]]),
  );
  const original: Record<string, Json> = { kind: netcdf ? "netcdf4" : "hdf5" };
  if (axes.madeUp.length > 0) original.madeUp = [...axes.madeUp];
  if (leftOut.length > 0) original.leftOut = leftOut;
  if (shapes.length > 0) original.attributeShapes = Object.fromEntries(shapes) as Json;
  if (Object.keys(tree.links.soft).length > 0) original.softLinks = tree.links.soft;
  if (Object.keys(tree.links.external).length > 0) original.externalLinks = tree.links.external;
  return original;
}

function unsupportedType(where: string, type: string): FieldzipError {
  return new FieldzipError("unsupported", {
    where,
    expected: "numbers or text",
    found: `values of HDF5 type ${type}`,
    remedy:
      "leave the variable out by naming the others, or store its parts as datasets of numbers",
  });
}
