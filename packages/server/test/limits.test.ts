import { createHash } from "node:crypto";
import {
  mkdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { Agent } from "node:http";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { beforeAll, describe, expect, it, vi } from "vitest";
import type { RunningServer } from "../src/index.js";
import { arrays, ask, serve, temporaryFolder, writeArchive } from "./support.js";

// What a hostile, careless or unlucky client meets.

const folder = temporaryFolder();
const archive = join(folder, "run.zarr");
/** 40 MiB of values in ten chunks. */
const big = join(folder, "big.npy");
let server: RunningServer;

beforeAll(async () => {
  await writeArchive(archive);
  writeFileSync(join(folder, "secret.txt"), "secret");
  writeFileSync(big, npyHeader([10, 1024, 1024]));
  truncateSync(big, 128 + 10 * 2 ** 22);
  server = await serve({ locations: [archive, big] });
});

function npyHeader(shape: number[]): Buffer {
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${shape.join(", ")}), }`;
  const header = Buffer.alloc(128, " ");
  header.write("\x93NUMPY\x01\x00", "latin1");
  header.writeUInt16LE(118, 8);
  header.write(`${text.padEnd(117)}\n`, 10);
  return header;
}

describe("paths", () => {
  it.each([
    "/raw/run.zarr/../secret.txt",
    "/raw/run.zarr/..%2fsecret.txt",
    "/raw/run.zarr/%2e%2e/secret.txt",
    "/raw/run.zarr/%2e%2e%2fsecret.txt",
    "/raw/run.zarr/..%5csecret.txt",
    "/raw/run.zarr//etc/passwd",
    "/raw/run.zarr/%00",
    "/raw/run.zarr/rho/%0a",
    "/raw/../secret.txt",
    "/zarr/run.zarr/../../secret.txt",
    "/zarr/run.zarr/%zz",
    "/zarr/run.zarr/%ff%fe",
    "/zarr/run.zarr/rho/c/%",
    "/..",
    "/.",
    "//",
    "*",
    "http://elsewhere.example/secret.txt",
  ])("%s leads nowhere", async (path) => {
    const { status, body } = await ask(server.url, path);
    expect([400, 404]).toContain(status);
    expect(body.toString()).not.toContain("secret\n");
    expect(body.toString()).not.toBe("secret");
  });

  it.each([
    "/zarr/run.zarr/.zgroup",
    "/zarr/run.zarr/.zattrs",
    "/zarr/run.zarr/rho",
    "/zarr/run.zarr/rho/c",
    "/zarr/run.zarr/rho/c/0/0",
    "/zarr/run.zarr/rho/c/0/0/0/0",
    "/zarr/run.zarr/rho/c/3/0/0",
    "/zarr/run.zarr/rho/c/-1/0/0",
    "/zarr/run.zarr/rho/c/00/0/0",
    "/zarr/run.zarr/rho/c/1e0/0/0",
    "/zarr/run.zarr/rho/c/0x0/0/0",
    "/zarr/run.zarr/rho/c/999999999999999999999999/0/0",
    "/zarr/run.zarr/joint_0/zarr.json",
    "/zarr/run.zarr/__proto__/zarr.json",
    "/zarr/constructor/zarr.json",
    "/zarr/nothing/zarr.json",
    "/raw/run.zarr",
    "/raw/big.npy/zarr.json",
    "/elsewhere",
  ])("%s is not there", async (path) => {
    expect((await ask(server.url, path)).status).toBe(404);
  });

  it("symbolic links lead nowhere outside, by the stored bytes and by values, unless it is asked for", async () => {
    const linked = await writeArchive(join(folder, "linked.zarr"));
    symlinkSync(join(folder, "secret.txt"), join(linked, "stolen"));
    symlinkSync(folder, join(linked, "up"));
    const object = join(linked, "rho/c/0/0/0");
    const elsewhere = join(folder, "elsewhere");
    renameSync(object, elsewhere);
    symlinkSync(elsewhere, object);
    symlinkSync("zarr.json", join(linked, "same.json"));
    const locations = [linked];
    const [careful, open] = [
      await serve({ locations }),
      await serve({ locations, links: "anywhere" }),
    ];
    const status = async ({ url }: RunningServer, path: string) => (await ask(url, path)).status;
    for (const path of ["/raw/linked.zarr/stolen", "/raw/linked.zarr/up/secret.txt"]) {
      expect([path, await status(careful, path)]).toEqual([path, 500]);
      expect([path, await status(open, path)]).toEqual([path, 200]);
    }
    for (const path of ["/zarr/linked.zarr/rho/c/0/0/0", "/raw/linked.zarr/rho/c/0/0/0"]) {
      const { status: refused, body } = await ask(careful.url, path);
      expect([path, refused, body.toString()]).toEqual([
        path,
        500,
        expect.stringContaining("link"),
      ]);
      expect(body.toString()).not.toContain(folder);
      expect([path, await status(open, path)]).toEqual([path, 200]);
    }
    expect(await status(careful, "/raw/linked.zarr/same.json")).toBe(200);
    expect(await status(careful, "/zarr/linked.zarr/rho/c/2/1/1")).toBe(200);
  });

  it("a slash at the end names the same", async () => {
    const [one, two] = await Promise.all(
      ["/zarr/run.zarr/zarr.json", "/zarr/run.zarr/zarr.json/"].map((path) =>
        ask(server.url, path),
      ),
    );
    expect(two.body.equals(one.body)).toBe(true);
  });
});

describe("requests", () => {
  it("refuses what is too long, and bodies, and methods that write", async () => {
    expect((await ask(server.url, `/${"a".repeat(5000)}`)).status).toBe(414);
    const headers = { "X-Long": "a".repeat(20_000) };
    expect((await ask(server.url, "/", { headers })).status).toBe(431);
    for (const method of ["PUT", "POST", "DELETE", "PATCH"]) {
      const { status, headers } = await ask(server.url, "/zarr/run.zarr/zarr.json", { method });
      expect([method, status, headers.allow]).toEqual([method, 405, "GET, HEAD, OPTIONS"]);
    }
    const options = { method: "POST", body: "x".repeat(1000) };
    expect((await ask(server.url, "/", options)).status).toBe(413);
  });

  it.each([
    ["no HTTP at all", "\x16\x03\x01\x02\x00\r\n\r\n"],
    ["a header without a name", "GET / HTTP/1.1\r\nHost: localhost\r\n: x\r\n\r\n"],
    [
      "two lengths",
      "GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
    ],
  ])("%s is a bad request", async (_, text) => {
    expect(await talk(server.url, text)).toMatch(/^HTTP\/1\.1 400 /);
  });

  it("answers to localhost alone without a token, so that no page elsewhere can point its name here", async () => {
    for (const Host of ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "10.0.0.1"]) {
      expect([Host, (await ask(server.url, "/", { headers: { Host } })).status]).toEqual([
        Host,
        403,
      ]);
    }
    for (const Host of ["localhost:1", "[::1]:80", "127.0.0.9", "LOCALHOST"]) {
      expect([Host, (await ask(server.url, "/", { headers: { Host } })).status]).toEqual([
        Host,
        200,
      ]);
    }
  });

  it("needs a token where others can reach it", async () => {
    const locations = [archive];
    await expect(serve({ locations, host: "0.0.0.0" })).rejects.toThrow(/--token/);
    await expect(serve({ locations, token: "short" })).rejects.toThrow(/8 to 512/);
    const token = "correct-horse";
    const { url } = await serve({ locations, host: "0.0.0.0", token });
    const here = url.replace("0.0.0.0", "127.0.0.1");
    const status = async (path: string, headers = {}) =>
      (await ask(here, path, { headers: { Host: "simulations.example", ...headers } })).status;
    expect(await status("/")).toBe(401);
    expect(await status("/zarr/run.zarr/zarr.json?token=wrong")).toBe(401);
    expect(await status("/raw/run.zarr/zarr.json", { Authorization: "Bearer wrong" })).toBe(401);
    expect(await status("/", { Authorization: `Bearer ${token}x` })).toBe(401);
    expect(await status(`/?token=${token}`)).toBe(200);
    expect(await status("/zarr/run.zarr/rho/c/0/0/0", { Authorization: `Bearer ${token}` })).toBe(
      200,
    );
    expect(await status("/", { Authorization: `bearer ${token}` })).toBe(200);
  });
});

describe("answers", () => {
  const chunk = "/zarr/run.zarr/rho/c/0/0/0";

  it("ranges", async () => {
    const { body: whole } = await ask(server.url, chunk);
    expect(whole.length).toBe(4 * 4 * 5);
    const cases: [string, number, number, number][] = [
      ["bytes=0-3", 206, 0, 4],
      ["bytes=76-", 206, 76, 80],
      ["bytes=-7", 206, 73, 80],
      ["bytes=70-9999999999999999", 206, 70, 80],
      ["bytes=-9999", 206, 0, 80],
      ["bytes=0-1,4-5", 200, 0, 80],
      ["bytes=5-2", 200, 0, 80],
      ["bytes=99999999999999999999-", 200, 0, 80],
      ["bytes=-", 200, 0, 80],
      ["lines=1-2", 200, 0, 80],
      ["bytes=80-", 416, 0, 0],
      ["bytes=-0", 416, 0, 0],
    ];
    for (const [Range, expected, from, to] of cases) {
      const { status, body, headers } = await ask(server.url, chunk, { headers: { Range } });
      expect([Range, status, body.toString("hex")]).toEqual([
        ...[Range, expected],
        whole.subarray(from, to).toString("hex"),
      ]);
      const place = { 200: undefined, 206: `bytes ${from}-${to - 1}/80`, 416: "bytes */80" };
      expect(headers["content-range"]).toBe(place[expected as 200 | 206 | 416]);
    }
    const raw = readFileSync(join(archive, "rho/c/0/0/0"));
    const last = await ask(server.url, "/raw/run.zarr/rho/c/0/0/0", {
      headers: { Range: "bytes=-20" },
    });
    expect(last.body.equals(raw.subarray(-20))).toBe(true);
  });

  it("ETags", async () => {
    for (const path of [
      chunk,
      "/zarr/run.zarr/zarr.json",
      "/zarr/run.zarr/name/c/0",
      "/raw/run.zarr/zarr.json",
    ]) {
      const { headers, body } = await ask(server.url, path);
      const etag = headers.etag ?? "";
      expect(etag).toMatch(/^"[\w-]{27}"$/);
      const again = await ask(server.url, path, { headers: { "If-None-Match": `"x", ${etag}` } });
      expect([again.status, again.body.length]).toEqual([304, 0]);
      const other = await ask(server.url, path, { headers: { "If-None-Match": '"x"' } });
      expect(other.body.equals(body)).toBe(true);
      const range = { Range: "bytes=0-1", "If-Range": etag };
      expect((await ask(server.url, path, { headers: range })).status).toBe(206);
      expect(
        (await ask(server.url, path, { headers: { ...range, "If-Range": '"x"' } })).status,
      ).toBe(200);
      const head = await ask(server.url, path, { method: "HEAD" });
      expect([head.status, head.body.length, head.headers["content-length"]]).toEqual([
        ...[200, 0],
        `${body.length}`,
      ]);
    }
    const two = (await ask(server.url, "/zarr/run.zarr/rho/c/0/0/1")).headers.etag;
    expect(two).not.toBe((await ask(server.url, chunk)).headers.etag);
  });

  it("HEAD decodes nothing", async () => {
    const { url, site } = await serve({ locations: [big] });
    await ask(url, "/zarr/big.npy/big/c/0/0/0", { method: "HEAD" });
    expect(site.cache.bytes).toBe(0);
    await ask(url, "/zarr/big.npy/big/c/0/0/0");
    expect(site.cache.bytes).toBe(2 ** 22);
  });

  it("CORS for whom it is meant", async () => {
    const Origin = "https://page.example";
    const none = await ask(server.url, chunk, { headers: { Origin } });
    expect(none.headers["access-control-allow-origin"]).toBeUndefined();
    const { url } = await serve({ locations: [archive], cors: [Origin] });
    const found = await ask(url, chunk, { headers: { Origin } });
    expect(found.headers["access-control-allow-origin"]).toBe(Origin);
    expect(found.headers["access-control-expose-headers"]).toContain("ETag");
    const other = await ask(url, chunk, { headers: { Origin: "https://evil.example" } });
    expect(other.headers["access-control-allow-origin"]).toBeUndefined();
    const asking = {
      Origin,
      "Access-Control-Request-Method": "GET",
      "Access-Control-Request-Headers": "range",
    };
    const before = await ask(url, chunk, { method: "OPTIONS", headers: asking });
    expect(before.status).toBe(204);
    expect(before.headers["access-control-allow-headers"]).toContain("Range");
    const all = await serve({ locations: [archive], cors: ["*"] });
    const any = await ask(all.url, chunk, { headers: { Origin } });
    expect(any.headers["access-control-allow-origin"]).toBe("*");
  });

  it("damage is an error and no chunk of fill values, and says nothing of this machine", async () => {
    const copy = await writeArchive(join(folder, "damaged.zarr"));
    const object = join(copy, "rho/c/0/0/0");
    const bytes = readFileSync(object);
    bytes[40] ^= 16;
    writeFileSync(object, bytes);
    const { url } = await serve({ locations: [copy] });
    const { status, body } = await ask(url, "/zarr/damaged.zarr/rho/c/0/0/0");
    expect(status).toBe(500);
    expect(JSON.parse(body.toString()).error).toMatchObject({ tag: "checksum" });
    expect(body.toString()).toContain("damaged.zarr, variable rho, chunk [0,0,0]");
    expect(body.toString()).not.toContain(folder);
    expect((await ask(url, "/zarr/damaged.zarr/rho/c/2/1/1")).status).toBe(200);
  });

  it("an archive that is replaced is opened anew", async () => {
    const path = await writeArchive(join(folder, "replaced.zarr"));
    const { url } = await serve({ locations: [path] });
    const before = await ask(url, "/zarr/replaced.zarr/x/c/0");
    const changed = arrays.map((array) =>
      array.path === "x" ? { ...array, data: new Float64Array(11).fill(7) } : array,
    );
    await writeArchive(path, changed, true);
    await new Promise((resolve) => setTimeout(resolve, 1100));
    const after = await ask(url, "/zarr/replaced.zarr/x/c/0");
    expect(after.body.readDoubleLE(8)).toBe(7);
    expect(before.body.readDoubleLE(8)).toBe(0.5);
    expect(after.headers.etag).not.toBe(before.headers.etag);
  });

  it("refuses what cannot be opened, and an address that is taken", async () => {
    await expect(serve({ locations: [join(folder, "nothing.zarr")] })).rejects.toThrow(
      /nothing.zarr/,
    );
    const port = Number(new URL(server.url).port);
    await expect(serve({ locations: [archive], port })).rejects.toThrow(/in use.*--port/);
  });
});

describe("load", () => {
  it("10,000 requests in a burst", async () => {
    const { url, site } = await serve({
      locations: [archive, big],
      limits: { decodedBytes: 6 * 2 ** 22 },
    });
    const large = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((z) => `/zarr/big.npy/big/c/${z}/0/0`);
    const small = ["rho/c/0/0/0", "rho/c/2/1/2", "name/c/2", "zarr.json", "vx1/c/1/0"];
    const paths = [...small.map((key) => `/zarr/run.zarr/${key}`), "/raw/run.zarr/zarr.json"];
    const asked = (k: number) =>
      k % 20 === 0 ? large[(k / 20) % large.length] : paths[k % paths.length];
    // Only the first 16 bytes of a large chunk: the burst is about requests.
    const headers = { Range: "bytes=0-15" };
    const expected = new Map<string, string>();
    for (const path of [...large, ...paths])
      expected.set(path, (await ask(url, path, { headers })).body.toString("hex"));
    const agent = new Agent({ keepAlive: true, maxSockets: 500 });
    let most = 0;
    const answers = await Promise.all(
      Array.from({ length: 10_000 }, async (_, k) => {
        const path = asked(k);
        const { status, body } = await ask(url, path, { agent, headers });
        most = Math.max(most, site.cache.bytes);
        return status === 206 && body.toString("hex") === expected.get(path);
      }),
    );
    agent.destroy();
    expect(answers.filter((same) => same).length).toBe(10_000);
    expect(most).toBeLessThanOrEqual(6 * 2 ** 22);
    expect((await ask(url, "/")).status).toBe(200);
  }, 300_000);

  it("tells those who find no room to come back, and goes on", async () => {
    const limits = { decodedBytes: 2 ** 22, waiting: 3, decodes: 1 };
    const { url, site } = await serve({ locations: [big], limits });
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, k) => ask(url, `/zarr/big.npy/big/c/${k % 10}/0/0`)),
    );
    const busy = answers.filter(({ status }) => status === 503);
    expect(busy.length).toBeGreaterThan(0);
    expect(busy[0].headers["retry-after"]).toBe("1");
    expect(answers.filter(({ status }) => status === 200).length).toBe(60 - busy.length);
    expect(site.cache.bytes).toBeLessThanOrEqual(2 ** 22);
    expect((await ask(url, "/zarr/big.npy/big/c/0/0/0")).status).toBe(200);
  });

  it("refuses a chunk that no memory is there for, before it is decoded", async () => {
    const { url } = await serve({ locations: [big], limits: { decodedBytes: 1000 } });
    const { status, body } = await ask(url, "/zarr/big.npy/big/c/0/0/0");
    expect(status).toBe(503);
    expect(body.toString()).toContain("--memory");
  });

  it("a large object is sent in pieces", async () => {
    const { body } = await ask(server.url, "/raw/big.npy");
    expect(body.length).toBe(128 + 10 * 2 ** 22);
    const digest = createHash("sha256").update(readFileSync(big)).digest("hex");
    expect(createHash("sha256").update(body).digest("hex")).toBe(digest);
  });

  it("cuts off who does not read, and gives the memory back", async () => {
    const limits = { answerMs: 300, answerBytesPerMs: 1e9, decodedBytes: 3 * 2 ** 22 };
    const { url, site } = await serve({ locations: [big], limits });
    const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
    // Each asks for everything, many times over, and reads nothing.
    const sleepers = Array.from({ length: 12 }, (_, k) => {
      const socket = open(url);
      for (let z = 0; z < 30; z++) socket.write(get(`/zarr/big.npy/big/c/${(z + k) % 10}/0/0`));
      return closed(socket, 10_000);
    });
    const raw = open(url);
    raw.write(get("/raw/big.npy"));
    await Promise.all([...sleepers, closed(raw, 10_000)]);
    for (let z = 0; z < 10; z++) {
      expect((await ask(url, `/zarr/big.npy/big/c/${z}/0/0`)).status).toBe(200);
    }
    expect(site.cache.bytes).toBeLessThanOrEqual(3 * 2 ** 22);
  }, 30_000);

  it("cuts off who never says what it wants, or trickles", async () => {
    const { url } = await serve({
      locations: [archive],
      limits: { requestMs: 400, silentMs: 400 },
    });
    const silent = open(url);
    const slow = open(url);
    slow.write("GET / HTTP/1.1\r\nHost: localhost\r\n");
    const trickle = setInterval(() => slow.write("X-A: b\r\n"), 50);
    await Promise.all([closed(silent, 5000), closed(slow, 5000)]);
    clearInterval(trickle);
  });

  it("takes so many connections and no more", async () => {
    const { url } = await serve({ locations: [archive], limits: { connections: 5 } });
    const sockets = Array.from({ length: 20 }, () => open(url));
    const cutOff = () => sockets.filter((socket) => socket.destroyed).length;
    await vi.waitFor(() => expect(cutOff()).toBeGreaterThanOrEqual(15), 10_000);
    for (const socket of sockets) socket.destroy();
    await vi.waitFor(async () => expect((await ask(url, "/")).status).toBe(200), 10_000);
  });

  it("closes while clients hang on", async () => {
    mkdirSync(join(folder, "closing"), { recursive: true });
    const closing = await serve({ locations: [big] });
    const socket = open(closing.url);
    socket.write("GET /raw/big.npy HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await new Promise((resolve) => socket.once("readable", resolve));
    const before = performance.now();
    await closing.close();
    expect(performance.now() - before).toBeLessThan(1000);
    await expect(ask(closing.url, "/")).rejects.toThrow();
  });
});

function open(url: string): Socket {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on("error", () => {});
  return socket;
}

/** Waits until the other side closes a connection of which nothing is read. */
async function closed(socket: Socket, withinMs: number): Promise<void> {
  // Without reading, the end is noticed when it is written to.
  const poke = setInterval(() => socket.write("\r\n"), 50);
  const ended = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  const late = new Promise<void>((_, reject) => {
    setTimeout(() => reject(new Error(`still open after ${withinMs} ms`)), withinMs).unref();
  });
  try {
    await Promise.race([ended, late]);
  } finally {
    clearInterval(poke);
    socket.destroy();
  }
}

/** Sends text and resolves to all that comes back. */
function talk(url: string, text: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = "";
    const socket = open(url);
    socket.setEncoding("latin1").on("data", (part) => {
      answer += part;
    });
    socket.on("close", () => resolve(answer));
    socket.write(text);
  });
}
