import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type ArchiveHeader,
  type Attributes,
  type Dataset,
  type DataType,
  FieldzipError,
  wholeBox,
} from "@fieldzip/core";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { memoryStore } from "../src/store/memory.js";
import {
  archiveIndex,
  type OpenArchiveOptions,
  openArchiveIn,
} from "../src/zarr/archive-dataset.js";
import { createArchiveIn } from "../src/zarr/archive-writer.js";
import { decodeAttributes, encodeAttributes } from "../src/zarr/attributes.js";
import { createArchive } from "../src/zarr/create-archive.js";
import { expectObject, stringifyWide } from "../src/zarr/json.js";
import { isArchive, openArchive } from "../src/zarr/open-archive.js";
import {
  bitsOf,
  boxOfData,
  planOf,
  type TestArray,
  tagOf,
  valuesOf,
  writeAll,
} from "./support/small-archive.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "fieldzip-archive-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const allTypes: DataType[] = [
  "float32",
  "float64",
  "int8",
  "int16",
  "int32",
  "int64",
  "uint8",
  "uint16",
  "uint32",
  "uint64",
  "char",
  "string",
];

const everyAttribute: Attributes = {
  units: { type: "char", values: ["kg m-3"] },
  title: { type: "string", values: ["größe 𝄞"], scalar: true },
  empty: { type: "char", values: [""] },
  lines: { type: "string", values: ["one", "two"] },
  none: { type: "int32", values: [] },
  single: { type: "float32", values: [Math.fround(0.1)] },
  range: { type: "float64", values: [-0, 1e308] },
  odd: { type: "float64", values: [Number.NaN, Number.POSITIVE_INFINITY, -Infinity, -0, 0.1] },
  tiny: { type: "float64", values: [5e-324], scalar: true },
  byte: { type: "int8", values: [-128, 127] },
  large: { type: "int64", values: [-(2n ** 63n), 2n ** 63n - 1n, 7n] },
  unsigned: { type: "uint64", values: [2n ** 64n - 1n] },
  small: { type: "uint64", values: [3n], scalar: true },
  _FillValue: { type: "float32", values: [Math.fround(9.969209968386869e36)] },
  fieldzip: { type: "char", values: ["a name that we use ourselves"] },
  __proto__x: { type: "char", values: ["x"] },
  constructor: { type: "char", values: ["y"] },
};

const single: TestArray[] = [
  {
    path: "rho",
    dataType: "float32",
    shape: [3, 7, 11],
    chunk: [1, 4, 5],
    shard: [2, 8, 10],
    dimensions: ["step", "y", "x"],
    data: valuesOf("float32", [3, 7, 11]),
    codec: "fieldzip",
    attributes: everyAttribute,
    original: { order: "big", list: [1, null, "x"] },
  },
  {
    path: "grp1/inner/T",
    dataType: "float64",
    shape: [7, 11],
    chunk: [7, 11],
    dimensions: ["y", "x"],
    data: valuesOf("float64", [7, 11]),
    codec: "fieldzip",
  },
  {
    path: "grp1/z",
    dataType: "float64",
    shape: [5],
    chunk: [5],
    dimensions: ["grp1/z"],
    data: valuesOf("float64", [5]),
  },
  {
    path: "scalar",
    dataType: "float64",
    shape: [],
    chunk: [],
    dimensions: [],
    data: Float64Array.of(-0),
  },
  {
    path: "scalar_coded",
    dataType: "float32",
    shape: [],
    chunk: [],
    dimensions: [],
    data: Float32Array.of(4),
    codec: "fieldzip",
  },
  {
    path: "empty",
    dataType: "float32",
    shape: [0, 7],
    chunk: [1, 4],
    shard: [2, 8],
    dimensions: ["none", "y"],
    data: new Float32Array(0),
    codec: "fieldzip",
  },
  ...allTypes.map(
    (dataType): TestArray => ({
      path: `standard_${dataType}`,
      dataType,
      shape: [7, 11],
      chunk: [3, 5],
      shard: [6, 5],
      dimensions: ["y", "x"],
      data: valuesOf(dataType, [7, 11]),
    }),
  ),
];

const joint: TestArray = {
  path: "joint_0",
  dataType: "float32",
  shape: [3, 2, 7, 11],
  chunk: [2, 2, 4, 6],
  shard: [2, 2, 8, 6],
  dimensions: ["step", "joint_0_variable", "y", "x"],
  data: valuesOf("float32", [3, 2, 7, 11]),
  codec: "fieldzip",
  joint: {
    axis: 1,
    members: [
      { name: "vx1", attributes: { units: { type: "char", values: ["m s-1"] } }, original: 7 },
      { name: "vx2", attributes: { _FillValue: { type: "float32", values: [-1] } } },
    ],
  },
};

