import type { Dataset, VariableSource } from "@fieldzip/core";
import { variableOriginal } from "../original.js";
import { type FlatFormat, type WriteOptions, type Written, writeFlatFiles } from "./write-files.js";

/**
 * Bare values: byte order and the bytes before them as they were read, else little-endian without
 * any. `head` is base64.
 */
export function rawFormat(extension = ".raw"): FlatFormat {
  return {
    extension,
    describe(source: VariableSource) {
      const original = variableOriginal(source.original, "raw");
      return {
        byteOrder: original?.byteOrder === "big" ? "big" : "little",
        head: typeof original?.head === "string" ? Buffer.from(original.head, "base64") : undefined,
      };
    },
  };
}

/** Writes a variable as bare values, or several into a folder with a `VAR.raw` each. */
export function writeRaw(
  dataset: Dataset,
  target: string,
  options: WriteOptions = {},
): Promise<Written> {
  return writeFlatFiles(dataset, target, rawFormat(), options);
}
