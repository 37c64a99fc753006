import type { ChildProcess } from "node:child_process";
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { build, fieldzip, finished, fixtures, start, temporaryFolder } from "./helpers.js";

// `fieldzip view` as it is used: the command is started, its page is opened in Chromium, and Ctrl-C ends it.

const executablePath = [
  process.env.FIELDZIP_CHROMIUM,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
].find((path) => path && existsSync(path));
const folder = temporaryFolder();
const original = join(fixtures, "pluto/turbulence");
const archive = join(folder, "turbulence.zarr");
let child: ChildProcess | undefined;

beforeAll(async () => {
  build();
  const { code, stderr } = await fieldzip("compress", original, archive, "--quiet");
  expect([code, stderr]).toEqual([0, ""]);
});
afterEach(() => {
  child?.kill("SIGKILL");
});

/** Starts the command and resolves to what it printed once it listens. */
function viewing(args: readonly string[], env?: NodeJS.ProcessEnv): Promise<string> {
  const running = start(["view", ...args], env ? { env } : {});
  child = running;
  return new Promise((resolve, reject) => {
    let text = "";
    running.stdout?.setEncoding("utf8").on("data", (part) => {
      text += part;
      if (/Ctrl-C ends\.\n$|\n}\n$/.test(text)) resolve(text);
    });
    running.on("close", (code) => reject(new Error(`it ended with ${code}: ${text}`)));
  });
}

describe("fieldzip view", () => {
  it("prints the page's address, and ends with Ctrl-C", async () => {
    const text = await viewing([archive, "--no-open"]);
    const url = /^(http:\/\/127\.0\.0\.1:\d+\/view\/\?a=\/raw\/turbulence\.zarr)\n/.exec(text)![1];
    const response = await fetch(url);
    expect([response.status, await response.text()]).toEqual([
      200,
      expect.stringContaining("<title>fieldzip</title>"),
    ]);
    const end = finished(child!);
    child!.kill("SIGINT");
    expect(await end).toMatchObject({ code: 0, stderr: "" });
    await expect(fetch(url)).rejects.toThrow();
  });

  it.runIf(process.platform === "linux")("opens the browser, or not with --no-open", async () => {
    const [opener, opened] = [join(folder, "xdg-open"), join(folder, "opened")];
    writeFileSync(opener, `#!/bin/sh\nprintf %s "$1" > ${opened}\n`);
    chmodSync(opener, 0o755);
    const env = { ...process.env, PATH: `${folder}${delimiter}${process.env.PATH}` };
    const { url } = JSON.parse(await viewing([archive, "--json"], env));
    await expect.poll(() => existsSync(opened) && readFileSync(opened, "utf8")).toBe(url);
    child!.kill("SIGKILL");
    writeFileSync(opened, "");
    await viewing([archive, "--no-open"], env);
    expect(readFileSync(opened, "utf8")).toBe("");
  });

  it("says what is wrong before anything is opened", async () => {
    const three = await fieldzip("view", archive, archive, archive);
    expect([three.code, three.stderr]).toEqual([2, expect.stringContaining("compare two")]);
    const missing = await fieldzip("view", join(folder, "nothing.zarr"), "--no-open");
    expect([missing.code, missing.stderr]).toEqual([1, expect.stringContaining("nothing.zarr")]);
  });

  it("writes a site for any web server, archives only", async () => {
    const site = join(folder, "site");
    const { address } = JSON.parse(
      (await fieldzip("view", archive, "--static", site, "--json")).stdout,
    );
    expect(address).toBe("/?a=turbulence.zarr");
    // Every file that the page names lies there, named relative to it.
    const html = readFileSync(join(site, "index.html"), "utf8");
    const named = [...html.matchAll(/(?:src|href)="(?!data:)([^"]+)"/g)].map(([, path]) => path);
    expect(named.length).toBeGreaterThan(1);
    for (const path of named) {
      expect(path).toMatch(/^\.\//);
      expect(existsSync(join(site, path))).toBe(true);
    }
    expect(readFileSync(join(site, "turbulence.zarr/zarr.json"))).toEqual(
      readFileSync(join(archive, "zarr.json")),
    );
    const again = await fieldzip("view", archive, "--static", site);
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining("empty folder")]);
    const raw = await fieldzip("view", original, "--static", join(folder, "other"));
    expect(raw.code).toBe(1);
    expect(existsSync(join(folder, "other"))).toBe(false);
  });
});

describe.skipIf(!executablePath)("the page of fieldzip view", () => {
  let browser: Browser;
  let page: Page;
  const complaints: string[] = [];

  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath,
      args: ["--no-sandbox", "--disable-background-networking", "--use-angle=swiftshader"],
    });
  });
  afterEach(async () => {
    await page?.close();
    expect(complaints.splice(0)).toEqual([]);
  });
  afterAll(() => browser?.close());

  async function open(...args: string[]): Promise<void> {
    const { url } = JSON.parse(await viewing([...args, "--no-open", "--json"]));
    page = await browser.newPage({ viewport: { width: 900, height: 640 } });
    page.on("pageerror", (error) => complaints.push(`${error.stack}`));
    page.on("console", (message) => {
      if (message.type() === "error") complaints.push(message.text());
    });
    await page.goto(url);
    await page.waitForFunction(
      () => {
        const { loaded, drawn } = document.documentElement.dataset;
        return loaded === "true" && drawn === "still";
      },
      undefined,
      { timeout: 50_000 },
    );
  }

  it("shows an archive", async () => {
    await open(archive);
    expect(await page.locator(".pane").count()).toBe(1);
    expect(await page.locator(".caption").textContent()).toMatch(/^rho at /);
    expect(await page.title()).toContain("turbulence.zarr");
  });

  it("shows an archive beside its original, whatever format that has, and their difference", async () => {
    await open(archive, original);
    expect(await page.locator(".pane").count()).toBe(3);
    await expect
      .poll(() => page.locator(".pane").nth(2).getAttribute("aria-label"))
      .toContain("every value equal");
  });
});
