import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { createThreadPool } from "../src/threads.js";
import { isolate } from "../src/transfer.js";

// A worker that speaks the protocol of src/worker.ts with tasks of its own.
const folder = mkdtempSync(join(tmpdir(), "fieldzip-threads-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const path = join(folder, "worker.mjs");
writeFileSync(
  path,
  `import { parentPort, threadId } from "node:worker_threads";
   parentPort.on("message", async ({ task, input }) => {
     if (task === "double") parentPort.postMessage({ output: input.values.map((v) => v * 2) });
     if (task === "thread") setTimeout(() => parentPort.postMessage({ output: threadId }), 50);
     if (task === "spin") for (;;) {}
     if (task === "throw") throw new Error("boom");
     if (task === "exit") process.exit(7);
     if (task === "memory") { const all = []; for (;;) all.push(new Array(1e6).fill(all.length)); }
     if (task === "typed") parentPort.postMessage({ tag: "checksum", details: { where: "chunk", remedy: "restore it" } });
   });`,
);
const url = pathToFileURL(path);

describe("thread pool", () => {
  it("runs many tasks on few workers and keeps the caller's input", async () => {
    const pool = createThreadPool(2, url);
    expect(pool.size).toBe(2);
    const buffer = new Float64Array([9, 1, 2, 3, 9]);
    const results = await Promise.all(
      Array.from({ length: 20 }, () =>
        pool.run<object, Float64Array>("double", { values: buffer.subarray(1, 4) }),
      ),
    );
    for (const result of results) expect(result).toEqual(new Float64Array([2, 4, 6]));
    expect(buffer).toEqual(new Float64Array([9, 1, 2, 3, 9]));
    const threads = await Promise.all(Array.from({ length: 8 }, () => pool.run("thread", {})));
    expect(new Set(threads).size).toBe(2);
    await pool.close();
  });

  it("ends a running task promptly on abort, and goes on with others", async () => {
    const pool = createThreadPool(1, url);
    const controller = new AbortController();
    const spinning = pool.run("spin", {}, { signal: controller.signal });
    const queued = pool.run("spin", {}, { signal: controller.signal });
    const other = pool.run<object, number>("thread", {});
    setTimeout(() => controller.abort(), 100);
    const started = performance.now();
    await expect(spinning).rejects.toMatchObject({ tag: "aborted" });
    await expect(queued).rejects.toMatchObject({ tag: "aborted" });
    expect(performance.now() - started).toBeLessThan(1000);
    expect(await other).toBeTypeOf("number");
    await expect(pool.run("thread", {}, { signal: controller.signal })).rejects.toMatchObject({
      tag: "aborted",
    });
    await pool.close();
  });

  it("hangs one listener on a signal, however long the queue", async () => {
    const pool = createThreadPool(2, url);
    const { signal } = new AbortController();
    let listeners = 0;
    const { addEventListener, removeEventListener } = signal;
    signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
      listeners++;
      addEventListener.apply(signal, args);
    };
    signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
      listeners--;
      removeEventListener.apply(signal, args);
    };
    const all = Array.from({ length: 30 }, () => pool.run("double", { values: [1] }, { signal }));
    expect(listeners).toBe(1);
    await Promise.all(all);
    expect(listeners).toBe(0);
    await pool.close();
  });

  it("turns a crash into a typed error and goes on with a new worker", async () => {
    const pool = createThreadPool(1, url);
    await expect(pool.run("throw", {})).rejects.toMatchObject({
      tag: "io",
      details: { where: "worker thread", found: "boom" },
    });
    await expect(pool.run("exit", {})).rejects.toMatchObject({
      tag: "io",
      details: { found: expect.stringContaining("code 7") },
    });
    await expect(pool.run("typed", {})).rejects.toMatchObject({ tag: "checksum" });
    expect(await pool.run("thread", {})).toBeTypeOf("number");
    await pool.close();
  });

  it("starts again what waited at a worker that crashed, unless its input is gone", async () => {
    const pool = createThreadPool(1, url);
    const give = { give: true };
    const [crashed, waiting, queued] = await Promise.allSettled([
      pool.run("throw", {}),
      pool.run("double", { values: [4] }),
      pool.run("double", { values: [5] }),
    ]);
    expect(crashed).toMatchObject({ status: "rejected", reason: { details: { found: "boom" } } });
    expect([waiting, queued]).toEqual([
      { status: "fulfilled", value: [8] },
      { status: "fulfilled", value: [10] },
    ]);
    const [, lost] = await Promise.allSettled([
      pool.run("throw", {}),
      pool.run("double", { values: new Float64Array(2) }, give),
    ]);
    expect(lost).toMatchObject({ status: "rejected", reason: { tag: "io" } });
    expect(await pool.run("double", { values: [1] })).toEqual([2]);
    await pool.close();
  });

  it("close ends what runs and refuses what comes", async () => {
    const pool = createThreadPool(1, url);
    const running = pool.run("spin", {});
    const queued = pool.run("double", {});
    const both = Promise.allSettled([running, queued]);
    await pool.close();
    expect((await both).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    await expect(pool.run("thread", {})).rejects.toMatchObject({ tag: "aborted" });
    await pool.close();
  });

  it("rejects input that cannot be sent", async () => {
    const pool = createThreadPool(1, url);
    await expect(pool.run("double", { values: () => {} })).rejects.toThrow(/could not be cloned/);
    expect(await pool.run("thread", {})).toBeTypeOf("number");
    await pool.close();
  });

  it("refuses a number of threads that makes no sense", () => {
    for (const threads of [-1, 1.5, Number.NaN, 1e9]) {
      expect(() => createThreadPool(threads)).toThrow(/whole number/);
    }
  });
});

describe("isolate", () => {
  it("copies parts of buffers, and gives whole ones away only when asked", () => {
    const whole = new Uint8Array([1, 2, 3]);
    const part = Buffer.from([1, 2, 3]).subarray(1);
    const copied = isolate({ whole, list: [part, "text", 3n, null] }, "copy");
    expect(copied.value).toEqual({ whole, list: [new Uint8Array([2, 3]), "text", 3n, null] });
    expect(copied.transfer.map((buffer) => buffer.byteLength)).toEqual([3, 2]);
    expect(copied.transfer).not.toContain(whole.buffer);
    expect(isolate({ a: whole, b: whole }, "give").transfer).toEqual([whole.buffer]);
    expect(isolate(part, "give").transfer[0]).not.toBe(part.buffer);
  });
});
