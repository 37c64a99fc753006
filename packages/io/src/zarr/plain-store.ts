import {
  allocate,
  bytesOf,
  bytesPerValue,
  chunkBox,
  countOf,
  type Dataset,
  gridOf,
  insertBox,
  type NumericArray,
  type Variable,
} from "@fieldzip/core";
import { plainDocuments, presentedChunk } from "./plain-metadata.js";
import { encodeStandard } from "./standard-codecs.js";

/** One object of a plain store: nothing is read or decoded before `read`. */
export interface PlainObject {
  /** Bytes, where they are known without reading (all but text). */
  readonly size: number | undefined;
  /** What reading takes in memory, at most or about. */
  readonly weight: number;
  /** Metadata, or values of a chunk. */
  readonly kind: "metadata" | "chunk";
  read(signal?: AbortSignal): Promise<Uint8Array>;
}

/**
 * A dataset as a plain Zarr v3 hierarchy: every variable an array of its own under Zarr's standard codecs, in the
 * chunks in which it is stored, decoded on demand. Any Zarr tool reads it and none needs to know of fieldzip.
 */
export interface PlainStore {
  /** Every metadata document, root first. */
  readonly documents: ReadonlyMap<string, Uint8Array>;
  /** The object under a key (`rho/c/0/0`, `rho/zarr.json`), or undefined where there is none. */
  find(key: string): PlainObject | undefined;
}

export function plainStore(dataset: Dataset): PlainStore {
  const variables = new Map(dataset.variables.map((variable) => [variable.name, variable]));
  const chunks = new Map(
    dataset.variables.map((one) => [one.name, presentedChunk(one, bytesPerValue(one.dataType))]),
  );
  const documents = plainDocuments(dataset, chunks);

  return {
    documents,
    find(key) {
      const document = documents.get(key);
      if (document) {
        const { length } = document;
        return { size: length, weight: length, kind: "metadata", read: async () => document };
      }
      const parts = key.split("/");
      for (let at = parts.lastIndexOf("c"); at > 0; at = parts.lastIndexOf("c", at - 1)) {
        const name = parts.slice(0, at).join("/");
        const variable = variables.get(name);
        const chunk = chunks.get(name);
        const index = variable && chunk && placeOf(parts.slice(at + 1), variable, chunk);
        if (variable && chunk && index) return chunkObject(variable, chunk, index);
      }
      return undefined;
    },
  };
}

/** The chunk index that the last parts of a key say, where it is one of the variable's. */
function placeOf(
  parts: readonly string[],
  { shape }: Variable,
  chunk: readonly number[],
): number[] | undefined {
  if (parts.length !== shape.length) return undefined;
  const grid = gridOf(shape, chunk);
  const isPlace = (part: string, axis: number) =>
    /^(0|[1-9]\d{0,14})$/.test(part) && Number(part) < grid[axis];
  return parts.every(isPlace) && countOf(grid) > 0 ? parts.map(Number) : undefined;
}

function chunkObject(
  variable: Variable,
  chunk: readonly number[],
  index: readonly number[],
): PlainObject {
  const { dataType, shape, name } = variable;
  const weight = countOf(chunk) * bytesPerValue(dataType);
  return {
    size: dataType === "string" ? undefined : weight,
    weight,
    kind: "chunk",
    async read(signal) {
      const box = chunkBox(shape, chunk, index);
      let values = await variable.readBox(box, signal);
      if (countOf(box.shape) < countOf(chunk)) {
        const whole = allocate(dataType, countOf(chunk));
        insertBox(whole, chunk, { start: box.start.map(() => 0), shape: box.shape }, values);
        values = whole;
      }
      if (Array.isArray(values)) {
        return encodeStandard(values, `variable ${name}, chunk [${index.join(",")}]`);
      }
      return bytesOf(values as NumericArray);
    },
  };
}
