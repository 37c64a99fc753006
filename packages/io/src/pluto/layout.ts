import { bytesPerValue, countOf, FieldzipError } from "@fieldzip/core";
import type { FlatArray } from "../files/flat.js";
import { dataFileName, type OutputRecord, type Precision } from "./output-table.js";

/** Cells along x3, x2, x1: the order of the axes of a variable. */
export type Cells = readonly [number, number, number];

/** Where one variable of one output lies. */
export interface PlutoPlace {
  readonly variable: string;
  readonly file: string;
  readonly array: FlatArray;
  /** Position in `Cells` of the axis along which the variable sits on faces: one value more. */
  readonly stagger?: number;
}

export function dataTypeOf(precision: Precision): "float32" | "float64" {
  return precision === "flt" ? "float32" : "float64";
}

/** Shape of a variable in one output, without the axes of size 1. */
export function extentOf(cells: Cells, stagger: number | undefined): number[] {
  return cells.map((size, axis) => (axis === stagger ? size + 1 : size)).filter((size) => size > 1);
}

/** The axis that a name such as `Bx1s` puts on faces. */
export function staggerOfName(variable: string): number | undefined {
  const direction = /([123])s$/.exec(variable)?.[1];
  return direction === undefined ? undefined : 3 - Number(direction);
}

/** Places in a file that holds all variables of an output one after another. */
export function placesOfSingleFile(
  record: OutputRecord,
  precision: Precision,
  cells: Cells,
  staggers: readonly (number | undefined)[],
): { file: string; size: number; places: PlutoPlace[] } {
  const file = dataFileName(record, "", precision);
  const dataType = dataTypeOf(precision);
  let offset = 0;
  const places = record.variables.map((variable, k) => {
    const shape = extentOf(cells, staggers[k]);
    const array: FlatArray = { offset, shape, dataType, byteOrder: record.byteOrder };
    offset += countOf(shape) * bytesPerValue(dataType);
    return { variable, file, array, stagger: staggers[k] };
  });
  return { file, size: offset, places };
}

/** Place of a variable that has a file of its own. */
export function placeOfOwnFile(
  record: OutputRecord,
  precision: Precision,
  cells: Cells,
  variable: string,
  stagger: number | undefined,
): { file: string; size: number; place: PlutoPlace } {
  const file = dataFileName(record, variable, precision);
  const dataType = dataTypeOf(precision);
  const shape = extentOf(cells, stagger);
  const array: FlatArray = { offset: 0, shape, dataType, byteOrder: record.byteOrder };
  const size = countOf(shape) * bytesPerValue(dataType);
  return { file, size, place: { variable, file, array, stagger } };
}

/**
 * Finds the variables of an output in the files that are there. Where a size shows that a variable
 * has one value more along an axis it is staggered along it; any other size is an error.
 */
export async function locateOutput(
  record: OutputRecord,
  precision: Precision,
  cells: Cells,
  sizeOf: (file: string) => Promise<number | undefined>,
  folder: string,
): Promise<{ places: PlutoPlace[]; missing: string[] }> {
  if (record.files === "single_file") {
    const centred = placesOfSingleFile(record, precision, cells, []);
    const size = await sizeOf(centred.file);
    if (size === undefined) return { places: [], missing: [centred.file] };
    const staggers = record.variables.map(staggerOfName);
    const staggered = placesOfSingleFile(record, precision, cells, staggers);
    const found = [centred, staggered].find((layout) => layout.size === size);
    if (found) return { places: found.places, missing: [] };
    const count = record.variables.length;
    throw wrongSize(`${folder}/${centred.file}`, cells, precision, centred.size, size, count);
  }
  const places: PlutoPlace[] = [];
  const missing: string[] = [];
  for (const variable of record.variables) {
    const named = staggerOfName(variable);
    const candidates = [undefined, ...(named === undefined ? [] : [named]), 0, 1, 2].map(
      (stagger) => placeOfOwnFile(record, precision, cells, variable, stagger),
    );
    const size = await sizeOf(candidates[0].file);
    if (size === undefined) {
      missing.push(candidates[0].file);
      continue;
    }
    const matching = candidates.filter((candidate) => candidate.size === size);
    // A cube's faces look the same along every axis: only a name can tell them apart then.
    const axes = new Set(matching.map(({ place }) => place.stagger));
    const certain =
      matching[0]?.place.stagger === undefined ||
      matching[0].place.stagger === named ||
      axes.size === 1;
    if (matching.length === 0 || !certain) {
      const path = `${folder}/${candidates[0].file}`;
      throw wrongSize(path, cells, precision, candidates[0].size, size, 1);
    }
    places.push(matching[0].place);
  }
  return { places, missing };
}

function wrongSize(
  where: string,
  cells: Cells,
  precision: Precision,
  expected: number,
  found: number,
  variables: number,
): FieldzipError {
  return new FieldzipError("shape", {
    where,
    expected: `${expected} bytes (${variables} x ${cells.join(" x ")} ${dataTypeOf(precision)})`,
    found: `${found} bytes`,
    remedy:
      found < expected
        ? "the file is incomplete, or belongs to another grid.out"
        : `the file belongs to another grid.out or another list of variables in ${precision}.out`,
  });
}
