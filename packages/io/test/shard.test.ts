import { crc32c, FieldzipError, type Json } from "@fieldzip/core";
import { beforeEach, describe, expect, it } from "vitest";
import { type MemoryStore, memoryStore } from "../src/store/memory.js";
import { type OpenArchiveOptions, openArchiveIn } from "../src/zarr/archive-dataset.js";
import { createArchiveIn } from "../src/zarr/archive-writer.js";
import { buildShard, indexBytes, parseShardIndex } from "../src/zarr/shard.js";
import { bitsOf, type TestArray, tagOf, valuesOf, writeAll } from "./support/small-archive.js";

const array: TestArray = {
  path: "rho",
  dataType: "float32",
  shape: [5, 6],
  chunk: [2, 3],
  shard: [4, 6],
  dimensions: ["y", "x"],
  data: valuesOf("float32", [5, 6]),
  codec: "fieldzip",
};
const numbers: TestArray = {
  path: "count",
  dataType: "int32",
  shape: [5, 6],
  chunk: [5, 6],
  dimensions: ["y", "x"],
  data: valuesOf("int32", [5, 6]),
};
const header = {
  format: "raw",
  groups: [],
  dimensions: [
    { name: "y", size: 5 },
    { name: "x", size: 6 },
  ],
};
const damage = ["checksum", "truncated", "format", "limit", "shape", "unsupported"];

let written: MemoryStore;
beforeEach(async () => {
  written = memoryStore(new Map(), "run.zarr");
  const sink = createArchiveIn(written);
  await writeAll(sink, array);
  await writeAll(sink, numbers);
  await sink.publish(header);
});

/** The archive with some objects replaced (undefined: removed). */
function withObjects(changes: Record<string, Uint8Array | undefined>): MemoryStore {
  const objects = new Map(written.objects);
  for (const [key, bytes] of Object.entries(changes)) {
    if (bytes) objects.set(key, bytes);
    else objects.delete(key);
  }
  return memoryStore(objects, "run.zarr");
}

async function readWith(
  changes: Record<string, Uint8Array | undefined>,
  name = "rho",
  options: OpenArchiveOptions = {},
) {
  const dataset = await openArchiveIn(withObjects(changes), options);
  return dataset.variable(name).readBox();
}

const shardOf = (key: string) => (written.objects.get(key) as Uint8Array).slice();

describe("shard index", () => {
  it("is Zarr's: offsets and lengths, 2^64 - 1 for none, CRC-32C", () => {
    const shard = buildShard([Uint8Array.of(1, 2, 3), undefined, Uint8Array.of(4)]);
    const view = new DataView(shard.buffer);
    expect(shard.length).toBe(4 + indexBytes(3));
    expect([...shard.subarray(0, 4)]).toEqual([1, 2, 3, 4]);
    const entries = Array.from({ length: 6 }, (_, i) => view.getBigUint64(4 + 8 * i, true));
    expect(entries).toEqual([0n, 3n, 2n ** 64n - 1n, 2n ** 64n - 1n, 3n, 1n]);
    expect(view.getUint32(52, true)).toBe(crc32c(shard.subarray(4, 52)));
    const tail = shard.subarray(4);
    expect(parseShardIndex(tail, 3, "x")).toEqual([
      { offset: 0, length: 3 },
      undefined,
      { offset: 3, length: 1 },
    ]);
  });

  it("every changed byte is noticed", async () => {
    const shard = shardOf("rho/c/0/0");
    for (let at = shard.length - indexBytes(4); at < shard.length; at++) {
      const bytes = shard.slice();
      bytes[at] ^= 1 << (at % 8);
      expect(await tagOf(readWith({ "rho/c/0/0": bytes }))).toBe("checksum");
    }
  });

  it("is refused where it overlaps, points outside or asks for too much", async () => {
    const shard = shardOf("rho/c/0/0");
    const forge = (entries: [bigint, bigint][]) => {
      const bytes = shard.slice();
      const index = bytes.subarray(bytes.length - indexBytes(4));
      const view = new DataView(index.buffer, index.byteOffset);
      entries.forEach(([offset, length], i) => {
        view.setBigUint64(16 * i, offset, true);
        view.setBigUint64(16 * i + 8, length, true);
      });
      view.setUint32(64, crc32c(index.subarray(0, 64)), true);
      return { "rho/c/0/0": bytes };
    };
    expect(
      await tagOf(
        readWith(
          forge([
            [0n, 10n],
            [5n, 10n],
          ]),
        ),
      ),
    ).toBe("format");
    expect(await tagOf(readWith(forge([[2n ** 63n, 10n]])))).toBe("format");
    expect(await tagOf(readWith(forge([[0n, 2n ** 63n]])))).toBe("format");
    expect(await tagOf(readWith(forge([[0n, 2n ** 32n]])))).toBe("format");
    expect(await tagOf(readWith(forge([[2n ** 40n, 10n]])))).toBe("truncated");
    expect(await tagOf(readWith(forge([[2n ** 64n - 1n, 2n ** 64n - 1n]])))).toBe("truncated");
    expect(damage).toContain(await tagOf(readWith(forge([[0n, 0n]]))));
    // Two chunks exchanged: each is whole, but the ragged one no longer fits.
    const view = new DataView(shard.buffer, shard.length - indexBytes(4));
    const entry = (i: number): [bigint, bigint] => [
      view.getBigUint64(16 * i, true),
      view.getBigUint64(16 * i + 8, true),
    ];
    expect(entry(0)[0]).toBe(0n);
  });
});