const header: ArchiveHeader = {
  format: "netcdf",
  original: { version: 5 },
  dimensions: [
    { name: "step", size: 3, unlimited: true },
    { name: "y", size: 7 },
    { name: "x", size: 11 },
    { name: "grp1/z", size: 5 },
    { name: "none", size: 0 },
  ],
  groups: [
    { path: "", attributes: everyAttribute },
    { path: "grp1", attributes: { note: { type: "char", values: ["a group"] } } },
    { path: "grp1/inner", attributes: {} },
  ],
  variables: ["vx2", "rho", ...single.slice(1).map((array) => array.path), "vx1"],
};

const targets: Record<
  string,
  () => Promise<{
    dataset: Dataset;
    bytes: number;
    reopen: (options: OpenArchiveOptions) => Promise<Dataset>;
  }>
> = {
  async memory() {
    const store = memoryStore();
    const sink = createArchiveIn(store);
    for (const array of [...single, joint]) await writeAll(sink, array);
    const { bytes } = await sink.publish(header);
    const reopen = (options: OpenArchiveOptions) =>
      openArchiveIn(memoryStore(store.objects), options);
    return { dataset: await reopen({}), bytes, reopen };
  },
  folder: () => onDisk("run.zarr"),
  zip: () => onDisk("run.zip"),
};

async function onDisk(name: string) {
  const target = join(folder, name);
  const sink = await createArchive(target);
  for (const array of [...single, joint]) await writeAll(sink, array);
  expect(await readdir(folder)).not.toContain(name);
  const { bytes } = await sink.publish(header);
  expect(await readdir(folder)).toEqual([name]);
  const reopen = (options: OpenArchiveOptions) => openArchive(target, options);
  return { dataset: await reopen({}), bytes, reopen };
}

async function sizeOf(path: string): Promise<number> {
  if ((await stat(path)).isFile()) return (await stat(path)).size;
  let total = 0;
  for (const entry of await readdir(path)) total += await sizeOf(join(path, entry));
  return total;
}

describe.each(Object.keys(targets))("archive: %s", (name) => {
  it("gives everything back", async () => {
    const { dataset, bytes } = await targets[name]();
    if (name !== "memory") expect(bytes).toBe(await sizeOf(dataset.location));
    expect(dataset.format).toBe("archive");
    expect(dataset.source.original).toEqual({ format: "netcdf", original: { version: 5 } });
    expect(dataset.dimensions).toEqual(header.dimensions);
    expect(dataset.variables.map((variable) => variable.name)).toEqual(header.variables);
    expect([...dataset.source.groups].sort((a, b) => (a.path < b.path ? -1 : 1))).toEqual(
      header.groups,
    );
    expect(dataset.attributes).toEqual(everyAttribute);
    for (const array of single) {
      const variable = dataset.variable(array.path);
      expect(variable.dataType).toBe(array.dataType);
      expect(variable.shape).toEqual(array.shape);
      expect(variable.dimensions).toEqual(array.dimensions);
      expect(variable.attributes).toEqual(array.attributes ?? {});
      expect(Object.keys(variable.attributes)).toEqual(Object.keys(array.attributes ?? {}));
      expect(variable.source.original).toEqual(array.original);
      expect(bitsOf(await variable.readBox())).toEqual(bitsOf(array.data));
    }
    await dataset.close();
  });

  it("presents joint variables as single ones", async () => {
    const { dataset } = await targets[name]();
    for (const [place, one] of (joint.joint?.members ?? []).entries()) {
      const variable = dataset.variable(one.name);
      expect(variable.shape).toEqual([3, 7, 11]);
      expect(variable.dimensions).toEqual(["step", "y", "x"]);
      expect(variable.attributes).toEqual(one.attributes);
      expect(variable.source.original).toEqual(one.original);
      const box = { start: [0, place, 0, 0], shape: [3, 1, 7, 11] };
      expect(bitsOf(await variable.readBox())).toEqual(bitsOf(boxOfData(joint, box)));
      const inner = { start: [1, place, 2, 5], shape: [2, 1, 4, 3] };
      expect(bitsOf(await variable.readBox({ start: [1, 2, 5], shape: [2, 4, 3] }))).toEqual(
        bitsOf(boxOfData(joint, inner)),
      );
    }
    await dataset.close();
  });

  it("reads any box", async () => {
    const { dataset } = await targets[name]();
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...single.filter((array) => array.shape.length > 0)),
        fc.array(fc.nat(100), { minLength: 6, maxLength: 6 }),
        async (array, numbers) => {
          const start = array.shape.map((size, axis) => numbers[axis] % (size + 1));
          const shape = start.map(
            (from, axis) => numbers[axis + 3] % (array.shape[axis] - from + 1),
          );
          const box = { start, shape };
          const found = await dataset.variable(array.path).readBox(box);
          expect(bitsOf(found)).toEqual(bitsOf(boxOfData(array, box)));
        },
      ),
      { numRuns: 60 },
    );
    await dataset.close();
  });

  it("gives inspect and verify its chunks and sizes", async () => {
    const { dataset, bytes } = await targets[name]();
    const index = archiveIndex(dataset);
    if (!index) throw new Error("no index");
    let stored = 0;
    for (const array of index.arrays) {
      stored += await index.storedBytes(array);
      for (const chunk of index.storedChunks(array)) {
        const values = await index.decode(chunk, await chunk.bytes());
        const source = [...single, joint].find((one) => one.path === array.path);
        if (source) expect(bitsOf(values)).toEqual(bitsOf(boxOfData(source, chunk.box)));
      }
    }
    expect(stored).toBeGreaterThan(0);
    expect(stored).toBeLessThan(bytes);
    expect([...index.storedChunks()].length).toBeGreaterThan(50);
    await dataset.close();
  });
});

