import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { type Browser, chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { roundTrip } from "./browser/round-trip.js";

// The core in a browser: no node:, the same bytes as on Node. Skipped where there is no Chromium;
// `npm test` installs one where it may.

const candidates = [
  process.env.FIELDZIP_CHROMIUM,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
];
const executablePath = candidates.find((path) => path && existsSync(path));
const entry = fileURLToPath(new URL("./browser/round-trip.ts", import.meta.url));
const source = fileURLToPath(new URL("../src/index.ts", import.meta.url));
const bundling = {
  bundle: true,
  write: false,
  metafile: true,
  platform: "browser",
  format: "iife",
  target: "es2022",
  conditions: ["source"],
} as const;

describe("bundled for the browser", () => {
  it("needs nothing of Node", async () => {
    // esbuild refuses node: modules for the browser; the text is searched for what it cannot know.
    const { outputFiles, warnings } = await build({ ...bundling, entryPoints: [source] });
    expect(warnings).toEqual([]);
    const { text } = outputFiles[0];
    expect(text).not.toMatch(/\bnode:|\brequire\(|\bprocess\.|\bBuffer\b|\b__dirname\b/);
  });
});

describe.skipIf(!executablePath)("in Chromium", () => {
  let browser: Browser;
  let script: string;

  beforeAll(async () => {
    const bundle = await build({ ...bundling, entryPoints: [entry], globalName: "fieldzipTest" });
    script = bundle.outputFiles[0].text;
    browser = await chromium.launch({
      executablePath,
      args: ["--no-sandbox", "--headless", "--disable-gpu", "--disable-background-networking"],
    });
  });
  afterAll(() => browser?.close());

  it("writes the bytes that Node writes and reads every bit back", async () => {
    const page = await browser.newPage();
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(String(error)));
    await page.addScriptTag({ content: script });
    const inBrowser = await page.evaluate("fieldzipTest.roundTrip()");
    expect(errors).toEqual([]);
    const here = await roundTrip();
    expect(here.exact).toBe(true);
    expect(Object.keys(here.streams).length).toBeGreaterThan(1);
    expect(inBrowser).toEqual(here);
  });
});

if (!executablePath) console.warn("browser.test.ts: no Chromium, skipped");
