// The only file that imports zarrita.
import {
  allocate,
  type Box,
  chunkBox,
  chunksOf,
  countOf,
  crc32c,
  type DataArray,
  type DatasetSource,
  type DataType,
  FieldzipError,
  intersect,
  isFieldzipError,
  relativeTo,
  throwIfAborted,
  type VariableSource,
} from "@fieldzip/core";
import * as zarr from "zarrita";
import type { ReadableStore } from "../store/store.js";
import { foreignAttributes } from "./foreign-attributes.js";
import { type ChunkData, copyPart, fillPart } from "./foreign-copy.js";
import { foreignDimensions } from "./foreign-dimensions.js";
import { damaged, type ForeignNode, foreignShape, listForeign } from "./foreign-metadata.js";
import { member } from "./json.js";

type ZarrArray = zarr.Array<zarr.DataType>;

/** Chunks fetched and decoded at once: hides the latency of a server. */
const chunksAtOnce = 4;
/** Bytes of one decoded chunk, at most, were its values 8 bytes long. */
const chunkLimit = 2 ** 31;

/** zarrita cuts checksums off without a look; this one looks. */
class CheckedCrc32c {
  readonly kind = "bytes_to_bytes";
  static fromConfig(): CheckedCrc32c {
    return new CheckedCrc32c();
  }
  computeEncodedSize(size: number): number {
    return size + 4;
  }
  encode(bytes: Uint8Array): Uint8Array {
    const out = new Uint8Array(bytes.length + 4);
    out.set(bytes);
    new DataView(out.buffer).setUint32(bytes.length, crc32c(bytes), true);
    return out;
  }
  decode(bytes: Uint8Array): Uint8Array {
    const content = bytes.subarray(0, Math.max(0, bytes.length - 4));
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const stored = bytes.length < 4 ? undefined : view.getUint32(content.length, true);
    const computed = crc32c(content);
    if (stored === computed) return content;
    const hexadecimal = (value?: number) =>
      value === undefined ? "none" : `0x${value.toString(16)}`;
    throw new FieldzipError("checksum", {
      where: "crc32c",
      expected: hexadecimal(stored),
      found: hexadecimal(computed),
      remedy: "the data is damaged; restore it or write the array again",
    });
  }
}
zarr.registry.set("crc32c", () => CheckedCrc32c as never);

/** Thrown by the adapter where an object does not exist, so that no chunk of fill values is made. */
const neverWritten = Symbol("never written");

/**
 * Opens a Zarr hierarchy (version 2 or 3) that another tool wrote. Groups, dimension names and
 * attributes are presented; values are read chunk by chunk. The store is closed with the dataset.
 */
export async function openForeignZarr(
  store: ReadableStore,
  signal?: AbortSignal,
): Promise<DatasetSource> {
  const { location } = store;
  const nodes = await listForeign(store, signal);
  if (nodes.length === 0) {
    throw new FieldzipError("format", {
      where: location,
      expected: "zarr.json, .zgroup or .zarray",
      found: "none",
      remedy: "this is no Zarr hierarchy; name its root",
    });
  }
  const arrays = nodes
    .filter((node) => node.kind === "array")
    .map((node) => ({ node, ...foreignShape(node, location) }));
  const { dimensions, axes } = foreignDimensions(arrays);
  const variables: VariableSource[] = [];
  for (const { node, shape, chunk } of arrays) {
    throwIfAborted(signal);
    const where = `${location}, array ${node.path || "/"}`;
    const array = await openArray(store, node, chunk, where);
    const dataType = dataTypeOf(array.dtype, node, where);
    variables.push({
      name: node.path || nameOf(location),
      dataType,
      shape,
      dimensions: axes.get(node.path) ?? [],
      attributes: foreignAttributes(attributesOf(node), dataType),
      storedChunk: chunk.map((size, axis) => Math.max(1, Math.min(size, shape[axis]))),
      readBox: (box, stop) => readBox(array, node, { dataType, shape, chunk, where }, box, stop),
    });
  }
  const groups = nodes.filter((node) => node.kind === "group");
  return {
    format: "zarr",
    location,
    dimensions,
    groups: [
      ...(groups.some((group) => group.path === "") ? [] : [{ path: "", attributes: {} }]),
      ...groups.map((group) => ({
        path: group.path,
        attributes: foreignAttributes(group.attributes),
      })),
    ],
    variables,
    close: () => store.close(),
  };
}

