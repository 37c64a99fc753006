import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { deflateSync, gzipSync } from "node:zlib";
import { bytesOf, crc32c, type Dataset, type NumericArray } from "@fieldzip/core";
import { BlobWriter, Uint8ArrayReader, ZipWriter } from "@zip.js/zip.js";
import { describe, expect, it } from "vitest";
import * as zarr from "zarrita";
import { openDataset } from "../src/index.js";
import { memoryStore } from "../src/store/memory.js";
import type { ReadableStore } from "../src/store/store.js";
import { openForeignZarr } from "../src/zarr/foreign.js";
import { errorOf, noise, opened, temporaryFolder } from "./flat-support.js";

const root = await temporaryFolder();
type Objects = Map<string, Uint8Array>;

const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const store = (objects: Objects): ReadableStore => memoryStore(objects, "test.zarr");

function arrayV3(shape: number[], chunk: number[], type: string, more: object = {}) {
  return {
    zarr_format: 3,
    node_type: "array",
    shape,
    data_type: type,
    chunk_grid: { name: "regular", configuration: { chunk_shape: chunk } },
    chunk_key_encoding: { name: "default", configuration: { separator: "/" } },
    fill_value: 0,
    codecs: [{ name: "bytes", configuration: { endian: "little" } }],
    attributes: {},
    ...more,
  };
}

const groupV3 = (attributes: object = {}) => ({ zarr_format: 3, node_type: "group", attributes });

function arrayV2(shape: number[], chunks: number[], dtype: string, more: object = {}) {
  return {
    zarr_format: 2,
    shape,
    chunks,
    dtype,
    compressor: null,
    fill_value: 0,
    order: "C",
    filters: null,
    ...more,
  };
}

/** Writes an array chunk by chunk, each chunk whole (the last ones padded), with bytes from `valueAt`. */
function putChunks(
  objects: Objects,
  prefix: string,
  separator: string,
  [ny, nx]: [number, number],
  [cy, cx]: [number, number],
  encode: (values: number[]) => Uint8Array,
) {
  for (let j = 0; j * cy < ny; j++) {
    for (let i = 0; i * cx < nx; i++) {
      const values: number[] = [];
      for (let y = j * cy; y < (j + 1) * cy; y++)
        for (let x = i * cx; x < (i + 1) * cx; x++)
          values.push(y < ny && x < nx ? 100 * y + x : -1);
      objects.set(`${prefix}${j}${separator}${i}`, encode(values));
    }
  }
}

const float32 = (values: number[]) => bytesOf(Float32Array.from(values)).slice();

async function expectGrid(dataset: Dataset, name: string) {
  const variable = dataset.variable(name);
  expect(variable.shape).toEqual([5, 7]);
  const all = Array.from((await variable.readBox()) as NumericArray, Number);
  expect(all).toEqual(Array.from({ length: 35 }, (_, k) => 100 * Math.floor(k / 7) + (k % 7)));
  const { data } = await variable.read({
    [variable.dimensions[0]]: [1, 4],
    [variable.dimensions[1]]: 3,
  });
  expect(Array.from(data as NumericArray, Number)).toEqual([103, 203, 303]);
}