describe("reading only what is needed", () => {
  it("opens with one object, and reads a box with the index and the chunks that it touches", async () => {
    const store = memoryStore();
    const sink = createArchiveIn(store);
    await writeAll(sink, single[0]);
    await sink.publish({ ...header, variables: undefined });
    const asked: string[] = [];
    const watched = {
      ...memoryStore(store.objects),
      getRange: (key: string, range: object) => {
        asked.push(`${key} ${JSON.stringify(range)}`);
        return store.getRange(key, range as { suffixLength: number });
      },
    };
    const dataset = await openArchiveIn(watched);
    expect(asked.length).toBe(1);
    asked.length = 0;
    await dataset.variable("rho").readBox({ start: [0, 0, 0], shape: [1, 7, 10] });
    // One shard: its index, then four neighbouring chunks in one read.
    expect(asked.length).toBe(2);
    expect(asked[0]).toContain("suffixLength");
    asked.length = 0;
    await dataset.variable("rho").readBox({ start: [0, 0, 0], shape: [1, 7, 10] });
    expect(asked.length).toBe(1);
    asked.length = 0;
    // A part of a chunk: the decoded chunk is kept.
    await dataset.variable("rho").readBox({ start: [0, 0, 0], shape: [1, 1, 1] });
    await dataset.variable("rho").readBox({ start: [0, 2, 2], shape: [1, 1, 1] });
    expect(asked.length).toBe(1);
  });

  it("decodes a joint chunk once for consecutive and for concurrent members", async () => {
    const store = memoryStore();
    const sink = createArchiveIn(store);
    await writeAll(sink, joint);
    await sink.publish({ ...header, groups: [], variables: undefined });
    let decoded = 0;
    const pool = {
      size: 2,
      run: async (task: string, input: never) => {
        decoded++;
        return (await import("@fieldzip/core")).inlinePool.run(task, input);
      },
      close: async () => {},
    };
    const chunks = 2 * 2 * 2;
    const one = await openArchiveIn(memoryStore(store.objects), { pool: pool as never });
    await one.variable("vx1").readBox();
    await one.variable("vx2").readBox();
    expect(decoded).toBe(chunks);
    decoded = 0;
    const two = await openArchiveIn(memoryStore(store.objects), { pool: pool as never });
    await Promise.all(two.variables.map((variable) => variable.readBox()));
    expect(decoded).toBe(chunks);
  });

  it("a reader that is stopped does not stop another one waiting for the same chunk", async () => {
    const store = memoryStore();
    const sink = createArchiveIn(store);
    await writeAll(sink, joint);
    await sink.publish({ ...header, groups: [], variables: undefined });
    const dataset = await openArchiveIn(memoryStore(store.objects));
    const controller = new AbortController();
    const first = dataset.variable("vx1").readBox(wholeBox([3, 7, 11]), controller.signal);
    const second = dataset.variable("vx2").readBox();
    controller.abort();
    expect(await tagOf(first)).toBe("aborted");
    const expected = boxOfData(joint, { start: [0, 1, 0, 0], shape: [3, 1, 7, 11] });
    expect(bitsOf(await second)).toEqual(bitsOf(expected));
  });
});

