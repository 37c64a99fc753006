import { bytesPerValue, countOf, type DataType, FieldzipError, type Json } from "@fieldzip/core";
import { isDataType } from "./attributes.js";
import {
  badMetadata,
  expectArray,
  expectCounts,
  expectObject,
  expectString,
  isObject,
  type JsonObject,
  member,
} from "./json.js";
import { archiveLimits } from "./limits.js";
import { storedType } from "./metadata.js";

/** How the chunks of a stored array are coded. `unknown` arrays are listed but not read. */
export type StoredCodec =
  /** `configuration`: what was asked for, for people; the stream describes itself. */
  | { readonly name: "fieldzip"; readonly configuration: JsonObject }
  | { readonly name: "standard" }
  | { readonly name: "unknown"; readonly description: string };

export function parseDataType(value: unknown, note: unknown, where: string): DataType {
  if (!isDataType(value) || value === "char") {
    throw new FieldzipError("unsupported", {
      where,
      expected: "a data type of archive version 1",
      found: (JSON.stringify(value) ?? "nothing").slice(0, 80),
      remedy: "read it with a newer release of fieldzip, or with another Zarr reader",
    });
  }
  if (note === undefined) return value;
  if (note === "char" && value === storedType("char")) return "char";
  throw badMetadata(where, "type char of uint8, or none", note);
}

export function checkShapes(
  shape: readonly number[],
  chunk: readonly number[],
  shard: readonly number[],
  dataType: DataType,
  where: string,
): void {
  if (chunk.length !== shape.length || shard.length !== shape.length) {
    throw badMetadata(where, `chunk shapes with ${shape.length} axes`, [chunk, shard]);
  }
  if (chunk.some((size, axis) => shard[axis] % size !== 0)) {
    throw badMetadata(where, "shards of whole chunks", [shard, chunk]);
  }
  const bytes = countOf(chunk) * bytesPerValue(dataType);
  if (bytes > archiveLimits.chunkBytes) {
    throw beyond(where, `${archiveLimits.chunkBytes} bytes in a chunk`, `${bytes}`);
  }
  const chunks = countOf(shard.map((size, axis) => size / chunk[axis]));
  if (chunks > archiveLimits.chunksPerShard) {
    throw beyond(where, `${archiveLimits.chunksPerShard} chunks in a shard`, `${chunks}`);
  }
}

export function parseCodecs(
  value: unknown,
  shard: readonly number[],
  dataType: DataType,
  where: string,
): { chunk: readonly number[]; sharded: boolean; codec: StoredCodec } {
  const at = `${where}, codecs`;
  const codecs = expectArray(value, at);
  const [first] = codecs;
  if (codecs.length === 1 && isObject(first) && member(first, "name") === "sharding_indexed") {
    const configuration = expectObject(member(first, "configuration"), at);
    const chunk = expectCounts(member(configuration, "chunk_shape"), 1, at);
    const index = namesOf(expectArray(member(configuration, "index_codecs"), at), at);
    const place = member(configuration, "index_location") ?? "end";
    if (place !== "end" || index.join() !== "bytes,crc32c") {
      const description = `a shard index ${index.join(" + ")} at the ${String(place)}`;
      return { chunk, sharded: true, codec: { name: "unknown", description } };
    }
    const inner = expectArray(member(configuration, "codecs"), at);
    return { chunk, sharded: true, codec: parseChunkCodecs(inner, dataType, at) };
  }
  return { chunk: shard, sharded: false, codec: parseChunkCodecs(codecs, dataType, at) };
}

function parseChunkCodecs(codecs: readonly Json[], dataType: DataType, at: string): StoredCodec {
  const names = namesOf(codecs, at);
  const [first] = codecs;
  if (names.length === 1 && names[0] === "fieldzip") {
    const configuration = expectObject(
      (isObject(first) ? member(first, "configuration") : undefined) ?? {},
      at,
    );
    return { name: "fieldzip", configuration };
  }
  const expected = dataType === "string" ? "vlen-utf8,gzip,crc32c" : "bytes,gzip,crc32c";
  const endian =
    isObject(first) && isObject(member(first, "configuration"))
      ? member(member(first, "configuration") as JsonObject, "endian")
      : undefined;
  if (names.join() === expected && endian !== "big") return { name: "standard" };
  return { name: "unknown", description: `the codecs ${names.join(" + ").slice(0, 100)}` };
}

/** A codec is `{"name": …}` or, in short, its name. */
function namesOf(codecs: readonly Json[], at: string): string[] {
  return codecs.map((codec) => expectString(isObject(codec) ? member(codec, "name") : codec, at));
}

export function beyond(where: string, limit: string, found: string): FieldzipError {
  return new FieldzipError("limit", {
    where,
    expected: `at most ${limit}`,
    found,
    remedy:
      "the metadata asks for more than a reader allows; write the archive with smaller chunks",
  });
}
