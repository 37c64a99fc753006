import { writeFile } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import {
  bytesOf,
  bytesPerValue,
  countOf,
  type Dataset,
  FieldzipError,
  type NumericArray,
  type NumericType,
  numbersOf,
  textOf,
  type VariableSource,
} from "@fieldzip/core";
import { writeAside } from "../files/atomic.js";
import { type PlacedFile, type Placement, writePlaced } from "../files/placed.js";
import type { WriteOptions, Written } from "../raw/index.js";
import { type GridFields, gridFields } from "./fields.js";
import { type StraightGrid, spacingOf, straightGrid } from "./grid.js";
import { mirrored, repeated } from "./shaped.js";
import { type AppendedArray, collectionText, LENGTH_BYTES, vtkText } from "./xml.js";

export type VtkFormat = "vti" | "vtr";

const kinds = { vti: "ImageData", vtr: "RectilinearGrid" } as const;

/**
 * Writes the variables of a grid as VTK's ImageData (`vti`: equally spaced) or RectilinearGrid (`vtr`). One step is the
 * file `target`; several are a file each in a folder, with a collection (`.pvd`) beside it: `run.vti` becomes `run.pvd`
 * and `run_vti/run_0000.vti`. Slab by slab; every bit of a value stays. What is on no grid is left out and named.
 */
export async function writeVtk(
  dataset: Dataset,
  target: string,
  format: VtkFormat,
  options: WriteOptions = {},
): Promise<Written> {
  const fields = gridFields(dataset);
  const grid = await straightGrid(dataset, fields.axes, options.signal);
  if (format === "vti") checkSpacing(dataset, fields.axes, grid);
  const steps = await stepTimes(dataset, fields, options.signal);
  const content: Content = { format, grid, fields, steps };
  const { leftOut } = fields;
  if (steps.length === 1 && extname(target).toLowerCase() !== ".pvd") {
    const pending = await writeAside(target, options);
    try {
      const bytes = await writeGrids(content, [pending.path], options);
      await pending.publish();
      return { files: [target], bytes, leftOut };
    } catch (error) {
      await pending.discard();
      throw error;
    }
  }
  return { ...(await writeCollection(content, target, options)), leftOut };
}

interface Content {
  readonly format: VtkFormat;
  readonly grid: StraightGrid;
  readonly fields: GridFields;
  /** The time of every file; undefined where there are no steps. */
  readonly steps: readonly (number | undefined)[];
}

async function writeCollection(
  content: Content,
  target: string,
  options: WriteOptions,
): Promise<Written> {
  const { format, steps } = content;
  const extension = extname(target).toLowerCase();
  const known = [".vti", ".vtr", ".pvd"].includes(extension);
  const stem = known ? target.slice(0, -extension.length) : target;
  const folder = `${stem}_${format}`;
  const collection = `${stem}.pvd`;
  const digits = Math.max(4, String(steps.length - 1).length);
  const names = steps.map(
    (_, k) => `${basename(stem)}_${String(k).padStart(digits, "0")}.${format}`,
  );
  const text = collectionText(
    names.map((name, k) => ({ file: `${basename(folder)}/${name}`, time: steps[k] ?? k })),
  );
  const listed = await writeAside(collection, options);
  const pending = await writeAside(folder, options);
  try {
    const paths = names.map((name) => join(pending.path, name));
    const bytes = await writeGrids(content, paths, options);
    await writeFile(listed.path, text);
    // The collection last: what it names is there.
    await pending.publish();
    await listed.publish();
    return {
      files: [collection, ...names.map((name) => join(folder, name))],
      bytes: bytes + text.length,
    };
  } catch (error) {
    await pending.discard();
    await listed.discard();
    throw error;
  }
}

