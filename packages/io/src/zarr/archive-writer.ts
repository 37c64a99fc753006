import {
  type ArchiveHeader,
  type ArchiveSink,
  type ArrayPlan,
  type ArraySink,
  allocate,
  chunkBox,
  countOf,
  type DataArray,
  FieldzipError,
  gridOf,
  indicesOf,
  insertBox,
  throwIfAborted,
  wholeBox,
} from "@fieldzip/core";
import type { WritableStore } from "../store/store.js";
import { expectObject } from "./json.js";
import {
  arrayNode,
  checkNodePath,
  encodeNode,
  groupNode,
  isSharded,
  type Node,
  reread,
  rootNode,
} from "./metadata.js";
import { parseArchive, parseArray, variableNames } from "./parse.js";
import { buildShard } from "./shard.js";
import { encodeStandard, sameKind } from "./standard-codecs.js";

/** Prepares to write an archive into a store. */
export function createArchiveIn(
  store: WritableStore,
  options: { signal?: AbortSignal } = {},
): ArchiveSink {
  const { location } = store;
  const nodes = new Map<string, Node>();
  let written = 0;

  const sizeOf = async (key: string, bytes: Uint8Array) =>
    (await store.bytesOf?.(key, bytes)) ?? bytes.length;

  async function put(key: string, bytes: Uint8Array): Promise<void> {
    await store.put(key, bytes);
    written += await sizeOf(key, bytes);
  }

  async function writeArray(plan: ArrayPlan, namesOf?: string): Promise<ArraySink> {
    throwIfAborted(options.signal);
    checkNodePath(plan.path);
    claimPath(plan.path, nodes, location);
    const node = arrayNode(plan, namesOf);
    // What a reader would refuse is refused now, not when the archive is needed.
    parseArray(plan.path, expectObject(reread(node), location), location);
    nodes.set(plan.path, node);
    if (plan.joint) await writeNames(plan, plan.joint);
    return {
      async writeShard(index, chunks) {
        throwIfAborted(options.signal);
        const where = `${location}, variable ${plan.path}, shard [${index.join(",")}]`;
        const encoded = await encodeChunks(plan, index, chunks, where);
        throwIfAborted(options.signal);
        const object = isSharded(plan) ? buildShard(encoded) : (encoded[0] as Uint8Array);
        await put(shardKey(plan.path, index), object);
        return { bytes: object.length };
      },
    };
  }

  /** The names of joint variables, as a coordinate of their axis that any tool reads. */
  async function writeNames(plan: ArrayPlan, joint: NonNullable<ArrayPlan["joint"]>) {
    const names = joint.members.map((one) => one.name);
    const shape = [names.length];
    const path = plan.dimensions[joint.axis];
    const sink = await writeArray(
      {
        path,
        dataType: "string",
        shape,
        dimensions: [path],
        attributes: {},
        chunk: shape,
        shard: shape,
        codec: { name: "standard" },
      },
      plan.path,
    );
    await sink.writeShard([0], [names]);
  }

  return {
    writeArray: (plan) => writeArray(plan),
    async size(header) {
      const all = new Map(nodes);
      const metadata = new Map([["zarr.json", addGroups(header, all)]]);
      for (const [path, node] of all) metadata.set(`${path}/zarr.json`, node);
      let sum = written;
      for (const [key, node] of metadata) sum += await sizeOf(key, encodeNode(node));
      return sum;
    },
    async publish(header) {
      throwIfAborted(options.signal);
      const ordered = addGroups(header, nodes);
      // The header can still be wrong here (dimensions that do not fit); nothing is visible yet.
      const { arrays } = parseArchive(reread(ordered), location);
      const found = variableNames(arrays);
      const same = header.variables?.every((name, i) => name === found[i]) ?? true;
      const root = same ? rootNode({ ...header, variables: undefined }, nodes) : ordered;
      for (const [path, node] of nodes) await put(`${path}/zarr.json`, encodeNode(node));
      await put("zarr.json", encodeNode(root));
      throwIfAborted(options.signal);
      return store.publish();
    },
    discard: () => store.discard(),
  };
}

/** Key of an object by its place in the shard grid: Zarr's default encoding, `c` for a scalar. */
export function shardKey(path: string, index: readonly number[]): string {
  return [path, "c", ...index].join("/");
}

