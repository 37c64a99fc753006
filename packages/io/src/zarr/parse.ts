import {
  type Attributes,
  countOf,
  type DataType,
  type Dimension,
  FieldzipError,
  type Group,
  type JointMember,
  type Json,
} from "@fieldzip/core";
import { isSafeKey } from "../store/keys.js";
import { decodeAttributes } from "./attributes.js";
import {
  badMetadata,
  expectArray,
  expectCount,
  expectCounts,
  expectObject,
  expectString,
  isObject,
  type JsonObject,
  member,
} from "./json.js";
import { archiveLimits } from "./limits.js";
import { archiveVersion } from "./metadata.js";
import {
  beyond,
  checkShapes,
  parseCodecs,
  parseDataType,
  type StoredCodec,
} from "./parse-array.js";

/** The metadata of one stored array, every number in it checked. */
export interface ArrayMetadata {
  readonly path: string;
  readonly dataType: DataType;
  readonly shape: readonly number[];
  /** Dimension paths, slowest first. */
  readonly dimensions: readonly string[];
  readonly chunk: readonly number[];
  /** Equal to `chunk` where an object is one chunk. */
  readonly shard: readonly number[];
  readonly sharded: boolean;
  readonly codec: StoredCodec;
  readonly attributes: Attributes;
  readonly original?: Json;
  readonly joint?: { readonly axis: number; readonly members: readonly JointMember[] };
  /** The joint array whose member names this string array lists. */
  readonly namesOf?: string;
}

export interface ArchiveMetadata {
  readonly format: string;
  readonly original?: Json;
  readonly dimensions: readonly Dimension[];
  readonly groups: readonly Group[];
  readonly arrays: readonly ArrayMetadata[];
  /** Names of variables in the order to present them; what is not named comes after. */
  readonly order: readonly string[];
}

/** `attributes.fieldzip` of a parsed root `zarr.json`, or undefined where it is no archive of ours. */
export function archiveNote(root: unknown): JsonObject | undefined {
  if (!isObject(root)) return undefined;
  const attributes = member(root, "attributes");
  const note = isObject(attributes) ? member(attributes, "fieldzip") : undefined;
  return isObject(note) && member(note, "version") !== undefined ? note : undefined;
}

/** Checks a root `zarr.json` and everything consolidated in it. */
export function parseArchive(root: unknown, location: string): ArchiveMetadata {
  const note = archiveNote(root);
  if (!note) throw notAnArchive(location, "a Zarr group without our note");
  const version = expectCount(member(note, "version"), 1, `${location}, fieldzip.version`);
  if (version > archiveVersion) {
    throw new FieldzipError("unsupported", {
      where: location,
      expected: `archive version ${archiveVersion} or older`,
      found: `${version}`,
      remedy: "read it with a newer release of fieldzip",
    });
  }
  const node = expectObject(root, location);
  const format = expectString(member(note, "format"), `${location}, fieldzip.format`);
  const dimensions = parseDimensions(member(note, "dimensions"), `${location}, dimensions`);
  const groups: Group[] = [groupOfNode("", node, location)];
  const arrays: ArrayMetadata[] = [];
  const consolidated = expectObject(
    member(node, "consolidated_metadata"),
    `${location}, consolidated metadata`,
  );
  const nodes = expectObject(
    member(consolidated, "metadata"),
    `${location}, consolidated metadata`,
  );
  for (const [path, value] of Object.entries(nodes)) {
    const where = `${location}, node ${path.slice(0, 200)}`;
    if (!isSafeKey(path)) throw badMetadata(where, "a relative path", path);
    const child = expectObject(value, where);
    const type = member(child, "node_type");
    if (type === "group") groups.push(groupOfNode(path, child, where));
    else if (type === "array") arrays.push(parseArray(path, child, location));
    else throw badMetadata(where, "node_type array or group", type);
  }
  checkTogether(arrays, dimensions, location);
  const order = expectArray(member(note, "variables") ?? [], `${location}, variables`).map((name) =>
    expectString(name, `${location}, variables`),
  );
  return { format, original: member(note, "original"), dimensions, groups, arrays, order };
}

function groupOfNode(path: string, node: JsonObject, where: string): Group {
  const attributes = expectObject(member(node, "attributes") ?? {}, where);
  const note = expectObject(member(attributes, "fieldzip") ?? {}, where);
  const types = member(note, "attribute_types");
  return { path, attributes: decodeAttributes(attributes, types, where) };
}

function parseDimensions(value: unknown, where: string): Dimension[] {
  const seen = new Set<string>();
  return expectArray(value, where).map((entry) => {
    const item = expectObject(entry, where);
    const name = expectString(member(item, "name"), where);
    if (seen.has(name)) throw badMetadata(where, "every name once", name);
    seen.add(name);
    const size = expectCount(member(item, "size"), 0, `${where}, ${name}`);
    return member(item, "unlimited") === true ? { name, size, unlimited: true } : { name, size };
  });
}

