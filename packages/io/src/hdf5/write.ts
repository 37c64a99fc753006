import { resolve } from "node:path";
import {
  type Attributes,
  bytesPerValue,
  countOf,
  type Dataset,
  FieldzipError,
  type Json,
  slabsTogether,
  throwIfAborted,
  type VariableSource,
  type WorkOptions,
  wholeBox,
} from "@fieldzip/core";
import { writeAside } from "../files/atomic.js";
import {
  createAttribute,
  createChunked,
  createWhole,
  storedType,
  type TargetFile,
  writePart,
} from "./create.js";
import { phantomName } from "./dimensions.js";
import {
  asRecord,
  bytesOfVariable,
  moveUnit,
  type Plan,
  type PlannedVariable,
  planFile,
} from "./layout.js";
import { formatVersion18, type Hdf5Library, loadHdf5, openMode } from "./library.js";

/** Bytes of values that are held at once, besides what the source needs. */
const slabBytes = 16 * 2 ** 20;

export interface WriteNetcdf4Options extends WorkOptions {
  /** Replace an existing file. */
  readonly force?: boolean;
  /**
   * Write dimension scales and what else makes the file NetCDF-4. Default: unless the dataset was
   * read from an HDF5 file that was not NetCDF-4.
   */
  readonly netcdf?: boolean;
}

/**
 * Writes a dataset as NetCDF-4 (HDF5 with dimension scales), or as plain HDF5 without the
 * dimensions that its reader made up. Values pass slab by slab; the file appears when it is whole.
 * Chunk shapes and deflate levels are those of the file that was read, where `original` knows them.
 */
export async function writeNetcdf4(
  dataset: Dataset,
  path: string,
  options: WriteNetcdf4Options = {},
): Promise<void> {
  const { signal } = options;
  throwIfAborted(signal);
  const original = asRecord(dataset.source.original);
  const netcdf = options.netcdf ?? original.kind !== "hdf5";
  const plan = planFile(dataset, netcdf);
  const library = await loadHdf5();
  const pending = await writeAside(path, { force: options.force });
  const target = resolve(pending.path);
  const revoke = library.permit(target);
  let id: bigint | undefined;
  try {
    id = library.call(path, (h5) =>
      h5.open(target, openMode.truncate, true, formatVersion18, formatVersion18),
    );
    const file: TargetFile = { library, id, location: path };
    createGroups(file, dataset, plan, original);
    if (netcdf) createPhantoms(file, plan);
    await writeVariables(file, plan, original, options);
    tieScales(file, plan, netcdf);
    if (netcdf) {
      const properties = { type: "char", values: ["version=2,writer=fieldzip"] } as const;
      createAttribute(file, "", "_NCProperties", properties);
    }
    createLinks(file, original);
    const written = id;
    id = undefined;
    library.call(path, (h5) => h5.close_file(written));
    throwIfAborted(signal);
    await pending.publish();
  } catch (error) {
    if (id !== undefined) closeFailed(library, id, path);
    await pending.discard();
    throw error;
  } finally {
    revoke();
  }
}

/** Closes a file that could not be written; that this fails too, as on a full disk, says nothing new. */
function closeFailed(library: Hdf5Library, id: bigint, path: string): void {
  try {
    library.call(path, (h5) => h5.close_file(id));
  } catch {}
}

function createGroups(
  file: TargetFile,
  dataset: Dataset,
  plan: Plan,
  original: Readonly<Record<string, Json>>,
): void {
  for (const path of plan.groups) {
    file.library.call(`${file.location}, group ${path}`, (h5) =>
      h5.create_group(file.id, `/${path}`, true),
    );
  }
  for (const { path, attributes } of dataset.source.groups) {
    createAttributes(file, path, attributes, original, path);
  }
}

function createAttributes(
  file: TargetFile,
  path: string,
  attributes: Attributes,
  original: Readonly<Record<string, Json>>,
  name: string,
): void {
  const shapes = asRecord(original.attributeShapes);
  for (const [attribute, value] of Object.entries(attributes)) {
    const shape = shapes[`/${name}@${attribute}`];
    const fits =
      Array.isArray(shape) &&
      shape.every((size) => typeof size === "number") &&
      countOf(shape as number[]) === value.values.length;
    createAttribute(file, path, attribute, value, fits ? (shape as number[]) : undefined);
  }
}

/** Creates the scales of dimensions without a coordinate variable; they take no room in the file. */
function createPhantoms(file: TargetFile, plan: Plan): void {
  for (const { dimension, variable } of plan.dimensions) {
    if (variable) continue;
    const where = `${file.location}, dimension ${dimension.name}`;
    const layout = {
      unlimited: [dimension.unlimited ?? false],
      chunk: [Math.min(Math.max(1, dimension.size), 2 ** 20)],
    };
    const stored = storedType("float32");
    if (dimension.size === 0 && !dimension.unlimited) {
      createWhole(file, dimension.name, stored, [0], new Float32Array(0), where);
    } else {
      createChunked(file, dimension.name, stored, [dimension.size], layout, where);
    }
  }
}