describe("damage", () => {
  it("says where, what and what to do", async () => {
    const shard = shardOf("rho/c/0/0");
    shard[shard.length - 1] ^= 1;
    await expect(readWith({ "rho/c/0/0": shard })).rejects.toThrow(
      /^run\.zarr, variable rho, chunk \[0,0\], index of rho\/c\/0\/0: checksum 0x[0-9a-f]{8} expected, 0x[0-9a-f]{8} found: .*--skip-damaged/,
    );
    await expect(readWith({ "rho/c/1/0": undefined })).rejects.toThrow(
      /^run\.zarr, variable rho, chunk \[2,0\]: object rho\/c\/1\/0 expected, none found: /,
    );
  });

  it("a shard cut anywhere or with any byte changed gives typed errors, never other values", async () => {
    const shard = shardOf("rho/c/0/0");
    for (let length = 0; length < shard.length; length++) {
      expect(damage).toContain(await tagOf(readWith({ "rho/c/0/0": shard.slice(0, length) })));
    }
    for (let at = 0; at < shard.length; at++) {
      const bytes = shard.slice();
      bytes[at] ^= 0x10;
      const tag = await tagOf(async () => {
        expect(bitsOf(await readWith({ "rho/c/0/0": bytes }))).toEqual(bitsOf(array.data));
      });
      expect([...damage, "no error"]).toContain(tag);
    }
  });

  it("a standard chunk cut anywhere or with any byte changed is noticed", async () => {
    const chunk = shardOf("count/c/0/0");
    for (let length = 0; length < chunk.length; length++) {
      const cut = { "count/c/0/0": chunk.slice(0, length) };
      expect(["checksum", "format"]).toContain(await tagOf(readWith(cut, "count")));
    }
    for (let at = 0; at < chunk.length; at++) {
      const bytes = chunk.slice();
      bytes[at] ^= 1;
      expect(await tagOf(readWith({ "count/c/0/0": bytes }, "count"))).toBe("checksum");
    }
  });

  it("a gzip stream that holds more than the chunk is refused", async () => {
    const { gzipSync } = await import("node:zlib");
    for (const size of [119, 121, 50_000_000]) {
      const packed = gzipSync(new Uint8Array(size));
      const bytes = new Uint8Array(packed.length + 4);
      bytes.set(packed);
      new DataView(bytes.buffer).setUint32(packed.length, crc32c(packed), true);
      const tag = await tagOf(readWith({ "count/c/0/0": bytes }, "count"));
      expect(tag).toBe(size > 120 ? "limit" : "format");
    }
  });

  it("a missing object is damage, not fill values", async () => {
    expect(await tagOf(readWith({ "rho/c/0/0": undefined }))).toBe("truncated");
    expect(await tagOf(readWith({ "count/c/0/0": undefined }, "count"))).toBe("truncated");
  });

  it("can be skipped: the rest reads, the chunk is NaN or 0, and is reported", async () => {
    const shard = shardOf("rho/c/0/0");
    shard[20] ^= 0xff;
    const skipped: FieldzipError[] = [];
    const options: OpenArchiveOptions = {
      onDamaged: "skip",
      onSkipped: (error) => skipped.push(error),
    };
    const values = (await readWith({ "rho/c/0/0": shard }, "rho", options)) as Float32Array;
    expect(skipped.length).toBe(1);
    expect(skipped[0]).toBeInstanceOf(FieldzipError);
    expect(skipped[0].details.where).toContain("chunk [0,0]");
    const expected = (array.data as Float32Array).slice();
    for (const at of [0, 1, 2, 6, 7, 8]) expected[at] = Number.NaN;
    for (let at = 0; at < 30; at++) {
      const bit = [0, 1, 2, 6, 7, 8].includes(at);
      expect(bit ? Number.isNaN(values[at]) : Object.is(values[at], expected[at])).toBe(true);
    }
    skipped.length = 0;
    const counts = await readWith({ "count/c/0/0": undefined }, "count", options);
    expect(counts).toEqual(new Int32Array(30));
    expect(skipped.map((error) => error.tag)).toEqual(["truncated"]);
    skipped.length = 0;
    // All four chunks of a shard whose index is damaged.
    const cut = await readWith({ "rho/c/0/0": shard.slice(0, 30) }, "rho", options);
    expect(skipped.length).toBe(4);
    expect(Object.is((cut as Float32Array)[29], (array.data as Float32Array)[29])).toBe(true);
  });
});

