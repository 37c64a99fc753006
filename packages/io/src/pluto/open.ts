import { readdir, stat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import {
  type DatasetSource,
  FieldzipError,
  type Json,
  textAttribute,
  throwIfAborted,
  type VariableSource,
} from "@fieldzip/core";
import { openFile, systemError } from "../files/file.js";
import { packBytes, packedTextLimit } from "../files/packed-text.js";
import { openPool } from "../files/pool.js";
import { cellsOf, dimensionName, gridCoordinates } from "./coordinates.js";
import { parseGrid } from "./grid.js";
import { locateOutput } from "./layout.js";
import { type Precision, parseOutputTable, precisions } from "./output-table.js";
import { type LocatedOutput, outputVariables, type RunContext } from "./variables.js";

export interface PlutoOptions {
  /** Open only the float32 (`flt`) or float64 (`dbl`) outputs. Default: all that are there. */
  readonly precision?: Precision;
  readonly signal?: AbortSignal;
}

const openFiles = 16;

/** `rho.0012.flt`, `data.0004.dbl`. */
const dataFilePattern = /^(.+)\.(\d{4,9})\.(flt|dbl)$/;

/** Whether `path` is named like one of PLUTO's data files. */
export function isPlutoFileName(path: string): boolean {
  return dataFilePattern.test(basename(path));
}

/**
 * Opens the folder of a PLUTO run (`grid.out`, `flt.out` and/or `dbl.out`, and data files), or one
 * `.flt`/`.dbl` file in it.
 *
 * Variables are `[step, z, y, x]` (phi, theta, r or z, phi, r by the grid's geometry) without the
 * axes of a single cell. Where a folder has both float32 and float64 outputs, the latter stand in
 * the group `dbl`. Data files that the `.out` file lists and that are not there are left out; the
 * root attribute `missing_files` names them.
 */
export async function openPluto(path: string, options: PlutoOptions = {}): Promise<DatasetSource> {
  const information = await stat(path).catch((error) => {
    throw systemError(error, path, "read");
  });
  const named = information.isDirectory() ? undefined : basename(path);
  const chosen = named === undefined ? undefined : dataFilePattern.exec(named);
  if (chosen === null) {
    throw new FieldzipError("usage", {
      where: path,
      expected: "a name such as data.0004.flt or rho.0012.dbl",
      found: basename(path),
      remedy: "name the folder of the run, or give --shape and --dtype to read it as bare values",
    });
  }
  const folder = named === undefined ? path : dirname(path);
  const gridBytes = await readSmall(`${folder}/grid.out`);
  const grid = parseGrid(gridBytes.toString("latin1"), `${folder}/grid.out`);
  const cells = cellsOf(grid);
  const present = new Set(await readdir(folder));

  const wanted = chosen ? [chosen[3] as Precision] : precisions;
  const tables: Record<string, Json> = {};
  const found: { precision: Precision; outputs: LocatedOutput[] }[] = [];
  const missing: string[] = [];
  for (const precision of wanted) {
    if (options.precision !== undefined && options.precision !== precision) continue;
    const table = `${precision}.out`;
    if (!present.has(table)) continue;
    const bytes = await readSmall(`${folder}/${table}`);
    const outputs: LocatedOutput[] = [];
    for (const record of parseOutputTable(bytes.toString("latin1"), `${folder}/${table}`)) {
      throwIfAborted(options.signal);
      if (chosen && Number(chosen[2]) !== record.number) continue;
      const only =
        chosen && record.files === "multiple_files"
          ? { ...record, variables: [chosen[1]] }
          : record;
      const located = await locateOutput(
        only,
        precision,
        cells,
        async (file) => (present.has(file) ? (await stat(`${folder}/${file}`)).size : undefined),
        folder,
      );
      missing.push(...located.missing);
      if (located.places.length > 0) outputs.push({ record, places: located.places });
    }
    if (outputs.length === 0) continue;
    tables[precision] = {
      table: packBytes(bytes),
      numbers: outputs.map((output) => output.record.number),
    };
    found.push({ precision, outputs });
  }
  if (found.length === 0) throw nothingFound(path, folder, present, missing, options.precision);

  const files = openPool(openFiles, openFile, (file) => file.close());
  const axes = cells.flatMap((_, axis) => {
    const name = dimensionName(grid, axis, false);
    return [name, `${name}_bounds`, dimensionName(grid, axis, true)];
  });
  const run: RunContext = {
    grid,
    cells,
    folder,
    files,
    reserved: new Set([...axes, "bounds", "step", "time", "dt", "nstep"]),
  };
  const groups = found.map(({ precision, outputs }) =>
    outputVariables(outputs, precision, found.length > 1 && precision === "dbl" ? "dbl/" : "", run),
  );
  const coordinates = gridCoordinates(grid, new Set(groups.flatMap((g) => [...g.staggered])));
  const variables: VariableSource[] = [
    ...coordinates.variables,
    ...groups.flatMap((group) => group.variables),
  ];
  return {
    format: "pluto",
    location: path,
    dimensions: [...groups.flatMap((group) => group.dimensions), ...coordinates.dimensions],
    groups: [
      {
        path: "",
        attributes: {
          geometry: textAttribute(grid.geometry.toLowerCase()),
          ...(missing.length > 0 ? { missing_files: textAttribute(listOf(missing)) } : {}),
        },
      },
      ...(found.length > 1 ? [{ path: "dbl", attributes: {} }] : []),
    ],
    variables,
    original: { grid: packBytes(gridBytes), outputs: tables },
    close: () => files.close(),
  };
}

/** A text file that is read whole, unless it is far too large to be one. */
async function readSmall(path: string): Promise<Buffer> {
  const file = await openFile(path);
  try {
    if (file.size > packedTextLimit) {
      throw new FieldzipError("limit", {
        where: path,
        expected: `at most ${packedTextLimit} bytes of text`,
        found: `${file.size}`,
        remedy: "the file is not PLUTO's; take the one from the run's folder",
      });
    }
    return Buffer.from(await file.read(0, file.size));
  } finally {
    await file.close();
  }
}

function listOf(names: readonly string[]): string {
  const shown = names.slice(0, 20).join(" ");
  return names.length > 20 ? `${shown} and ${names.length - 20} more` : shown;
}

function nothingFound(
  path: string,
  folder: string,
  present: ReadonlySet<string>,
  missing: readonly string[],
  precision: Precision | undefined,
): FieldzipError {
  const tables = precisions.map((name) => `${name}.out`).filter((name) => present.has(name));
  const kinds = precision === undefined ? "flt or dbl" : precision;
  return new FieldzipError("missing", {
    where: path,
    expected:
      missing.length > 0
        ? `at least one of ${listOf(missing)}`
        : `${kinds} outputs and the .out file that lists them`,
    found: tables.length > 0 ? `${tables.join(", ")} without their data files` : "none",
    remedy: `put the data files and their .out file into ${folder}, beside grid.out`,
  });
}
