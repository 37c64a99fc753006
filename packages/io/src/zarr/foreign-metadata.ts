import { FieldzipError, throwIfAborted } from "@fieldzip/core";
import type { ReadableStore } from "../store/store.js";
import { isObject, type JsonObject, member } from "./json.js";
import { archiveLimits } from "./limits.js";

/** A group or an array of a Zarr hierarchy that another tool wrote. */
export interface ForeignNode {
  /** Without slashes around it; `""` is the root. */
  readonly path: string;
  readonly version: 2 | 3;
  readonly kind: "group" | "array";
  /** `zarr.json`, `.zarray` or `.zgroup`. */
  readonly metadata: JsonObject;
  readonly attributes: JsonObject;
}

/** The metadata objects that make a location a Zarr hierarchy. */
export const zarrMarkers = ["zarr.json", ".zmetadata", ".zgroup", ".zarray"] as const;

/** Finds all groups and arrays: from consolidated metadata, or by listing where the store can. */
export async function listForeign(
  store: ReadableStore,
  signal?: AbortSignal,
): Promise<ForeignNode[]> {
  const documents = new Map<string, JsonObject>();
  const load = async (key: string) => {
    throwIfAborted(signal);
    const document = await readDocument(store, key, signal);
    if (document) documents.set(key, document);
    return document;
  };
  const root = await load("zarr.json");
  const consolidated = root
    ? member(root, "consolidated_metadata")
    : member((await load(".zmetadata")) ?? {}, "metadata");
  if (root && isObject(consolidated)) {
    const nodes = member(consolidated, "metadata");
    for (const [path, node] of Object.entries(isObject(nodes) ? nodes : {})) {
      if (isObject(node)) documents.set(`${path}/zarr.json`, node);
    }
  } else if (isObject(consolidated)) {
    for (const [key, node] of Object.entries(consolidated)) {
      if (isObject(node)) documents.set(key, node);
    }
  } else {
    const names = root ? ["zarr.json"] : [".zgroup", ".zarray", ".zattrs"];
    if (!root) for (const name of names) await load(name);
    // Nothing at all, and no way to look further: this is no hierarchy.
    if (documents.size === 0 && !store.list) return [];
    const single = root ? member(root, "node_type") === "array" : documents.has(".zarray");
    if (!single) await listDocuments(store, names, load);
  }
  return nodesOf(documents, store.location);
}

async function listDocuments(
  store: ReadableStore,
  names: readonly string[],
  load: (key: string) => Promise<unknown>,
): Promise<void> {
  if (!store.list) {
    throw new FieldzipError("unsupported", {
      where: store.location,
      expected: "consolidated metadata, because a web server does not list its files",
      found: "none",
      remedy:
        "consolidate the metadata (zarr.consolidate_metadata), or name one array of the hierarchy",
    });
  }
  for (const key of await store.list("")) {
    if (key.includes("/") && names.includes(key.slice(key.lastIndexOf("/") + 1))) await load(key);
  }
}

function nodesOf(documents: ReadonlyMap<string, JsonObject>, location: string): ForeignNode[] {
  const nodes: ForeignNode[] = [];
  for (const [key, metadata] of documents) {
    const slash = key.lastIndexOf("/");
    const path = key.slice(0, Math.max(0, slash));
    const name = key.slice(slash + 1);
    if (name === "zarr.json") {
      const kind = member(metadata, "node_type");
      if (kind !== "group" && kind !== "array") {
        throw damaged(`${location}, ${key}`, "node_type group or array", kind);
      }
      const attributes = member(metadata, "attributes");
      const own = isObject(attributes) ? attributes : {};
      nodes.push({ path, version: 3, kind, metadata, attributes: own });
    } else if (name === ".zarray" || name === ".zgroup") {
      const attributes = documents.get(slash < 0 ? ".zattrs" : `${path}/.zattrs`) ?? {};
      const kind = name === ".zarray" ? "array" : "group";
      nodes.push({ path, version: 2, kind, metadata, attributes });
    }
  }
  return nodes.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

async function readDocument(
  store: ReadableStore,
  key: string,
  signal?: AbortSignal,
): Promise<JsonObject | undefined> {
  const bytes = await store.get(key, signal);
  if (!bytes) return undefined;
  const where = `${store.location}, ${key}`;
  if (bytes.length > archiveLimits.metadataBytes) {
    throw new FieldzipError("limit", {
      where,
      expected: `at most ${archiveLimits.metadataBytes} bytes of metadata`,
      found: `${bytes.length}`,
      remedy: "the hierarchy is damaged or far larger than fieldzip reads",
    });
  }
  const text = new TextDecoder().decode(bytes);
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    try {
      // Python writes bare NaN and Infinity, which JSON does not have.
      document = JSON.parse(
        text.replace(/"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/g, (token) =>
          token.startsWith('"') ? token : `"${token}"`,
        ),
      );
    } catch (error) {
      throw damaged(where, "JSON", text.slice(0, 40), error);
    }
  }
  if (!isObject(document)) throw damaged(where, "a JSON object", document);
  return document;
}

