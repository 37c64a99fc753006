import { execFileSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FieldzipError } from "@fieldzip/core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openHttp } from "../src/store/http.js";
import { memoryStore } from "../src/store/memory.js";
import { createStore, openStore } from "../src/store/open.js";
import type { ReadableStore, WritableStore } from "../src/store/store.js";
import { zipBytesOf } from "../src/store/zip.js";
import { createZipFile } from "../src/store/zip-file.js";
import { makeZip } from "./support/make-zip.js";

const text = (value: string) => new TextEncoder().encode(value);
const ramp = (length: number, step = 7) => Uint8Array.from({ length }, (_, i) => (i * step) & 255);
const objects: [string, Uint8Array][] = [
  ["zarr.json", text('{"zarr_format":3}')],
  ["rho/c/0/0", ramp(5000)],
  ["rho/c/0/1", ramp(1)],
  ["größe/c", ramp(0)],
];

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "fieldzip-store-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function tagOf(action: Promise<unknown> | (() => Promise<unknown>)): Promise<string> {
  try {
    await (typeof action === "function" ? action() : action);
  } catch (error) {
    if (error instanceof FieldzipError) return error.tag;
    throw error;
  }
  return "no error";
}

async function fill(store: WritableStore): Promise<void> {
  for (const [key, bytes] of objects) await store.put(key, bytes);
}