function nameOf(location: string): string {
  const path = location.replace(/[?#].*$/, "").replace(/[\\/]+$/, "");
  const last = path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
  return last.replace(/\.(zip|zarr)$/g, "").replace(/\.zarr$/, "") || "data";
}

/** xarray takes version 2's fill value for `_FillValue`; 0 is what Zarr writes when nobody chose. */
function attributesOf(node: ForeignNode): ForeignNode["attributes"] {
  const fill = member(node.metadata, "fill_value");
  const given = member(node.attributes, "_FillValue") !== undefined;
  if (node.version === 3 || given || fill === undefined || fill === null || fill === 0) {
    return node.attributes;
  }
  return { ...node.attributes, _FillValue: fill };
}

async function openArray(
  store: ReadableStore,
  node: ForeignNode,
  chunk: readonly number[],
  where: string,
): Promise<ZarrArray> {
  // Chunks that do not exist may have any size: they are never made.
  const found = (bytes: Uint8Array | undefined): Uint8Array => {
    if (!bytes) throw neverWritten;
    if (countOf(chunk) * 8 > chunkLimit) throw tooLarge(where, chunk);
    // A Buffer's slice is no copy; zarrita takes it for one and swaps bytes in it.
    return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  };
  const documents = new Map<string, unknown>(
    node.version === 3
      ? [["/zarr.json", node.metadata]]
      : [
          ["/.zarray", node.metadata],
          ["/.zattrs", node.attributes],
        ],
  );
  // Every array is the root of a store of its own: no name can be taken for part of a URL.
  const key = (path: string) => (node.path === "" ? path.slice(1) : node.path + path);
  const adapter: zarr.AsyncReadable = {
    async get(path, options) {
      if (documents.has(path)) {
        return new TextEncoder().encode(JSON.stringify(documents.get(path)));
      }
      return found(await store.get(key(path), options?.signal));
    },
    async getRange(path, range, options) {
      if ("offset" in range && !(range.offset >= 0 && range.length >= 0)) {
        throw damaged(where, "a shard index with an entry for every chunk", range);
      }
      return found(await store.getRange(key(path), range, options?.signal));
    },
  };
  try {
    const open = node.version === 3 ? zarr.open.v3 : zarr.open.v2;
    return (await open(adapter, { kind: "array" })) as ZarrArray;
  } catch (error) {
    throw zarrError(error, where);
  }
}

function dataTypeOf(dtype: string, node: ForeignNode, where: string): DataType {
  if (/^(u?int(8|16|32|64)|float(32|64))$/.test(dtype)) return dtype as DataType;
  if (dtype === "bool") return "uint8";
  if (dtype === "string" || /^v2:[US]\d+$/.test(dtype)) return "string";
  const filters = JSON.stringify(member(node.metadata, "filters") ?? null);
  if (dtype === "v2:object" && filters.includes("vlen-utf8")) return "string";
  throw new FieldzipError("unsupported", {
    where,
    expected: "integers, float32, float64, bool or text",
    found: dtype.replace("v2:", ""),
    remedy: "write the array again as one of these, or leave it out",
  });
}

interface ArrayLayout {
  readonly dataType: DataType;
  readonly shape: readonly number[];
  readonly chunk: readonly number[];
  readonly where: string;
}

async function readBox(
  array: ZarrArray,
  node: ForeignNode,
  layout: ArrayLayout,
  box: Box,
  signal?: AbortSignal,
): Promise<DataArray> {
  const { dataType, shape, chunk, where } = layout;
  const out = allocate(dataType, countOf(box.shape));
  const read = async (index: number[]) => {
    throwIfAborted(signal);
    const at = `${where}, chunk [${index.join(",")}]`;
    const covered = chunkBox(shape, chunk, index);
    const part = intersect(covered, box);
    if (!part) return;
    const inBox = relativeTo(part, box.start);
    try {
      const decoded = await array.getChunk(index, { signal });
      const data = decoded.data as unknown as ChunkData;
      if (data.length !== countOf(chunk)) throw wrongLength(at, countOf(chunk), data.length);
      copyPart(data, decoded.stride, relativeTo(part, covered.start), out, box.shape, inBox);
    } catch (error) {
      if (error !== neverWritten && (error as Error)?.cause !== neverWritten) {
        throw zarrError(error, at);
      }
      fillPart(member(node.metadata, "fill_value"), dataType, out, box.shape, inBox);
    }
  };
  // A scalar has one chunk, which no axis leads to.
  const indices = shape.length === 0 ? [[]][Symbol.iterator]() : chunksOf(box, chunk);
  const worker = async () => {
    for (let next = indices.next(); !next.done; next = indices.next()) await read(next.value);
  };
  await Promise.all(Array.from({ length: chunksAtOnce }, worker));
  return out;
}

function tooLarge(where: string, chunk: readonly number[]): FieldzipError {
  return new FieldzipError("limit", {
    where,
    expected: `a chunk of at most ${chunkLimit / 8} values`,
    found: chunk.join(" x "),
    remedy: "write the array again with smaller chunks",
  });
}

function wrongLength(where: string, expected: number, found: number): FieldzipError {
  return new FieldzipError(found < expected ? "truncated" : "shape", {
    where,
    expected: `${expected} values`,
    found: `${found}`,
    remedy: "the chunk is damaged; restore it or write the array again",
  });
}

/** Everything that zarrita and its codecs throw, as typed errors. */
function zarrError(error: unknown, where: string): FieldzipError {
  if (isFieldzipError(error)) {
    const known = error.tag === "aborted" || where.startsWith(error.details.where);
    return known ? error : error.within(where);
  }
  if ((error as Error)?.name === "AbortError") {
    return new FieldzipError("aborted", { where, remedy: "stopped on request" }, error);
  }
  const found = error instanceof Error ? error.message : String(error);
  if (zarr.isZarritaError(error, "UnknownCodecError", "UnsupportedError")) {
    return new FieldzipError(
      "unsupported",
      { where, found, remedy: "write the array again with blosc, zstd, gzip or no compression" },
      error,
    );
  }
  if (zarr.isZarritaError(error, "CodecPipelineError")) {
    if (isFieldzipError(error.cause)) return error.cause.within(where);
    const cause = error.cause instanceof Error ? error.cause.message : String(error.cause);
    return new FieldzipError(
      "format",
      {
        where,
        expected: `a chunk that ${error.codec ?? "its codecs"} can decode`,
        found: cause,
        remedy: "the chunk is damaged; restore it or write the array again",
      },
      error,
    );
  }
  return new FieldzipError(
    "format",
    { where, found, remedy: "the Zarr array is damaged; restore it or write it again" },
    error,
  );
}