/** Checks the metadata of one array. Also run on what is about to be written. */
export function parseArray(path: string, node: JsonObject, location: string): ArrayMetadata {
  const where = `${location}, variable ${path}`;
  const attributes = expectObject(member(node, "attributes") ?? {}, where);
  const note = expectObject(member(attributes, "fieldzip") ?? {}, where);
  const dataType = parseDataType(member(node, "data_type"), member(note, "type"), where);
  const shape = expectCounts(member(node, "shape"), 0, `${where}, shape`);
  const rank = shape.length;
  if (rank > archiveLimits.rank) throw beyond(where, `${archiveLimits.rank} axes`, `${rank}`);
  if (!Number.isSafeInteger(countOf(shape))) throw beyond(where, "2^53 values", "more");
  const grid = expectObject(member(node, "chunk_grid"), `${where}, chunk grid`);
  const keys = expectObject(member(node, "chunk_key_encoding"), `${where}, chunk keys`);
  const separator = member(expectObject(member(keys, "configuration") ?? {}, where), "separator");
  if (member(grid, "name") !== "regular" || member(keys, "name") !== "default") {
    throw badMetadata(where, "a regular chunk grid with default chunk keys", member(grid, "name"));
  }
  if (separator !== undefined && separator !== "/") throw badMetadata(where, "/", separator);
  const gridShape = member(expectObject(member(grid, "configuration"), where), "chunk_shape");
  const shard = expectCounts(gridShape, 1, `${where}, chunk shape`);
  const { chunk, sharded, codec } = parseCodecs(member(node, "codecs"), shard, dataType, where);
  checkShapes(shape, chunk, shard, dataType, where);
  const names = expectArray(
    member(note, "dimensions") ?? member(node, "dimension_names") ?? [],
    `${where}, dimensions`,
  ).map((name) => expectString(name, `${where}, dimensions`));
  if (names.length !== rank) throw badMetadata(where, `${rank} dimension names`, names.length);
  const namesOf = member(note, "names_of");
  return {
    path,
    dataType,
    shape,
    dimensions: names,
    chunk,
    shard,
    sharded,
    codec,
    attributes: decodeAttributes(attributes, member(note, "attribute_types"), where),
    original: member(note, "original"),
    joint: parseJoint(member(note, "joint"), shape, where),
    namesOf: namesOf === undefined ? undefined : expectString(namesOf, where),
  };
}

function parseJoint(value: unknown, shape: readonly number[], where: string) {
  if (value === undefined) return undefined;
  const joint = expectObject(value, `${where}, joint`);
  const axis = expectCount(member(joint, "axis"), 0, `${where}, joint axis`);
  const members = expectArray(member(joint, "members"), `${where}, joint members`).map((entry) => {
    const item = expectObject(entry, `${where}, joint members`);
    const name = expectString(member(item, "name"), `${where}, joint members`);
    const plain = expectObject(member(item, "attributes") ?? {}, `${where}, member ${name}`);
    const types = member(item, "attribute_types");
    const attributes = decodeAttributes(plain, types, `${where}, member ${name}`);
    return { name, attributes, original: member(item, "original") };
  });
  if (axis >= shape.length || members.length !== shape[axis]) {
    throw badMetadata(
      `${where}, joint`,
      `${shape[axis] ?? "an axis with"} members`,
      members.length,
    );
  }
  return { axis, members };
}

/** Names of the variables that arrays present, in the order of the metadata. */
export function variableNames(arrays: readonly ArrayMetadata[]): string[] {
  return arrays
    .filter((array) => array.namesOf === undefined)
    .flatMap((array) => array.joint?.members.map((one) => one.name) ?? [array.path]);
}

/** Names are unique, and axes agree with the dimensions that they name. */
function checkTogether(
  arrays: readonly ArrayMetadata[],
  dimensions: readonly Dimension[],
  location: string,
): void {
  const sizes = new Map(dimensions.map(({ name, size }) => [name, size]));
  const variables = new Set<string>();
  for (const array of arrays) {
    const where = `${location}, variable ${array.path}`;
    for (const name of array.joint?.members.map((one) => one.name) ?? [array.path]) {
      if (name === "" || variables.has(name)) throw badMetadata(where, "every variable once", name);
      variables.add(name);
    }
    if (array.namesOf !== undefined) continue;
    array.dimensions.forEach((name, axis) => {
      if (axis === array.joint?.axis || sizes.get(name) === array.shape[axis]) return;
      const found = { shape: array.shape[axis], dimension: sizes.get(name) ?? null };
      throw badMetadata(where, `the size of dimension ${name}`, found);
    });
  }
}

export function notAnArchive(location: string, found: string): FieldzipError {
  return new FieldzipError("format", {
    where: location,
    expected: "a fieldzip archive",
    found,
    remedy: "open it as the format that it is, or check the path",
  });
}