describe("foreign Zarr", () => {
  it("reads version 3 with groups, names and attributes", async () => {
    const objects: Objects = new Map();
    objects.set("zarr.json", json(groupV3({ title: "run", count: 3 })));
    objects.set("grp/zarr.json", json(groupV3({ note: "inner" })));
    const attributes = {
      units: "kg m-3",
      _FillValue: "AAAAAAAA+H8=",
      valid_range: [0, 5],
      scale: 0.5,
      big: 2 ** 40,
      list: ["a", "b"],
      odd: { a: [1, null] },
    };
    const metadata = arrayV3([5, 7], [2, 3], "float32", {
      dimension_names: ["y", "x"],
      attributes,
    });
    objects.set("grp/rho#1%20/zarr.json", json(metadata));
    putChunks(objects, "grp/rho#1%20/c/", "/", [5, 7], [2, 3], float32);
    objects.set("y/zarr.json", json(arrayV3([5], [5], "int64", { dimension_names: ["y"] })));
    objects.set("y/c/0", bytesOf(BigInt64Array.from([5n, 6n, 7n, 8n, 2n ** 60n])));
    const dataset = await opened(openForeignZarr(store(objects)));
    await expectGrid(dataset, "grp/rho#1%20");
    expect(dataset.variable("grp/rho#1%20").dimensions).toEqual(["y", "grp/x"]);
    expect((await dataset.variable("y").readBox())[4]).toBe(2n ** 60n);
    expect(dataset.attributes.title.values).toEqual(["run"]);
    expect(dataset.source.groups.map(({ path }) => path)).toEqual(["", "grp"]);
    const own = dataset.variable("grp/rho#1%20").attributes;
    expect(own._FillValue).toEqual({ type: "float32", values: [Number.NaN], scalar: true });
    expect(own.valid_range).toEqual({ type: "float32", values: [0, 5] });
    expect(own.big).toEqual({ type: "int64", values: [2n ** 40n], scalar: true });
    expect(own.list.type).toBe("string");
    expect(own.odd.values).toEqual(['{"a":[1,null]}']);
  });

  it("reads version 2: either order, big-endian, bare NaN, dimension names", async () => {
    const objects: Objects = new Map();
    objects.set(".zgroup", json({ zarr_format: 2 }));
    objects.set(".zattrs", new TextEncoder().encode('{"title": "a NaN", "level": NaN}'));
    objects.set("a/.zarray", json(arrayV2([5, 7], [2, 3], "<f4", { fill_value: "NaN" })));
    objects.set("a/.zattrs", json({ _ARRAY_DIMENSIONS: ["lat", "lon"], units: "K" }));
    putChunks(objects, "a/", ".", [5, 7], [2, 3], float32);
    objects.set(
      "b/.zarray",
      json(arrayV2([5, 7], [2, 3], ">i2", { order: "F", dimension_separator: "/" })),
    );
    putChunks(objects, "b/", "/", [5, 7], [2, 3], (values) => {
      const turned = Int16Array.from([0, 3, 1, 4, 2, 5], (k) => values[k]);
      return Buffer.from(turned.buffer).swap16();
    });
    objects.set("flag/.zarray", json(arrayV2([3], [2], "|b1")));
    objects.set("flag/0", Uint8Array.of(1, 0));
    objects.set("flag/1", Uint8Array.of(1, 0));
    objects.set("name/.zarray", json(arrayV2([3], [2], "<U3", { fill_value: "?" })));
    objects.set(
      "name/0",
      bytesOf(Uint32Array.from([..."abcde"].map((c) => c.charCodeAt(0)).concat(0))),
    );
    const dataset = await opened(openForeignZarr(store(objects)));
    await expectGrid(dataset, "a");
    await expectGrid(dataset, "b");
    expect(dataset.variable("a").dimensions).toEqual(["lat", "lon"]);
    expect(dataset.variable("a").attributes._FillValue.values).toEqual([Number.NaN]);
    expect(dataset.variable("b").dimensions).toEqual(["dim_0", "dim_1"]);
    expect([...(await dataset.variable("flag").readBox())]).toEqual([1, 0, 1]);
    expect(await dataset.variable("name").readBox()).toEqual(["abc", "de", "?"]);
    expect(dataset.attributes.title.values).toEqual(["a NaN"]);
    expect(dataset.attributes.level.values).toEqual(["NaN"]);
  });

  it("reads what zarrita compresses, and consolidated metadata where nothing can be listed", async () => {
    const objects = new Map<string, Uint8Array>();
    const blosc = { cname: "lz4", clevel: 5, shuffle: "shuffle", typesize: 4, blocksize: 0 };
    const array = await zarr.create(zarr.root(objects as never).resolve("/T"), {
      shape: [5, 7],
      chunkShape: [2, 3],
      dtype: "float32",
      codecs: [{ name: "blosc", configuration: blosc }],
      fillValue: 0,
    } as never);
    const values = Float32Array.from({ length: 35 }, (_, k) => 100 * Math.floor(k / 7) + (k % 7));
    await zarr.set(array as never, null, { data: values, shape: [5, 7], stride: [7, 1] } as never);
    const plain: Objects = new Map([...objects].map(([key, bytes]) => [key.slice(1), bytes]));
    const metadata = JSON.parse(new TextDecoder().decode(plain.get("T/zarr.json")));
    plain.set("zarr.json", json(groupV3()));
    const blind = { ...store(plain), list: undefined };
    expect((await errorOf(openForeignZarr(blind))).tag).toBe("unsupported");
    const note = { kind: "inline", must_understand: false, metadata: { T: metadata } };
    plain.set("zarr.json", json({ ...groupV3(), consolidated_metadata: note }));
    await expectGrid(await opened(openForeignZarr(blind)), "T");
  });

  it("names the chunk that its codec cannot decode", async () => {
    const codecs = [{ name: "bytes", configuration: { endian: "big" } }, { name: "gzip" }];
    const objects: Objects = new Map();
    objects.set("T/.zarray", json(arrayV2([5, 7], [2, 3], ">f4", { compressor: { id: "zlib" } })));
    putChunks(objects, "T/", ".", [5, 7], [2, 3], (values) =>
      deflateSync(Buffer.from(float32(values)).swap32()),
    );
    objects.set(".zgroup", json({ zarr_format: 2 }));
    await expectGrid(await opened(openForeignZarr(store(objects))), "T");
    const other: Objects = new Map([
      ["zarr.json", json(arrayV3([5, 7], [2, 3], "float32", { codecs }))],
    ]);
    putChunks(other, "c/", "/", [5, 7], [2, 3], (values) =>
      gzipSync(Buffer.from(float32(values)).swap32()),
    );
    await expectGrid(await opened(openForeignZarr(store(other))), "test");
    other.set("c/1/1", other.get("c/1/1")?.slice(0, -12) as Uint8Array);
    const damaged = await opened(openForeignZarr(store(other)));
    const error = await errorOf(damaged.variable("test").readBox());
    expect(error.tag).toBe("format");
    expect(error.message).toContain("chunk [1,1]");
  });

  it("reads shards and looks at their checksums", async () => {
    const objects: Objects = new Map();
    const codecs = [
      {
        name: "sharding_indexed",
        configuration: {
          chunk_shape: [2],
          codecs: [{ name: "bytes", configuration: { endian: "little" } }, { name: "crc32c" }],
          index_codecs: [
            { name: "bytes", configuration: { endian: "little" } },
            { name: "crc32c" },
          ],
          index_location: "end",
        },
      },
    ];
    objects.set("zarr.json", json(arrayV3([10], [6], "float32", { codecs, fill_value: "NaN" })));
    const withCrc = (bytes: Uint8Array) => {
      const crc = new Uint8Array(4);
      new DataView(crc.buffer).setUint32(0, crc32c(bytes), true);
      return Buffer.concat([bytes, crc]);
    };
    const none = 2n ** 64n - 1n;
    const chunks = [withCrc(float32([0, 1])), withCrc(float32([4, 5]))];
    const index = withCrc(bytesOf(BigUint64Array.from([0n, 12n, none, none, 12n, 12n])).slice());
    objects.set("c/0", Buffer.concat([...chunks, index]));
    const read = async () =>
      (await opened(openForeignZarr(store(objects)))).variable("test").readBox();
    const { NaN: nan } = Number;
    expect([...(await read())]).toEqual([0, 1, nan, nan, 4, 5, nan, nan, nan, nan]);
    for (const [at, message] of [
      [3, /chunk \[0\]/],
      [30, /chunk \[/],
    ] as const) {
      const shard = Buffer.concat([...chunks, index]);
      shard[at] ^= 1;
      objects.set("c/0", shard);
      const error = await errorOf(read());
      expect(error.tag).toBe("checksum");
      expect(error.message).toMatch(message);
    }
  });

  it("fills chunks that were never written, to the bit, without allocating them", async () => {
    const cases: [string, unknown, string][] = [
      ["float32", "0x7fc00001", "0100c07f"],
      ["float64", "-Infinity", "000000000000f0ff"],
      ["int16", -2, "feff"],
      ["uint8", 7, "07"],
      ["bool", true, "01"],
    ];
    for (const [type, fill, bits] of cases) {
      const huge = arrayV3([2 ** 40, 2 ** 10], [2 ** 30, 2 ** 10], type, { fill_value: fill });
      const objects: Objects = new Map([["zarr.json", json(huge)]]);
      const dataset = await opened(openForeignZarr(store(objects)));
      const data = await dataset.variables[0]
        .readBox({ start: [5, 5], shape: [1, 2] })
        .catch((e) => e);
      if (data instanceof Error) throw data;
      expect(Buffer.from(bytesOf(data as NumericArray)).toString("hex")).toBe(bits + bits);
    }
  });

  it("reads scalars and empty arrays", async () => {
    const objects: Objects = new Map([
      ["zarr.json", json(groupV3())],
      ["s/zarr.json", json(arrayV3([], [], "float64"))],
      ["s/c", bytesOf(Float64Array.of(2.5))],
      ["e/zarr.json", json(arrayV3([0, 4], [2, 2], "float64"))],
    ]);
    const dataset = await opened(openForeignZarr(store(objects)));
    expect([...(await dataset.variable("s").readBox())]).toEqual([2.5]);
    expect((await dataset.variable("e").readBox()).length).toBe(0);
  });

  it("opens a folder and a zip", async () => {
    const objects: Objects = new Map([["zarr.json", json(groupV3())]]);
    objects.set("T/zarr.json", json(arrayV3([5, 7], [2, 3], "float32")));
    putChunks(objects, "T/c/", "/", [5, 7], [2, 3], float32);
    const zip = new ZipWriter(new BlobWriter());
    for (const [key, bytes] of objects) {
      await mkdir(dirname(join(root, "folder", key)), { recursive: true });
      await writeFile(join(root, "folder", key), bytes);
      await zip.add(key, new Uint8ArrayReader(bytes), { level: 0 });
    }
    await writeFile(join(root, "one.zip"), Buffer.from(await (await zip.close()).arrayBuffer()));
    for (const name of ["folder", "one.zip"]) {
      const dataset = await openDataset(join(root, name));
      expect(dataset.format).toBe("zarr");
      await expectGrid(dataset, "T");
      await dataset.close();
    }
  });

  it("reads over HTTP", async () => {
    const metadata = arrayV3([5, 7], [2, 3], "float32");
    const note = { kind: "inline", must_understand: false, metadata: { T: metadata } };
    const objects: Objects = new Map();
    objects.set("run.zarr/zarr.json", json({ ...groupV3(), consolidated_metadata: note }));
    putChunks(objects, "run.zarr/T/c/", "/", [5, 7], [2, 3], float32);
    const server = createServer((request, response) => {
      const found = objects.get((request.url ?? "/").slice(1));
      response.writeHead(found ? 200 : 404).end(found);
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    try {
      const { port } = server.address() as AddressInfo;
      const dataset = await openDataset(`http://127.0.0.1:${port}/run.zarr`);
      await expectGrid(dataset, "T");
      await dataset.close();
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  it("refuses damaged and hostile metadata with typed errors", async () => {
    const bad: [string, unknown][] = [
      ["format", 5],
      ["format", []],
      ["format", { zarr_format: 3 }],
      ["format", { ...arrayV3([5], [2], "float32"), shape: [-5] }],
      ["format", { ...arrayV3([5], [2], "float32"), shape: [5, 5] }],
      ["format", { ...arrayV3([5], [2], "float32"), shape: "5" }],
      ["format", arrayV3([5], [0], "float32")],
      ["format", arrayV3([5], [1e300], "float32")],
      ["format", { ...arrayV3([5], [2], "float32"), codecs: 7 }],
      ["format", arrayV3([5], [2], "float99")],
      ["format", arrayV3([5], [2], "int64", { fill_value: "x" })],
      ["format", arrayV3(new Array(40).fill(1), new Array(40).fill(1), "float32")],
      ["unsupported", { ...arrayV3([5], [2], "float32"), chunk_grid: { name: "rectilinear" } }],
      ["unsupported", arrayV3([5], [2], "v2:object")],
    ];
    for (const [tag, document] of bad) {
      const objects: Objects = new Map([["zarr.json", json(document)]]);
      const error = await errorOf(openForeignZarr(store(objects)));
      expect([tag, JSON.stringify(document)]).toEqual([error.tag, JSON.stringify(document)]);
    }
    const v2: Objects = new Map([[".zarray", json(arrayV2([3], [2], "<M8[ns]"))]]);
    expect((await errorOf(openForeignZarr(store(v2)))).tag).toMatch(/format|unsupported/);
    expect((await errorOf(openForeignZarr(store(new Map())))).tag).toBe("format");
    const text: Objects = new Map([["zarr.json", new TextEncoder().encode("{ nothing")]]);
    expect((await errorOf(openForeignZarr(store(text)))).tag).toBe("format");
    const codec = arrayV3([4], [4], "float32", { codecs: [{ name: "bytes" }, { name: "magic" }] });
    const unknown: Objects = new Map([
      ["zarr.json", json(codec)],
      ["c/0", noise(16)],
    ]);
    const dataset = await opened(openForeignZarr(store(unknown)));
    const error = await errorOf(dataset.variables[0].readBox());
    expect(error.tag).toBe("unsupported");
    expect(error.message).toContain("magic");
  });

  it("refuses chunks of the wrong length instead of filling them up", async () => {
    for (const length of [0, 12, 13, 20]) {
      const objects: Objects = new Map([
        ["zarr.json", json(arrayV3([8], [4], "float32"))],
        ["c/0", noise(length)],
      ]);
      const dataset = await opened(openForeignZarr(store(objects)));
      expect(["truncated", "shape", "format"]).toContain(
        (await errorOf(dataset.variables[0].readBox())).tag,
      );
    }
  });

  it("passes the signal on", async () => {
    const objects: Objects = new Map([
      ["zarr.json", json(arrayV3([8], [4], "float32"))],
      ["c/0", noise(16)],
    ]);
    const stop = new AbortController();
    const dataset = await opened(openForeignZarr(store(objects), stop.signal));
    stop.abort();
    const box = { start: [0], shape: [8] };
    expect((await errorOf(dataset.variables[0].readBox(box, stop.signal))).tag).toBe("aborted");
    expect((await errorOf(openForeignZarr(store(objects), stop.signal))).tag).toBe("aborted");
  });
});