async function writeVariables(
  file: TargetFile,
  plan: Plan,
  original: Readonly<Record<string, Json>>,
  { signal, onProgress }: WorkOptions,
): Promise<void> {
  const total = plan.variables.reduce(
    (sum, { variable }) => sum + bytesOfVariable(variable.shape, variable.dataType),
    0,
  );
  let done = 0;
  const advance = ({ name, dataType }: VariableSource, shape: readonly number[]) => {
    done += bytesOfVariable(shape, dataType);
    onProgress?.({ stage: "decompress", done, total, variable: name });
  };
  const bySource = new Map(plan.variables.map((planned) => [planned.variable.source, planned]));
  const chunked: VariableSource[] = [];
  for (const [source, planned] of bySource) {
    throwIfAborted(signal);
    const { path, chunk } = planned;
    const { shape, dataType, name } = source;
    const where = whereOf(file, source);
    const stored = storedType(dataType, planned.fixedText);
    checkAttributeNames(file, planned);
    if (chunk) {
      createChunked(file, path, stored, shape, { ...planned, chunk }, where);
      chunked.push(source);
    } else {
      createWhole(file, path, stored, shape, await source.readBox(wholeBox(shape), signal), where);
      advance(source, shape);
    }
    createAttributes(file, path, source.attributes, original, name);
  }
  const unitOf = (source: VariableSource) => {
    const limit = Math.floor(slabBytes / bytesPerValue(source.dataType));
    return moveUnit(bySource.get(source)!, limit);
  };
  for (const { source, box } of slabsTogether(chunked, slabBytes, unitOf)) {
    throwIfAborted(signal);
    const { path, fixedText } = bySource.get(source)!;
    const data = await source.readBox(box, signal);
    writePart(file, path, storedType(source.dataType, fixedText), box, data, whereOf(file, source));
    advance(source, box.shape);
  }
}

function whereOf({ location }: TargetFile, { name }: VariableSource): string {
  return `${location}, variable ${name}`;
}

/** HDF5 keeps its own attributes under these names on dimension scales. */
function checkAttributeNames(file: TargetFile, { variable, scale }: PlannedVariable): void {
  for (const name of ["CLASS", "NAME"]) {
    if (scale === undefined || !(name in variable.attributes)) continue;
    throw new FieldzipError("unsupported", {
      where: `${file.location}, variable ${variable.name}, attribute ${name}`,
      expected: "other names than CLASS and NAME on a coordinate variable",
      found: name,
      remedy: "write another format; HDF5 needs this name for its dimension scales",
    });
  }
}

/** Makes the scales what they are and attaches them to every axis that has a dimension. */
function tieScales(file: TargetFile, plan: Plan, netcdf: boolean): void {
  const scales = new Map<string, { path: string; id: number }>();

  for (const { dimension, id, variable } of plan.dimensions) {
    if (!variable && !netcdf) continue;
    const path = variable?.path ?? dimension.name;
    const name = variable?.scale ?? `${phantomName}${String(dimension.size).padStart(10)}`;
    const where = `${file.location}, dimension ${dimension.name}`;
    file.library.call(where, (h5) => h5.set_scale(file.id, `/${path}`, name));
    if (netcdf) {
      const number = { type: "int32", values: [id], scalar: true } as const;
      createAttribute(file, path, "_Netcdf4Dimid", number);
    }
    scales.set(dimension.name, { path, id });
  }
  for (const { variable, path, scale } of plan.variables) {
    const { dimensions } = variable;
    if (scale !== undefined) {
      // A scale bears no scales; NetCDF-4 keeps the dimensions of a wider one by number.
      if (netcdf && dimensions.length > 1) {
        const ids = dimensions.map((name) => scales.get(name)?.id ?? 0);
        createAttribute(file, path, "_Netcdf4Coordinates", { type: "int32", values: ids });
      }
      continue;
    }
    dimensions.forEach((name, axis) => {
      const attached = scales.get(name);
      if (!attached) return;
      const where = `${file.location}, variable ${variable.name}, dimension ${name}`;
      file.library.call(where, (h5) =>
        h5.attach_scale(file.id, `/${path}`, `/${attached.path}`, axis),
      );
    });
  }
}

/** Writes links again that the reader of the original did not follow. */
function createLinks(file: TargetFile, original: Readonly<Record<string, Json>>): void {
  for (const [path, target] of Object.entries(asRecord(original.softLinks))) {
    if (typeof target !== "string") continue;
    file.library.call(`${file.location}, link ${path}`, (h5) =>
      h5.create_soft_link(file.id, target, `/${path}`),
    );
  }
  for (const [path, link] of Object.entries(asRecord(original.externalLinks))) {
    const { file: name, path: target } = asRecord(link);
    if (typeof name !== "string" || typeof target !== "string") continue;
    file.library.call(`${file.location}, link ${path}`, (h5) =>
      h5.create_external_link(file.id, name, target, `/${path}`),
    );
  }
}