describe("hostile metadata", () => {
  // biome-ignore lint/suspicious/noExplicitAny: parsed JSON that is about to be made wrong
  type Root = any;
  type Change = (root: Root) => void;
  async function openWith(change: Change): Promise<string> {
    const text = new TextDecoder().decode(written.objects.get("zarr.json"));
    const root = JSON.parse(text);
    change(root);
    const bytes = new TextEncoder().encode(JSON.stringify(root));
    return tagOf(async () => {
      const dataset = await openArchiveIn(withObjects({ "zarr.json": bytes }));
      for (const variable of dataset.variables) await variable.readBox();
    });
  }
  const rho = (root: Root) => root.consolidated_metadata.metadata.rho;
  const sharding = (root: Root) => rho(root).codecs[0].configuration;

  const cases: Record<string, [string, Change]> = {
    "newer version": ["unsupported", (root) => (root.attributes.fieldzip.version = 2)],
    "version as text": ["format", (root) => (root.attributes.fieldzip.version = "1")],
    "no consolidated metadata": ["format", (root) => delete root.consolidated_metadata],
    "nodes as a list": ["format", (root) => (root.consolidated_metadata.metadata = [])],
    "negative shape": ["format", (root) => (rho(root).shape = [-1, 6])],
    "fractional shape": ["format", (root) => (rho(root).shape = [1.5, 6])],
    "shape as text": ["format", (root) => (rho(root).shape = ["5", 6])],
    "shape beyond 2^53": ["format", (root) => (rho(root).shape = [2 ** 60, 6])],
    "product beyond 2^53": ["limit", (root) => (rho(root).shape = [2 ** 40, 2 ** 40])],
    "nine axes": ["limit", (root) => Object.assign(rho(root), { shape: new Array(9).fill(1) })],
    "chunks of nothing": ["format", (root) => (sharding(root).chunk_shape = [0, 3])],
    "chunks with too few axes": ["format", (root) => (sharding(root).chunk_shape = [2])],
    "chunks that do not divide the shard": [
      "format",
      (root) => (sharding(root).chunk_shape = [3, 3]),
    ],
    "huge chunks": [
      "limit",
      (root) => {
        rho(root).chunk_grid.configuration.chunk_shape = [2 ** 20, 2 ** 20];
        sharding(root).chunk_shape = [2 ** 20, 2 ** 20];
      },
    ],
    "huge shard index": [
      "limit",
      (root) => (rho(root).chunk_grid.configuration.chunk_shape = [2 ** 20, 3 * 2 ** 20]),
    ],
    "shape that the dimension contradicts": ["format", (root) => (rho(root).shape = [6, 6])],
    "huge shape, first chunk missing": [
      "truncated",
      (root) => {
        root.attributes.fieldzip.dimensions[0].size = 2 ** 36;
        root.consolidated_metadata.metadata = { none: { ...rho(root), shape: [2 ** 36, 6] } };
      },
    ],
    "huge shape, first chunk there": [
      "limit",
      (root) => {
        root.attributes.fieldzip.dimensions[0].size = 2 ** 40;
        root.consolidated_metadata.metadata = { rho: { ...rho(root), shape: [2 ** 40, 6] } };
      },
    ],
    "unknown data type": ["unsupported", (root) => (rho(root).data_type = "complex64")],
    "wrong data type": ["shape", (root) => (rho(root).data_type = "float64")],
    "fieldzip of integers": ["unsupported", (root) => (rho(root).data_type = "int32")],
    "unknown codec": ["unsupported", (root) => (sharding(root).codecs = [{ name: "zstd" }])],
    "unknown index codec": [
      "unsupported",
      (root) => (sharding(root).index_codecs = [{ name: "bytes" }]),
    ],
    "index at the start": ["unsupported", (root) => (sharding(root).index_location = "start")],
    "codecs of nothing": ["unsupported", (root) => (rho(root).codecs = [])],
    "codec as a number": ["format", (root) => (rho(root).codecs = [7])],
    "other grid": ["format", (root) => (rho(root).chunk_grid.name = "rectangular")],
    "other keys": ["format", (root) => (rho(root).chunk_key_encoding.name = "v2")],
    "path out of the store": [
      "format",
      (root) => (root.consolidated_metadata.metadata["../rho"] = rho(root)),
    ],
    "missing dimension names": ["format", (root) => delete rho(root).dimension_names],
    "dimension twice": [
      "format",
      (root) => root.attributes.fieldzip.dimensions.push({ name: "y", size: 5 }),
    ],
    "joint with too few members": [
      "format",
      (root) => (rho(root).attributes.fieldzip = { joint: { axis: 0, members: [] } }),
    ],
    "joint axis outside": [
      "format",
      (root) => (rho(root).attributes.fieldzip = { joint: { axis: 2, members: [] } }),
    ],
    "variable twice": [
      "format",
      (root) => {
        const members = ["count", "a", "b", "c", "d"].map((name) => ({ name }));
        rho(root).attributes.fieldzip = { joint: { axis: 0, members } };
      },
    ],
    "attribute of unknown type": [
      "format",
      (root) => (rho(root).attributes.fieldzip = { attribute_types: { units: "complex" } }),
    ],
    "attribute out of range": [
      "format",
      (root) => {
        rho(root).attributes.fieldzip = { attribute_types: { a: "int8" } };
        rho(root).attributes.a = 1000;
      },
    ],
    "attribute text of millions of digits": [
      "format",
      (root) => {
        const values = ["9".repeat(1_000_000)];
        rho(root).attributes.fieldzip = { attribute_types: { a: { type: "int64", values } } };
      },
    ],
  };
  it.each(Object.keys(cases))("%s", async (name) => {
    const [tag, change] = cases[name];
    expect(await openWith(change)).toBe(tag);
  });

  it("any single value replaced by something odd gives typed errors only", async () => {
    const root = JSON.parse(new TextDecoder().decode(written.objects.get("zarr.json")));
    const odd: Json[] = [null, -1, 0, 1e300, 0.5, "", "../x", [], {}, [[]], true, 2 ** 31];
    const places: [Record<string, Json>, string][] = [];
    const walk = (value: Json): void => {
      if (typeof value !== "object" || value === null) return;
      for (const key of Object.keys(value)) {
        places.push([value as Record<string, Json>, key]);
        walk((value as Record<string, Json>)[key]);
      }
    };
    walk(root);
    expect(places.length).toBeGreaterThan(80);
    for (const [object, key] of places) {
      const kept = object[key];
      for (const value of odd) {
        object[key] = value;
        const bytes = new TextEncoder().encode(JSON.stringify(root));
        // tagOf throws on whatever is not a typed error.
        await tagOf(async () => {
          const dataset = await openArchiveIn(withObjects({ "zarr.json": bytes }));
          for (const variable of dataset.variables) await variable.readBox();
        });
      }
      object[key] = kept;
    }
  });

  it("refuses what is not JSON, and too much of it", async () => {
    const open = (bytes: Uint8Array) => tagOf(openArchiveIn(withObjects({ "zarr.json": bytes })));
    expect(await open(new TextEncoder().encode("{"))).toBe("format");
    expect(await open(Uint8Array.of(0xff, 0xfe))).toBe("format");
    expect(await open(new TextEncoder().encode(`${"[".repeat(1e6)}${"]".repeat(1e6)}`))).toBe(
      "format",
    );
    expect(await open(new Uint8Array(64 * 2 ** 20 + 1))).toBe("limit");
    expect(await tagOf(openArchiveIn(withObjects({ "zarr.json": undefined })))).toBe("format");
  });
});
