import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compress, openDataset } from "../src/index.js";
import { fixtures, temporaryFolder } from "./helpers.js";

// The library in a browser: an archive behind a URL is opened and read, a box at a time, and one is
// written into memory, by the code that a bundler makes of "fieldzip/browser". Skipped where there is
// no Chromium; `npm test` installs one where it may.

const candidates = [
  process.env.FIELDZIP_CHROMIUM,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
];
const executablePath = candidates.find((path) => path && existsSync(path));
const entry = fileURLToPath(new URL("./browser/archive.ts", import.meta.url));
const folder = temporaryFolder();
const original = join(fixtures, "pluto/turbulence");

describe.skipIf(!executablePath)("the library in Chromium", () => {
  let server: Server;
  let browser: Browser;
  let page: Page;
  let base: string;
  const requests: string[] = [];

  beforeAll(async () => {
    const dataset = await openDataset(original);
    for (const name of ["run.zarr", "run.zarr.zip"]) {
      await compress(dataset, join(folder, name), { chunkValues: 4000, threads: 0 });
    }
    await dataset.close();
    server = createServer(async (request, response) => {
      const path = new URL(request.url!, "http://host").pathname;
      requests.push(path);
      if (path === "/")
        return response.setHeader("content-type", "text/html").end("<!doctype html>");
      const bytes = await readFile(join(folder, path)).catch(() => undefined);
      if (!bytes) return response.writeHead(404).end();
      const range = /^bytes=(\d*)-(\d*)$/.exec(request.headers.range ?? "");
      if (!range) return response.writeHead(200, { "content-length": bytes.length }).end(bytes);
      const start =
        range[1] === "" ? Math.max(0, bytes.length - Number(range[2])) : Number(range[1]);
      const end =
        range[1] === "" || range[2] === ""
          ? bytes.length
          : Math.min(bytes.length, Number(range[2]) + 1);
      response
        .writeHead(206, {
          "content-range": `bytes ${start}-${end - 1}/${bytes.length}`,
          "content-length": end - start,
        })
        .end(bytes.subarray(start, end));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const bundle = await build({
      entryPoints: [entry],
      bundle: true,
      write: false,
      platform: "browser",
      format: "iife",
      target: "es2022",
      conditions: ["source"],
      globalName: "fieldzipTest",
    });
    expect(bundle.warnings).toEqual([]);
    browser = await chromium.launch({
      executablePath,
      args: ["--no-sandbox", "--headless", "--disable-gpu", "--disable-background-networking"],
    });
    page = await browser.newPage();
    await page.goto(base);
    await page.addScriptTag({ content: bundle.outputFiles[0].text });
  });
  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  it.each(["run.zarr", "run.zarr.zip"])(
    "reads a box of %s over HTTP, and only its chunks",
    async (name) => {
      const dataset = await openDataset(original);
      const { data, shape } = await dataset.variable("rho").read({ step: 1, z: [3, 9] });
      const values = data as Float32Array;
      requests.length = 0;
      const read = (await page.evaluate(`fieldzipTest.readOver("/${name}")`)) as {
        names: string[];
        shape: number[];
        bits: number[];
      };
      expect(read.names).toEqual(dataset.variables.map((variable) => variable.name));
      expect(read.shape).toEqual(shape);
      expect(read.bits).toEqual([
        ...new Uint32Array(values.buffer, values.byteOffset, values.length),
      ]);
      expect(requests.filter((path) => path.includes("/vx1/"))).toEqual([]);
      await dataset.close();
    },
  );

  it("compresses into memory and reads every bit back", async () => {
    const result = (await page.evaluate("fieldzipTest.compressInMemory()")) as {
      same: boolean;
      ratio: number;
      levels: number[];
    };
    expect(result.same).toBe(true);
    expect(result.ratio).toBeGreaterThan(1);
    expect(result.levels).toEqual([20, 21]);
  });
});
