import { type Dataset, isFieldzipError, type VariableSource } from "@fieldzip/core";
import { variableOriginal } from "../original.js";
import {
  type FlatFormat,
  type WriteOptions,
  type Written,
  writeFlatFiles,
} from "../raw/write-files.js";
import { makeNpyHeader, type NpyHeader, npyHeaderExtent, parseNpyHeader } from "./header.js";
import { presentedAxes, textOf } from "./open.js";

/** NumPy files: the header that was read, byte for byte, where it still fits; else one of version 1.0. */
export const npyFormat: FlatFormat = {
  extension: ".npy",
  describe(source) {
    const kept = originalHeader(source);
    if (kept) return { byteOrder: kept.header.byteOrder, head: kept.bytes };
    return { byteOrder: "little", head: makeNpyHeader(source.dataType, source.shape) };
  },
};

/** Writes a variable as `.npy`, or several into a folder with a `VAR.npy` each. */
export function writeNpy(
  dataset: Dataset,
  target: string,
  options: WriteOptions = {},
): Promise<Written> {
  return writeFlatFiles(dataset, target, npyFormat, options);
}

function originalHeader(
  source: VariableSource,
): { bytes: Uint8Array; header: NpyHeader } | undefined {
  const original = variableOriginal(source.original, "npy");
  if (typeof original?.header !== "string") return undefined;
  const bytes = Buffer.from(original.header, "base64");
  try {
    const extent = npyHeaderExtent(bytes, source.name);
    if (extent.end !== bytes.length) return undefined;
    const header = parseNpyHeader(textOf(bytes, extent.text), source.name);
    const shape = presentedAxes(header).shape;
    const fits = header.dataType === source.dataType && shape.join() === source.shape.join();
    return fits ? { bytes, header } : undefined;
  } catch (error) {
    // The archive holds something that is no header: a new one serves.
    if (isFieldzipError(error)) return undefined;
    throw error;
  }
}