/** Shape and chunk of an array, checked. With sharding the chunk is the inner one. */
export function foreignShape(
  node: ForeignNode,
  location: string,
): { shape: number[]; chunk: number[] } {
  const where = `${location}, array ${node.path || "/"}`;
  const shape = counts(member(node.metadata, "shape"), 0, `${where}, shape`);
  if (shape.length > 32) throw damaged(where, "at most 32 axes", shape.length);
  if (node.version === 2) {
    const chunk = counts(member(node.metadata, "chunks"), 1, `${where}, chunks`);
    return { shape, chunk: sameRank(chunk, shape, where) };
  }
  const grid = member(node.metadata, "chunk_grid");
  if (!isObject(grid) || member(grid, "name") !== "regular") {
    throw new FieldzipError("unsupported", {
      where,
      expected: "a regular chunk grid",
      found: isObject(grid) ? JSON.stringify(member(grid, "name")) : "none",
      remedy: "write the array again with chunks of one size",
    });
  }
  const outer = sameRank(chunkShape(grid, where), shape, where);
  const codecs = member(node.metadata, "codecs");
  if (!Array.isArray(codecs) || !codecs.every(isObject)) {
    throw damaged(where, "a list of codecs", codecs);
  }
  const sharding = codecs.find((codec) => member(codec, "name") === "sharding_indexed");
  if (!sharding) return { shape, chunk: outer };
  const inner = sameRank(chunkShape(sharding, where), shape, where);
  const perShard = outer.reduce((product, size, axis) => product * (size / inner[axis]), 1);
  if (outer.some((size, axis) => size % inner[axis] !== 0)) {
    throw damaged(where, "shards of whole chunks", `${outer.join(" x ")} of ${inner.join(" x ")}`);
  }
  if (perShard > archiveLimits.chunksPerShard) {
    throw new FieldzipError("limit", {
      where,
      expected: `at most ${archiveLimits.chunksPerShard} chunks in a shard`,
      found: `${perShard}`,
      remedy: "write the array again with smaller shards or larger chunks",
    });
  }
  return { shape, chunk: inner };
}

function chunkShape(holder: JsonObject, where: string): number[] {
  const configuration = member(holder, "configuration");
  const value = isObject(configuration) ? member(configuration, "chunk_shape") : undefined;
  return counts(value, 1, `${where}, chunk_shape`);
}

function counts(value: unknown, least: number, where: string): number[] {
  if (Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= least)) {
    return value;
  }
  throw damaged(where, `a list of whole numbers of at least ${least}`, value);
}

function sameRank(chunk: number[], shape: readonly number[], where: string): number[] {
  if (chunk.length === shape.length) return chunk;
  throw damaged(where, `chunks of ${shape.length} axes`, chunk.length);
}

export function damaged(
  where: string,
  expected: string,
  found: unknown,
  cause?: unknown,
): FieldzipError {
  return new FieldzipError(
    "format",
    {
      where,
      expected,
      found: (found === undefined ? "nothing" : JSON.stringify(found)).slice(0, 80),
      remedy: "the Zarr metadata is damaged; restore it or write the array again",
    },
    cause,
  );
}