/** Serves the objects; `ranges: false` ignores Range, as `python -m http.server` does. */
async function serve(ranges: boolean): Promise<{ url: string; server: Server }> {
  const map = new Map(objects);
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? "", "http://x").pathname);
    const object = map.get(path.replace("/run.zarr/", ""));
    if (!object) return response.writeHead(404).end("no");
    const asked = /^bytes=(\d*)-(\d*)$/.exec(request.headers.range ?? "");
    if (!asked || !ranges) {
      response.writeHead(200, { "content-length": object.length });
      return response.end(request.method === "HEAD" ? undefined : object);
    }
    const start = asked[1] ? Number(asked[1]) : Math.max(0, object.length - Number(asked[2]));
    const end = asked[1] ? Math.min(object.length, Number(asked[2]) + 1) : object.length;
    if (start >= object.length) return response.writeHead(416).end();
    response.writeHead(206, {
      "content-range": `bytes ${start}-${end - 1}/${object.length}`,
      "content-length": end - start,
    });
    return response.end(object.subarray(start, end));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/run.zarr`, server };
}

const servers: Server[] = [];
const urls: Record<string, string> = {};
beforeAll(async () => {
  for (const ranges of [true, false]) {
    const { url, server } = await serve(ranges);
    servers.push(server);
    urls[String(ranges)] = url;
  }
});
afterAll(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

const backends: Record<string, () => Promise<ReadableStore>> = {
  async memory() {
    const store = memoryStore();
    await fill(store);
    await store.publish();
    return store;
  },
  async folder() {
    const target = join(folder, "run.zarr");
    const store = await createStore(target);
    await fill(store);
    await store.publish();
    return openStore(target);
  },
  async zip() {
    const target = join(folder, "run.zip");
    const store = await createStore(target);
    await fill(store);
    await store.publish();
    return openStore(target);
  },
  async "zip with 64-bit records"() {
    const target = join(folder, "run64.zip");
    const store = await createZipFile(target, { zip64: true });
    await fill(store);
    await store.publish();
    return openStore(target);
  },
  async "deflated zip"() {
    const target = join(folder, "deflated.zip");
    const entries = objects.map(([name, bytes]) => ({ name, bytes, deflate: true }));
    await writeFile(target, makeZip(entries));
    return openStore(target);
  },
  "http with ranges": async () => openHttp(urls.true),
  "http without ranges": async () => openHttp(`${urls.false}/?token=x`),
};

describe.each(Object.keys(backends))("store: %s", (name) => {
  let store: ReadableStore;
  beforeEach(async () => {
    store = await backends[name]();
  });
  afterEach(() => store.close());

  it("gives back whole objects and sizes", async () => {
    for (const [key, bytes] of objects) {
      expect(await store.get(key)).toEqual(bytes);
      expect(await store.size(key)).toBe(bytes.length);
    }
    expect(await store.get("rho/c/9/9")).toBeUndefined();
    expect(await store.size("rho/c/9/9")).toBeUndefined();
    expect(await store.get("zarr.json/below")).toBeUndefined();
  });

  it("gives ranges clipped to the object", async () => {
    const bytes = objects[1][1];
    const key = objects[1][0];
    expect(await store.getRange(key, { offset: 10, length: 20 })).toEqual(bytes.slice(10, 30));
    expect(await store.getRange(key, { offset: 4990, length: 20 })).toEqual(bytes.slice(4990));
    expect(await store.getRange(key, { offset: 6000, length: 20 })).toEqual(new Uint8Array(0));
    expect(await store.getRange(key, { offset: 60, length: 0 })).toEqual(new Uint8Array(0));
    expect(await store.getRange(key, { suffixLength: 4 })).toEqual(bytes.slice(4996));
    expect(await store.getRange(key, { suffixLength: 9000 })).toEqual(bytes);
    expect(await store.getRange("nothing", { suffixLength: 4 })).toBeUndefined();
  });

  it("refuses keys that lead out", async () => {
    for (const key of ["../secret", "/etc/passwd", "a//b", "", "a/..", "./a", "a\\..\\b", "a\0"]) {
      expect(await tagOf(store.get(key))).toBe("usage");
      expect(await tagOf(store.getRange(key, { suffixLength: 1 }))).toBe("usage");
    }
  });

  it("lists its keys", async () => {
    if (!store.list) return;
    expect(await store.list("")).toEqual(objects.map(([key]) => key).sort());
    expect(await store.list("rho/")).toEqual(["rho/c/0/0", "rho/c/0/1"]);
  });

  it("stops on request", async () => {
    const signal = AbortSignal.abort();
    expect(await tagOf(store.get("zarr.json", signal))).toBe("aborted");
    expect(await tagOf(store.getRange("zarr.json", { suffixLength: 1 }, signal))).toBe("aborted");
  });
});

describe.each(["run.zarr", "run.zip"])("writing %s", (name) => {
  it("shows nothing before it is published, and reports its size", async () => {
    const target = join(folder, name);
    const store = await createStore(target);
    await fill(store);
    expect(await readdir(folder)).not.toContain(name);
    const { bytes } = await store.publish();
    expect(await readdir(folder)).toEqual([name]);
    const size = name.endsWith(".zip")
      ? (await stat(target)).size
      : objects.reduce((sum, [, object]) => sum + object.length, 0);
    expect(bytes).toBe(size);
    expect(await tagOf(store.put("late", ramp(1)))).toBe("usage");
    expect(await tagOf(store.publish())).toBe("usage");
  });

  it("leaves nothing when discarded, even with writes under way", async () => {
    const store = await createStore(join(folder, name));
    const writes = objects.map(([key, bytes]) => store.put(key, bytes));
    await store.discard();
    await Promise.allSettled(writes);
    expect(await readdir(folder)).toEqual([]);
    expect(await tagOf(store.put("late", ramp(1)))).toBe("usage");
  });

  it("refuses an existing target, and replaces it only when forced", async () => {
    const target = join(folder, name);
    await writeFile(target, "precious");
    expect(await tagOf(createStore(target))).toBe("exists");
    const dropped = await createStore(target, { force: true });
    await fill(dropped);
    await dropped.discard();
    expect(await readFile(target, "utf8")).toBe("precious");
    const store = await createStore(target, { force: true });
    await fill(store);
    await store.publish();
    expect(await readdir(folder)).toEqual([name]);
    const read = await openStore(target);
    expect(await read.get("zarr.json")).toEqual(objects[0][1]);
    await read.close();
  });

  it("stores a key once and keeps keys inside", async () => {
    const store = await createStore(join(folder, name));
    await store.put("a", ramp(3));
    expect(await tagOf(store.put("a", ramp(4)))).toBe("exists");
    expect(await tagOf(store.put("../b", ramp(4)))).toBe("usage");
    await store.discard();
    expect(await readdir(folder)).toEqual([]);
  });
});

describe("zip", () => {
  const open = async (bytes: Uint8Array) => {
    const path = join(folder, "hand-made.zip");
    await writeFile(path, bytes);
    return openStore(path);
  };

  it("has bytes that depend on keys and objects alone, whatever the time zone", async () => {
    const zone = process.env.TZ;
    const files: Uint8Array[] = [];
    for (const [index, tz] of ["UTC", "Pacific/Kiritimati", "America/Caracas"].entries()) {
      process.env.TZ = tz;
      const target = join(folder, `${index}.zip`);
      const store = await createStore(target);
      await fill(store);
      await store.publish();
      files.push(await readFile(target));
    }
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
    expect(files[1]).toEqual(files[0]);
    expect(files[2]).toEqual(files[0]);
    expect(new DataView(files[0].buffer, files[0].byteOffset).getUint32(10, true)).toBe(0x00210000);
    // No extra fields: 30 + 46 bytes of headers and twice the name per entry, 22 at the end.
    const names = objects.reduce((sum, [key]) => sum + text(key).length, 0);
    const stored = objects.filter(([key]) => !key.endsWith(".json"));
    const data = stored.reduce((sum, [, bytes]) => sum + bytes.length, 0);
    const deflated = objects.filter(([key]) => key.endsWith(".json"));
    expect(deflated).toHaveLength(1);
    const metadata = (await zipBytesOf(...deflated[0])) - 76 - 2 * deflated[0][0].length;
    expect(files[0].length).toBe(objects.length * 76 + 2 * names + data + metadata + 22);
  });

  it("is read by Info-ZIP", async (context) => {
    try {
      execFileSync("unzip", ["-v"]);
    } catch {
      context.skip("unzip is not installed");
    }
    const target = join(folder, "run.zip");
    const store = await createStore(target);
    await fill(store);
    await store.publish();
    expect(execFileSync("unzip", ["-t", target], { encoding: "utf8" })).toContain("No errors");
  });

  it("reads stored entries in ranges, without touching the rest", async () => {
    const bytes = makeZip([{ name: "a", bytes: ramp(1000) }]);
    // The CRC-32 is over the whole entry; a range of undamaged bytes is still readable.
    bytes[31 + 500] ^= 255;
    const store = await open(bytes);
    expect(await store.getRange("a", { offset: 0, length: 4 })).toEqual(ramp(4));
    expect(await tagOf(store.get("a"))).toBe("checksum");
    await store.close();
  });

  it("refuses bombs: declared too large, or larger than declared", async () => {
    const zeros = new Uint8Array(5_000_000);
    const large = await open(
      makeZip([{ name: "a", bytes: zeros, deflate: true, declaredSize: 2 ** 31 }]),
    );
    expect(await tagOf(large.get("a"))).toBe("limit");
    await large.close();
    const lying = await open(
      makeZip([{ name: "a", bytes: zeros, deflate: true, declaredSize: 1000 }]),
    );
    expect(["limit", "format"]).toContain(await tagOf(lying.get("a")));
    await lying.close();
    const short = await open(
      makeZip([{ name: "a", bytes: ramp(1000), deflate: true, declaredSize: 5000 }]),
    );
    expect(["truncated", "format", "checksum"]).toContain(await tagOf(short.get("a")));
    await short.close();
  });

  it("refuses what two programs would read differently", async () => {
    const twice = [
      { name: "a", bytes: ramp(3) },
      { name: "a", bytes: ramp(4) },
    ];
    expect(await tagOf(open(makeZip(twice)))).toBe("format");
    for (const name of ["../a", "/a", "a/../../b", "a\\b"]) {
      expect(await tagOf(open(makeZip([{ name, bytes: ramp(3) }])))).toBe("format");
    }
    expect(await tagOf(open(makeZip([{ name: "a", bytes: ramp(3), declaredSize: 9 }])))).toBe(
      "format",
    );
    expect(await tagOf(open(makeZip([{ name: "a", bytes: ramp(3), method: 12 }])))).toBe(
      "unsupported",
    );
    expect(await tagOf(open(makeZip([{ name: "a", bytes: ramp(30), flags: 0x801 }])))).toBe(
      "unsupported",
    );
  });

  it("gives typed errors for a zip cut anywhere or with any byte changed", async () => {
    const whole = makeZip([
      { name: "zarr.json", bytes: ramp(20) },
      { name: "a", bytes: ramp(60), deflate: true },
    ]);
    const attempt = async (bytes: Uint8Array) => {
      const store = await open(bytes);
      try {
        for (const key of ["zarr.json", "a"]) {
          await store.get(key);
          await store.getRange(key, { suffixLength: 4 });
        }
      } finally {
        await store.close();
      }
    };
    for (let length = 0; length < whole.length; length++) {
      expect(await tagOf(attempt(whole.slice(0, length)))).not.toBe("no error");
    }
    for (let at = 0; at < whole.length; at++) {
      const bytes = whole.slice();
      bytes[at] ^= 0xff;
      await tagOf(attempt(bytes));
    }
  });
});

describe("http", () => {
  it("tells what went wrong", async () => {
    const answers: Record<string, (response: import("node:http").ServerResponse) => void> = {
      "/a": (response) => response.writeHead(500).end(),
      "/b": (response) => response.writeHead(206, { "content-range": "bytes 7-9/10" }).end("abc"),
      "/c": (response) =>
        response.writeHead(206, { "content-range": "bytes 0-3/10" }).end("abcdefghij"),
      "/d": (response) => response.destroy(),
    };
    const server = createServer((request, response) => answers[request.url ?? ""]?.(response));
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const store = openHttp(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const range = { offset: 0, length: 4 };
    expect(await tagOf(store.getRange("a", range))).toBe("io");
    expect(await tagOf(store.getRange("b", range))).toBe("format");
    expect(await tagOf(store.getRange("c", range))).toBe("limit");
    expect(await tagOf(store.getRange("d", range))).toBe("io");
  });

  it("reads a zip behind a URL", async () => {
    const bytes = makeZip([{ name: "zarr.json", bytes: ramp(500) }]);
    const server = createServer((request, response) => {
      const asked = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "");
      if (!asked) {
        response.writeHead(200, { "content-length": bytes.length });
        return response.end(request.method === "HEAD" ? undefined : bytes);
      }
      const [start, end] = [Number(asked[1]), Math.min(Number(asked[2]), bytes.length - 1)];
      response.writeHead(206, { "content-range": `bytes ${start}-${end}/${bytes.length}` });
      return response.end(bytes.subarray(start, end + 1));
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const port = (server.address() as AddressInfo).port;
    const store = await openStore(`http://127.0.0.1:${port}/run.zip`);
    expect(await store.get("zarr.json")).toEqual(ramp(500));
    expect(await store.getRange("zarr.json", { suffixLength: 3 })).toEqual(ramp(500).slice(-3));
  });
});

describe("openStore", () => {
  it("refuses what is no store", async () => {
    const path = join(folder, "run.txt");
    await writeFile(path, "x");
    expect(await tagOf(openStore(path))).toBe("unsupported");
    expect(await tagOf(openStore(join(folder, "nothing")))).toBe("missing");
    expect(await tagOf(createStore("https://example.org/run.zarr"))).toBe("unsupported");
    await writeFile(join(folder, "text.zip"), "no zip at all");
    expect(await tagOf(openStore(join(folder, "text.zip")))).toBe("format");
  });
});
