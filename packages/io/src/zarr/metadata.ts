import {
  type ArchiveHeader,
  type ArrayPlan,
  type Attributes,
  baseName,
  type DataType,
  FieldzipError,
  type Json,
} from "@fieldzip/core";
import { isSafeKey } from "../store/keys.js";
import { checkAttributes, encodeAttributes } from "./attributes.js";
import { stringifyWide, type WideJson } from "./json.js";

/** Version of `spec/archive.md` that this release writes, and the newest that it reads. */
export const archiveVersion = 1;

/** The `zarr.json` of one array or group, as a value. */
export type Node = { readonly [key: string]: WideJson | undefined };

const crc = { name: "crc32c" };
const littleEndian = { name: "bytes", configuration: { endian: "little" } };
const gzip = { name: "gzip", configuration: { level: 6 } };

/** `char` is stored as Zarr's uint8; our own note says that the bytes are text. */
export function storedType(type: DataType): Exclude<DataType, "char"> {
  return type === "char" ? "uint8" : type;
}

function chunkCodecs(plan: ArrayPlan): WideJson[] {
  if (plan.codec.name === "fieldzip") {
    const { name, ...configuration } = plan.codec;
    return [{ name, configuration }];
  }
  const toBytes =
    plan.dataType === "string" ? { name: "vlen-utf8", configuration: {} } : littleEndian;
  return [toBytes, gzip, crc];
}

/** A shard that is one chunk needs no index: the object is the chunk. */
export function isSharded(plan: Pick<ArrayPlan, "chunk" | "shard">): boolean {
  return plan.chunk.some((size, axis) => size !== plan.shard[axis]);
}

export function arrayNode(plan: ArrayPlan, namesOf?: string): Node {
  const where = `array ${plan.path}`;
  checkAttributes(plan.attributes, where);
  const { plain, types } = encodeAttributes(plan.attributes, plan.dataType);
  const codecs = isSharded(plan)
    ? [
        {
          name: "sharding_indexed",
          configuration: {
            chunk_shape: plan.chunk,
            codecs: chunkCodecs(plan),
            index_codecs: [littleEndian, crc],
            index_location: "end",
          },
        },
      ]
    : chunkCodecs(plan);
  const baseNames = plan.dimensions.map(baseName);
  const ours = {
    type: plan.dataType === "char" ? "char" : undefined,
    dimensions: plan.dimensions.some((path) => path.includes("/")) ? plan.dimensions : undefined,
    attribute_types: Object.keys(types).length > 0 ? types : undefined,
    original: plan.original,
    joint: plan.joint && {
      axis: plan.joint.axis,
      members: plan.joint.members.map((one) => {
        checkAttributes(one.attributes, `variable ${one.name}`);
        const encoded = encodeAttributes(one.attributes, plan.dataType);
        return {
          name: one.name,
          attributes: encoded.plain,
          attribute_types: encoded.types,
          original: one.original,
        };
      }),
    },
    names_of: namesOf,
  };
  const used = Object.values(ours).some((value) => value !== undefined);
  return {
    zarr_format: 3,
    node_type: "array",
    shape: plan.shape,
    data_type: storedType(plan.dataType),
    chunk_grid: { name: "regular", configuration: { chunk_shape: plan.shard } },
    chunk_key_encoding: { name: "default", configuration: { separator: "/" } },
    fill_value: plan.dataType === "string" ? "" : 0,
    codecs,
    attributes: { ...plain, ...(used ? { fieldzip: ours } : {}) },
    dimension_names: plan.shape.length > 0 ? baseNames : undefined,
    storage_transformers: [],
  };
}

export function groupNode(attributes: Attributes, where: string): Node {
  checkAttributes(attributes, where);
  const { plain, types } = encodeAttributes(attributes);
  const ours = Object.keys(types).length > 0 ? { fieldzip: { attribute_types: types } } : {};
  return { zarr_format: 3, node_type: "group", attributes: { ...plain, ...ours } };
}

/** The root group: everything about the dataset, and the metadata of all nodes. */
export function rootNode(header: ArchiveHeader, nodes: ReadonlyMap<string, Node>): Node {
  const attributes = header.groups.find((group) => group.path === "")?.attributes ?? {};
  checkAttributes(attributes, "root group");
  const { plain, types } = encodeAttributes(attributes);
  const ours = {
    version: archiveVersion,
    format: header.format,
    dimensions: header.dimensions.map(({ name, size, unlimited }) => ({
      name,
      size,
      unlimited: unlimited ? true : undefined,
    })),
    variables: header.variables,
    attribute_types: Object.keys(types).length > 0 ? types : undefined,
    original: header.original,
  };
  return {
    zarr_format: 3,
    node_type: "group",
    attributes: { ...plain, fieldzip: ours },
    consolidated_metadata: {
      kind: "inline",
      must_understand: false,
      metadata: Object.fromEntries(nodes),
    },
  };
}

export function encodeNode(node: Node): Uint8Array {
  return new TextEncoder().encode(stringifyWide(node));
}

/** A JSON value as it comes back from the stored text: what `encodeNode` wrote, read again. */
export function reread(node: Node): Json {
  return JSON.parse(stringifyWide(node)) as Json;
}

/** Refuses names of arrays and groups that cannot be keys of a store. */
export function checkNodePath(path: string): void {
  if (
    isSafeKey(path) &&
    path.split("/").every((part) => part !== "zarr.json" && !/^\.+$/.test(part))
  )
    return;
  throw new FieldzipError("unsupported", {
    where: `variable ${JSON.stringify(path)}`,
    expected:
      "a name without empty parts, `.`, `..`, `zarr.json`, backslashes or control characters",
    remedy: "rename the variable in the original",
  });
}
