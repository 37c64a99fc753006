import { join } from "node:path";
import {
  auxiliaryCoordinates,
  baseName,
  bytesPerValue,
  countOf,
  type Dataset,
  describedDimension,
  FieldzipError,
  type VariableSource,
  type WorkOptions,
} from "@fieldzip/core";
import { writeAside } from "../files/atomic.js";
import type { ByteOrder, FlatArray } from "../files/flat.js";
import { type PlacedFile, type PlacedVariable, writePlaced } from "../files/placed.js";
import { checkEntryName } from "../files/safe-name.js";

export interface WriteOptions extends WorkOptions {
  /** Replace what stands under the target's name. */
  readonly force?: boolean;
}

/** What a writer wrote: paths and their bytes in all. */
export interface Written {
  readonly files: string[];
  readonly bytes: number;
  /** Names of variables that the format has no place for. */
  readonly leftOut?: readonly string[];
}

/** How a format writes one variable into a file of its own. */
export interface FlatFormat {
  /** With the dot: `.npy`. */
  readonly extension: string;
  describe(source: VariableSource): { readonly byteOrder: ByteOrder; readonly head?: Uint8Array };
}

/**
 * Writes one variable as the file `target`, or several as a folder with a file each
 * (`target/VAR.npy`). Coordinates, their bounds and times do not count where `target` has a file's extension: such a file
 * has no room for them.
 */
export async function writeFlatFiles(
  dataset: Dataset,
  target: string,
  format: FlatFormat,
  options: WriteOptions,
): Promise<Written> {
  const sources = dataset.variables.map((variable) => variable.source);
  const auxiliary = new Set(sources.flatMap((source) => auxiliaryCoordinates(dataset, source)));
  const main = sources.filter(
    (source) => describedDimension(dataset, source) === undefined && !auxiliary.has(source.name),
  );
  const single =
    sources.length === 1
      ? sources[0]
      : main.length === 1 && /\.[^./]+$/.test(target)
        ? main[0]
        : undefined;
  if (sources.length === 0) {
    throw new FieldzipError("missing", {
      where: target,
      expected: "a variable to write",
      found: "a dataset without variables",
      remedy: "there is nothing to write",
    });
  }
  const pending = await writeAside(target, { force: options.force });
  try {
    const chosen = single ? [single] : sources;
    const names = chosen.map((source) =>
      single ? "" : pathOf(source.name, dataset.location) + format.extension,
    );
    const plans = chosen.map((source, k) =>
      planFile(source, single ? pending.path : join(pending.path, names[k]), format),
    );
    await writePlaced(
      plans.map((plan) => plan.file),
      plans.map((plan) => plan.variable),
      options,
    );
    await pending.publish();
    return {
      files: single ? [target] : names.map((name) => join(target, name)),
      bytes: plans.reduce((sum, plan) => sum + plan.file.size, 0),
    };
  } catch (error) {
    await pending.discard();
    throw error;
  }
}

/** The file that holds `source`, and where its values stand in it. */
export function planFile(
  source: VariableSource,
  path: string,
  format: FlatFormat,
): { file: PlacedFile; variable: PlacedVariable } {
  const array = flatArrayOf(source, format);
  const bytes = countOf(source.shape) * bytesPerValue(source.dataType);
  return {
    file: { path, size: array.offset + bytes, head: array.head },
    variable: { source, places: { path, array } },
  };
}

/** Layout and header of `source` as a file of its own. */
export function flatArrayOf(
  source: VariableSource,
  format: FlatFormat,
): FlatArray & { head?: Uint8Array } {
  if (source.dataType === "string") {
    throw new FieldzipError("unsupported", {
      where: `variable ${source.name}`,
      expected: "numbers or characters of a fixed size",
      found: "strings",
      remedy: "leave the variable out, or write NetCDF (.nc) or HDF5 (.h5)",
    });
  }
  const { byteOrder, head } = format.describe(source);
  const { dataType, shape } = source;
  return { offset: head?.length ?? 0, shape, dataType, byteOrder, head };
}

/** `grp1/T` stays a path, each part of which is a plain name. */
function pathOf(name: string, where: string): string {
  for (const part of name.split("/")) checkEntryName(part, `${where}, variable ${baseName(name)}`);
  return name;
}
