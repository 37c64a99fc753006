import { countOf, type DatasetSource, FieldzipError } from "@fieldzip/core";
import { openFile } from "../files/file.js";
import type { FlatArray } from "../files/flat.js";
import { checkFlatSize, flatSource, nameFromFile } from "../raw/flat-source.js";
import { type NpyHeader, npyHeaderExtent, parseNpyHeader } from "./header.js";

/**
 * Opens a NumPy `.npy` file (versions 1.0 to 3.0) as a dataset of one variable.
 *
 * Axes are named `dim_0`, `dim_1`, … in NumPy's order. A Fortran-order array is presented with its
 * axes reversed (`dim_2`, `dim_1`, `dim_0`), which is the order that its values lie in: names, not
 * positions, say which axis is which. A complex array has a last axis `complex` of size 2.
 */
export async function openNpy(
  path: string,
  options: { name?: string } = {},
): Promise<DatasetSource> {
  const file = await openFile(path);
  try {
    const prefix = await file.read(0, 12);
    const extent = npyHeaderExtent(prefix, path);
    const head = await file.read(0, extent.end);
    const header = parseNpyHeader(textOf(head, extent.text), path);
    const { shape, dimensions } = presentedAxes(header);
    const array: FlatArray = {
      offset: extent.end,
      shape,
      dataType: header.dataType,
      byteOrder: header.byteOrder,
    };
    checkCount(shape, path);
    checkFlatSize(path, array, file.size, "the file is incomplete or damaged; write it again");
    return flatSource("npy", path, {
      name: options.name ?? nameFromFile(path),
      dimensions,
      array,
      original: { format: "npy", header: Buffer.from(head).toString("base64") },
    });
  } finally {
    await file.close();
  }
}

/** The header's text: Latin-1 up to version 2, UTF-8 from 3 on. */
export function textOf(head: Uint8Array, start: number): string {
  return Buffer.from(head.subarray(start)).toString(head[6] === 3 ? "utf8" : "latin1");
}

/** Shape and names of the axes in the order in which the values lie, slowest first. */
export function presentedAxes(header: NpyHeader): { shape: number[]; dimensions: string[] } {
  const shape = [...header.shape];
  const dimensions = shape.map((_, axis) => `dim_${axis}`);
  if (header.fortranOrder) {
    shape.reverse();
    dimensions.reverse();
  }
  if (header.complex) {
    shape.push(2);
    dimensions.push("complex");
  }
  return { shape, dimensions };
}

function checkCount(shape: readonly number[], path: string): void {
  if (Number.isSafeInteger(countOf(shape) * 8)) return;
  throw new FieldzipError("shape", {
    where: `${path}, header`,
    expected: "a shape that a file can hold",
    found: shape.join(" x "),
    remedy: "the file is damaged; write it again",
  });
}