/** Writes a file a step; resolves to their bytes. */
async function writeGrids(
  { format, grid, fields, steps }: Content,
  paths: readonly string[],
  options: WriteOptions,
): Promise<number> {
  const arrays = fields.fields.map(({ source, stepped }): AppendedArray => {
    const count = countOf(stepped ? source.shape.slice(1) : source.shape);
    const dataType = source.dataType as NumericType;
    const units = textOf(source, "units");
    return { name: source.name, dataType, bytes: count * bytesPerValue(dataType), units };
  });
  const coordinates =
    format === "vtr" ? grid.lines.map(({ places }) => bytesOf(places)) : ([] as Uint8Array[]);
  const places: Placement[][] = arrays.map(() => []);
  const files = paths.map((path, step): PlacedFile => {
    const { head, offsets, tail } = vtkText(kinds[format], grid, arrays, steps[step]);
    const lengths = [
      ...coordinates.map(({ length }) => length),
      ...arrays.map(({ bytes }) => bytes),
    ];
    const end = offsets[offsets.length - 1] + lengths[lengths.length - 1];
    fields.fields.forEach(({ source, stepped }, k) => {
      const { dataType, shape } = source;
      const array = {
        offset: offsets[coordinates.length + k],
        shape: stepped ? shape.slice(1) : shape,
        dataType: dataType as NumericType,
        byteOrder: "little" as const,
      };
      places[k].push({ path, array });
    });
    const fixed = [
      { offset: 0, bytes: head },
      ...lengths.map((length, k) => ({
        offset: offsets[k] - LENGTH_BYTES,
        bytes: count64(length),
      })),
      ...coordinates.map((bytes, k) => ({ offset: offsets[k], bytes })),
      { offset: end, bytes: tail },
    ];
    return { path, size: end + tail.length, fixed };
  });
  const variables = fields.fields.map((field, k) => {
    const source = presented(field, grid);
    if (field.stepped) return { source, places: places[k] };
    if (paths.length === 1) return { source, places: places[k][0] };
    return { source: repeated(source, fields.steps ?? "step", paths.length), places: places[k] };
  });
  await writePlaced(files, variables, options);
  return files.reduce((sum, { size }) => sum + size, 0);
}

/** The variable with its axes in the order in which the grid's rise. */
function presented(
  { source, axes }: GridFields["fields"][number],
  { lines }: StraightGrid,
): VariableSource {
  const flipped = source.dimensions.map((name) => {
    const axis = axes.indexOf(name);
    return axis >= 0 && lines[axes.length - 1 - axis].flipped;
  });
  return mirrored(source, flipped);
}

/** The times of the steps: of a variable `time` along them, else their coordinate, else their numbers. */
async function stepTimes(
  dataset: Dataset,
  { steps, fields }: GridFields,
  signal?: AbortSignal,
): Promise<(number | undefined)[]> {
  if (steps === undefined) return [undefined];
  const count = fields.find(({ stepped }) => stepped)?.source.shape[0] ?? 0;
  if (count === 0) {
    throw new FieldzipError("missing", {
      where: `${dataset.location}, dimension ${steps}`,
      expected: "at least one step",
      found: "none",
      remedy: "there is nothing to write",
    });
  }
  const along = dataset.variables.filter(
    ({ dimensions, dataType }) =>
      dimensions.length === 1 &&
      dimensions[0] === steps &&
      dataType !== "string" &&
      dataType !== "char",
  );
  const variable = ["time", steps].flatMap((name) => along.filter((one) => one.name === name))[0];
  if (!variable) return Array.from({ length: count }, (_, k) => k);
  const times = numbersOf((await variable.readBox(undefined, signal)) as NumericArray);
  return Array.from(times, (time, k) => (Number.isFinite(time) ? time : k));
}

function count64(bytes: number): Uint8Array {
  const out = new DataView(new ArrayBuffer(LENGTH_BYTES));
  out.setBigUint64(0, BigInt(bytes), true);
  return new Uint8Array(out.buffer);
}

function checkSpacing(dataset: Dataset, axes: readonly string[], grid: StraightGrid): void {
  const uneven = axes.filter((_, axis) => !spacingOf(grid.lines[axes.length - 1 - axis]));
  if (uneven.length === 0) return;
  throw new FieldzipError("unsupported", {
    where: dataset.location,
    expected: "equally spaced axes, as VTK's ImageData has them",
    found: `${uneven.join(", ")} with unequal spacing`,
    remedy: "write a rectilinear grid: --to vtr, or a name that ends in .vtr",
  });
}