describe("attributes", () => {
  it("come back exactly, whatever they are", () => {
    const range = (bits: number, signed: boolean) =>
      signed
        ? { min: -(2n ** BigInt(bits - 1)), max: 2n ** BigInt(bits - 1) - 1n }
        : { min: 0n, max: 2n ** BigInt(bits) - 1n };
    const value = (type: DataType): fc.Arbitrary<number | bigint | string> => {
      if (type === "char" || type === "string") return fc.string({ unit: "binary" });
      if (type === "float32") return fc.float();
      if (type === "float64") return fc.double();
      const bounds = range(Number(/\d+/.exec(type)), !type.startsWith("u"));
      return fc.bigInt(bounds).map((n) => (type.endsWith("64") ? n : Number(n)));
    };
    const attribute = fc
      .constantFrom(...allTypes)
      .chain((type) =>
        fc
          .tuple(fc.array(value(type), { maxLength: 4 }), fc.boolean())
          .map(([values, scalar]) =>
            scalar && values.length === 1
              ? { type, values, scalar: true as const }
              : { type, values },
          ),
      );
    const name = fc.oneof(
      fc.string(),
      fc.constantFrom("_FillValue", "fieldzip", "__proto__", "constructor", "units"),
    );
    fc.assert(
      fc.property(
        fc.dictionary(name, attribute),
        fc.option(fc.constantFrom(...allTypes), { nil: undefined }),
        (attributes, arrayType) => {
          const { plain, types } = encodeAttributes(attributes, arrayType);
          const node = JSON.parse(stringifyWide(plain));
          const table = JSON.parse(stringifyWide(types));
          const back = decodeAttributes(expectObject(node, "test"), table, "test");
          expect(Object.entries(back)).toEqual(
            Object.entries(attributes).filter(([key]) => Object.hasOwn(attributes, key)),
          );
        },
      ),
      { numRuns: 500 },
    );
  });

  it("are plain JSON for other tools, and xarray's _FillValue", () => {
    const { plain } = encodeAttributes(everyAttribute, "float32");
    expect(plain.units).toBe("kg m-3");
    expect(plain.lines).toEqual(["one", "two"]);
    expect(plain.large).toEqual([-(2n ** 63n), 2n ** 63n - 1n, 7n]);
    expect(stringifyWide(plain)).toContain("[-9223372036854775808,9223372036854775807,7]");
    // struct.pack("<d", 9.969209968386869e36), base64
    expect(plain._FillValue).toBe("AAAAAAAAnkc=");
    expect(Object.keys(plain)).not.toContain("odd");
    const fill = (type: DataType, value: number | bigint | string, array: DataType) =>
      encodeAttributes({ _FillValue: { type, values: [value] } }, array).plain._FillValue;
    expect(fill("float64", Number.NaN, "float64")).toBe("AAAAAAAA+H8=");
    expect(fill("int16", -32767, "int16")).toBe(-32767n);
    expect(fill("int64", -(2n ** 63n), "int64")).toBe(-(2n ** 63n));
    expect(fill("char", "\0", "char")).toBe(0);
    expect(fill("float64", 0.5, "int16")).toBeUndefined();
    expect(fill("int32", 70000, "int16")).toBeUndefined();
  });
});