/** A path is an array or a group, never both, and never twice. */
function claimPath(path: string, nodes: ReadonlyMap<string, Node>, location: string): void {
  for (const taken of nodes.keys()) {
    if (taken !== path && !taken.startsWith(`${path}/`) && !path.startsWith(`${taken}/`)) continue;
    throw new FieldzipError("usage", {
      where: `${location}, variable ${path}`,
      expected: "a name that is neither taken nor a group",
      found: `a variable ${taken}`,
      remedy: "give every variable a name of its own",
    });
  }
}

/** Adds the groups of the header, and those that paths imply, and gives the root's metadata. */
function addGroups(header: ArchiveHeader, nodes: Map<string, Node>): Node {
  const arrays = new Map(nodes);
  for (const { path, attributes } of header.groups) {
    if (path === "") continue;
    checkNodePath(path);
    if (arrays.has(path)) claimPath(path, arrays, "archive");
    nodes.set(path, groupNode(attributes, `group ${path}`));
  }
  for (const path of [...nodes.keys()]) {
    const parts = path.split("/");
    for (let depth = 1; depth < parts.length; depth++) {
      const implied = parts.slice(0, depth).join("/");
      if (!nodes.has(implied)) nodes.set(implied, groupNode({}, `group ${implied}`));
    }
  }
  return rootNode(header, nodes);
}

/** Checks the chunks of a shard against the plan and encodes those that are values. */
async function encodeChunks(
  plan: ArrayPlan,
  index: readonly number[],
  chunks: readonly (Uint8Array | DataArray | undefined)[],
  where: string,
): Promise<(Uint8Array | undefined)[]> {
  const grid = gridOf(plan.shape, plan.shard);
  if (index.length !== grid.length || index.some((value, axis) => !(value < grid[axis]))) {
    throw wrongShard(where, `an index inside the grid [${grid.join(",")}]`, "another");
  }
  const perShard = plan.shard.map((size, axis) => size / plan.chunk[axis]);
  if (chunks.length !== countOf(perShard)) {
    throw wrongShard(where, `${countOf(perShard)} chunks`, `${chunks.length}`);
  }
  // All are checked before the first is encoded.
  const jobs: (() => Uint8Array | undefined | Promise<Uint8Array>)[] = [];
  let at = 0;
  for (const inner of indicesOf(perShard)) {
    const chunk = chunks[at++];
    const place = inner.map((value, axis) => index[axis] * perShard[axis] + value);
    const inside = place.every((value, axis) => value * plan.chunk[axis] < plan.shape[axis]);
    if (inside !== (chunk !== undefined)) {
      const found = inside ? "none" : "one outside the array";
      throw wrongShard(`${where}, chunk [${place.join(",")}]`, "chunks inside the array", found);
    }
    if (chunk === undefined) jobs.push(() => undefined);
    else if (plan.codec.name === "standard")
      jobs.push(() => encodeValues(plan, place, chunk, where));
    else if (chunk instanceof Uint8Array) jobs.push(() => chunk);
    else throw wrongShard(where, "encoded bytes", chunk.constructor.name);
  }
  return Promise.all(jobs.map((job) => job()));
}

/** Zarr stores whole chunks: what lies outside the array is filled up with the fill value. */
async function encodeValues(
  plan: ArrayPlan,
  place: readonly number[],
  values: DataArray,
  where: string,
): Promise<Uint8Array> {
  const box = chunkBox(plan.shape, plan.chunk, place);
  const at = `${where}, chunk [${place.join(",")}]`;
  if (!sameKind(values, plan.dataType) || values.length !== countOf(box.shape)) {
    throw wrongShard(
      at,
      `${countOf(box.shape)} values of type ${plan.dataType}`,
      `${values.length} in a ${values.constructor.name}`,
    );
  }
  if (values.length === countOf(plan.chunk)) return encodeStandard(values, at);
  const whole = allocate(plan.dataType, countOf(plan.chunk));
  insertBox(whole, plan.chunk, wholeBox(box.shape), values);
  return encodeStandard(whole, at);
}

function wrongShard(where: string, expected: string, found: string): FieldzipError {
  return new FieldzipError("shape", {
    where,
    expected,
    found,
    remedy: "write every shard once, with the chunks that the plan gives it",
  });
}
