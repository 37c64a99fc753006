import { baseName, countOf, type Dataset, groupOf, type Variable } from "@fieldzip/core";
import { encodeAttributes } from "./attributes.js";
import { checkNodePath, encodeNode, type Node, storedType } from "./metadata.js";

/** Values of a chunk that we cut ourselves, and bytes from which a stored one is cut further. */
const cutValues = 2 ** 20;
const largestBytes = 64 * 2 ** 20;

/** The box in which a variable is presented: as it is stored where that is known and not huge. */
export function presentedChunk({ source }: Variable, bytesPerValue: number): number[] {
  const { shape, storedChunk } = source;
  const chunk = shape.map((size, axis) => Math.max(1, Math.min(size, storedChunk?.[axis] ?? size)));
  const most = storedChunk ? Math.floor(largestBytes / bytesPerValue) : cutValues;
  const limit = countOf(chunk) <= most ? most : cutValues;
  for (let axis = 0; axis < chunk.length && countOf(chunk) > limit; axis++) {
    const rest = countOf(chunk) / chunk[axis];
    chunk[axis] = Math.max(1, Math.min(chunk[axis], Math.floor(limit / rest)));
  }
  return chunk;
}

/** The `zarr.json` of a variable under standard codecs: values, little-endian, as they are. */
function arrayNode(variable: Variable, chunk: readonly number[]): Node {
  const { name, dataType, shape, dimensions, attributes } = variable;
  checkNodePath(name);
  const isText = dataType === "string";
  return {
    zarr_format: 3,
    node_type: "array",
    shape,
    data_type: storedType(dataType),
    chunk_grid: { name: "regular", configuration: { chunk_shape: chunk } },
    chunk_key_encoding: { name: "default", configuration: { separator: "/" } },
    fill_value: isText ? "" : 0,
    codecs: isText
      ? [
          { name: "vlen-utf8", configuration: {} },
          { name: "gzip", configuration: { level: 6 } },
          { name: "crc32c" },
        ]
      : [{ name: "bytes", configuration: { endian: "little" } }],
    attributes: encodeAttributes(attributes, dataType).plain,
    dimension_names: shape.length > 0 ? dimensions.map(baseName) : undefined,
    storage_transformers: [],
  };
}

/** Every metadata document of a dataset as a plain Zarr v3 hierarchy, by key; the root consolidates all. */
export function plainDocuments(
  dataset: Dataset,
  chunks: ReadonlyMap<string, readonly number[]>,
): Map<string, Uint8Array> {
  const nodes = new Map<string, Node>();
  const attributesOf = (path: string) =>
    encodeAttributes(dataset.source.groups.find((group) => group.path === path)?.attributes ?? {})
      .plain;
  const addGroup = (path: string) => {
    if (path === "" || nodes.has(path)) return;
    addGroup(groupOf(path));
    nodes.set(path, { zarr_format: 3, node_type: "group", attributes: attributesOf(path) });
  };
  for (const { path } of dataset.source.groups) addGroup(path);
  for (const variable of dataset.variables) {
    addGroup(groupOf(variable.name));
    nodes.set(variable.name, arrayNode(variable, chunks.get(variable.name) ?? []));
  }
  const root: Node = {
    zarr_format: 3,
    node_type: "group",
    attributes: attributesOf(""),
    consolidated_metadata: {
      kind: "inline",
      must_understand: false,
      metadata: Object.fromEntries(nodes),
    },
  };
  const documents = new Map([["zarr.json", encodeNode(root)]]);
  for (const [path, node] of nodes) documents.set(`${path}/zarr.json`, encodeNode(node));
  return documents;
}