describe("metadata", () => {
  it("is what zarr-python writes", async () => {
    const store = memoryStore();
    const sink = createArchiveIn(store);
    await writeAll(sink, { ...single[0], attributes: {}, original: undefined });
    await writeAll(sink, joint);
    await sink.publish({ ...header, original: undefined, variables: undefined });
    const text = (key: string) => new TextDecoder().decode(store.objects.get(key));
    expect(JSON.parse(text("rho/zarr.json"))).toEqual({
      zarr_format: 3,
      node_type: "array",
      shape: [3, 7, 11],
      data_type: "float32",
      chunk_grid: { name: "regular", configuration: { chunk_shape: [2, 8, 10] } },
      chunk_key_encoding: { name: "default", configuration: { separator: "/" } },
      fill_value: 0,
      codecs: [
        {
          name: "sharding_indexed",
          configuration: {
            chunk_shape: [1, 4, 5],
            codecs: [
              {
                name: "fieldzip",
                configuration: {
                  guarantee: { kind: "exact" },
                  predictor: "raw",
                  effort: "default",
                },
              },
            ],
            index_codecs: [
              { name: "bytes", configuration: { endian: "little" } },
              { name: "crc32c" },
            ],
            index_location: "end",
          },
        },
      ],
      attributes: {},
      dimension_names: ["step", "y", "x"],
      storage_transformers: [],
    });
    const root = JSON.parse(text("zarr.json"));
    expect(root.consolidated_metadata.kind).toBe("inline");
    expect(root.consolidated_metadata.must_understand).toBe(false);
    for (const [path, node] of Object.entries(root.consolidated_metadata.metadata)) {
      expect(JSON.parse(text(`${path}/zarr.json`))).toEqual(node);
    }
    expect(Object.keys(root.consolidated_metadata.metadata)).toEqual([
      "rho",
      "joint_0",
      "joint_0_variable",
      "grp1",
      "grp1/inner",
    ]);
    expect([...store.objects.keys()].at(-1)).toBe("zarr.json");
    const names = await openArchiveIn(store);
    expect(names.variables.map((variable) => variable.name)).toEqual(["rho", "vx1", "vx2"]);
  });

  it("keeps the order of variables, and says it only where the arrays stand in another", async () => {
    const orderOf = async (paths: string[], variables: string[]) => {
      const store = memoryStore();
      const sink = createArchiveIn(store);
      for (const path of paths) await writeAll(sink, { ...single[1], path });
      await sink.publish({ ...header, groups: [], variables });
      const root = JSON.parse(new TextDecoder().decode(store.objects.get("zarr.json")));
      const dataset = await openArchiveIn(store);
      expect(dataset.variables.map((variable) => variable.name)).toEqual(variables);
      return root.attributes.fieldzip.variables;
    };
    expect(await orderOf(["b", "a"], ["b", "a"])).toBeUndefined();
    expect(await orderOf(["b", "a"], ["a", "b"])).toEqual(["a", "b"]);
    // JavaScript puts keys that are integers first.
    expect(await orderOf(["b", "0"], ["b", "0"])).toEqual(["b", "0"]);
  });

  it("is the same for the same input", async () => {
    const bytes: string[] = [];
    for (const name of ["a.zip", "b.zip"]) {
      const sink = await createArchive(join(folder, name));
      for (const array of [...single, joint]) await writeAll(sink, array);
      await sink.publish(header);
      bytes.push((await readFile(join(folder, name))).toString("base64"));
    }
    expect(bytes[0]).toBe(bytes[1]);
  });
});

describe("spec/archive.md", () => {
  it("shows what is written", async () => {
    const text = await readFile(join(import.meta.dirname, "../../../spec/archive.md"), "utf8");
    const blocks = [...text.matchAll(/```json\n([\s\S]*?)```/g)].map((match) => match[1]);
    expect(blocks.length).toBe(2);
    const store = memoryStore();
    const sink = createArchiveIn(store);
    const rho: TestArray = {
      path: "rho",
      dataType: "float32",
      shape: [5, 6],
      chunk: [2, 3],
      shard: [4, 6],
      dimensions: ["y", "x"],
      data: valuesOf("float32", [5, 6]),
      codec: "fieldzip",
      predictor: "auto",
      attributes: {
        units: { type: "char", values: ["kg m-3"] },
        _FillValue: { type: "float32", values: [-1] },
        valid_max: { type: "float64", values: [Number.POSITIVE_INFINITY], scalar: true },
      },
    };
    await writeAll(sink, rho);
    const x = {
      path: "x",
      dataType: "float64",
      shape: [6],
      chunk: [6],
      dimensions: ["x"],
    } as const;
    await writeAll(sink, { ...x, data: valuesOf("float64", [6]) });
    await sink.publish({
      format: "netcdf",
      dimensions: [
        { name: "y", size: 5, unlimited: true },
        { name: "x", size: 6 },
      ],
      groups: [{ path: "", attributes: { title: { type: "char", values: ["a run"] } } }],
    });
    const stored = (key: string) => JSON.parse(new TextDecoder().decode(store.objects.get(key)));
    expect(stored("rho/zarr.json")).toEqual(JSON.parse(blocks[0]));
    const root = stored("zarr.json");
    expect(Object.keys(root.consolidated_metadata.metadata)).toEqual(["rho", "x"]);
    root.consolidated_metadata.metadata = {};
    expect(root).toEqual(JSON.parse(blocks[1]));
    const tree = text.match(/^ {2}(\S+\/\S+|zarr\.json)/gm)?.map((line) => line.trim());
    expect([...store.objects.keys()].sort()).toEqual(tree?.sort());
  });
});

describe("writing", () => {
  it("leaves nothing when stopped in the middle", async () => {
    for (const name of ["run.zarr", "run.zip"]) {
      const controller = new AbortController();
      const sink = await createArchive(join(folder, name), { signal: controller.signal });
      await writeAll(sink, single[1]);
      controller.abort();
      expect(await tagOf(writeAll(sink, single[0]))).toBe("aborted");
      expect(await tagOf(sink.publish(header))).toBe("aborted");
      await sink.discard();
      expect(await readdir(folder)).toEqual([]);
      expect(await tagOf(createArchive(join(folder, name), { signal: controller.signal }))).toBe(
        "aborted",
      );
    }
  });

  it("refuses an existing target and leaves it alone; force replaces it", async () => {
    for (const name of ["run.zarr", "run.zip"]) {
      const target = join(folder, name);
      await writeFile(target, "precious");
      expect(await tagOf(createArchive(target))).toBe("exists");
      const dropped = await createArchive(target, { force: true });
      await writeAll(dropped, single[0]);
      await dropped.discard();
      expect(await readFile(target, "utf8")).toBe("precious");
      const sink = await createArchive(target, { force: true });
      await writeAll(sink, single[1]);
      await sink.publish({ ...header, variables: undefined });
      const dataset = await openArchive(target);
      expect(dataset.variables.map((variable) => variable.name)).toEqual(["grp1/inner/T"]);
      await dataset.close();
      await rm(target, { recursive: true });
      expect(await readdir(folder)).toEqual([]);
    }
  });

  it("refuses plans, shards and headers that do not fit", async () => {
    const sink = createArchiveIn(memoryStore());
    const plan = planOf(single[0]);
    const refused = async (changes: object) => tagOf(sink.writeArray({ ...plan, ...changes }));
    expect(await refused({ path: "../rho" })).toBe("unsupported");
    expect(await refused({ path: "a/zarr.json" })).toBe("unsupported");
    expect(await refused({ path: "" })).toBe("unsupported");
    expect(await refused({ chunk: [1, 4, 0] })).toBe("format");
    expect(await refused({ shard: [2, 9, 10] })).toBe("format");
    expect(await refused({ chunk: [2 ** 10, 2 ** 10, 2 ** 10] })).toBe("format");
    expect(
      await refused({ chunk: [2 ** 10, 2 ** 10, 2 ** 10], shard: [2 ** 10, 2 ** 10, 2 ** 10] }),
    ).toBe("limit");
    expect(await refused({ dimensions: ["x"] })).toBe("format");
    expect(await refused({ attributes: { a: { type: "int8", values: [300] } } })).toBe("usage");
    const array = await sink.writeArray(plan);
    expect(await tagOf(sink.writeArray(plan))).toBe("usage");
    expect(await refused({ path: "rho/inner" })).toBe("usage");
    expect(await tagOf(array.writeShard([0, 0, 0], []))).toBe("shape");
    expect(await tagOf(array.writeShard([9, 0, 0], new Array(8).fill(undefined)))).toBe("shape");
    expect(await tagOf(array.writeShard([0, 0, 0], new Array(8).fill(undefined)))).toBe("shape");
    const standard = await sink.writeArray(planOf(single[2]));
    expect(await tagOf(standard.writeShard([0], [new Float32Array(5)]))).toBe("shape");
    expect(await tagOf(standard.writeShard([0], [new Float64Array(4)]))).toBe("shape");
    expect(await tagOf(sink.publish({ ...header, dimensions: [] }))).toBe("format");
  });
});

describe("isArchive", () => {
  it("tells our archives from everything else", async () => {
    const sink = await createArchive(join(folder, "run.zip"));
    await writeAll(sink, single[1]);
    await sink.publish({ ...header, variables: undefined });
    expect(await isArchive(join(folder, "run.zip"))).toBe(true);
    expect(await isArchive(folder)).toBe(false);
    expect(await isArchive(join(folder, "nothing"))).toBe(false);
    await writeFile(join(folder, "zarr.json"), '{"zarr_format":3,"node_type":"group"}');
    expect(await isArchive(folder)).toBe(false);
    await writeFile(join(folder, "zarr.json"), "{");
    expect(await isArchive(folder)).toBe(false);
    await expect(openArchive(folder)).rejects.toThrow(FieldzipError);
  });
});
