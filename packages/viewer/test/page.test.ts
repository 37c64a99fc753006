import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RunningServer, startServer } from "@fieldzip/server";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { writeRun } from "./support/archives.js";
import {
  executablePath,
  launch,
  openPage,
  pictureDifference,
  settled,
} from "./support/chromium.js";

// The page as it is used: two archives of a small run behind the server, in Chromium. Skipped where there is
// none; `npm test` installs one where it may. Drawn in software, so that pictures can be compared.

const folder = mkdtempSync(join(tmpdir(), "fieldzip-viewer-"));
/** Mean difference of colours that fonts and rounding may make. */
const tolerance = 3;

describe.skipIf(!executablePath)("the page", () => {
  let server: RunningServer;
  let browser: Browser;
  let page: Page;
  const complaints: string[] = [];

  const open = async (query: string, fragment = "", options = {}) => {
    page = await openPage(browser, `${server.page}?${query}#${fragment}`, complaints, options);
    return page;
  };
  const caption = () => page.locator(".caption").textContent();

  beforeAll(async () => {
    await writeRun(join(folder, "run.zarr"));
    await writeRun(join(folder, "other.zarr"), 0.2);
    const locations = [join(folder, "run.zarr"), join(folder, "other.zarr")];
    server = await startServer({ locations });
    expect(server.page, "the page is built by `npm run build`").toBeDefined();
    browser = await launch();
  });
  afterEach(async () => {
    await page?.close();
    expect(complaints.splice(0)).toEqual([]);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("says how to begin where nothing is open", async () => {
    await open("");
    await expect(
      page.getByRole("heading", { name: "Nothing is open yet" }).isVisible(),
    ).resolves.toBe(true);
  });

  it("says what is wrong with an address, and what to do", async () => {
    await open("a=/raw/nothing.zarr");
    const alert = page.getByRole("alert");
    await alert.waitFor();
    expect(await alert.textContent()).toMatch(/nothing\.zarr.*this is no Zarr hierarchy/i);
    // The browser itself remarks upon the answers.
    expect(complaints.splice(0).every((text) => /404/.test(text))).toBe(true);
  });

  it.each(["", "&webgl"])(
    "draws the slices of two archives and their difference%s",
    async (backend) => {
      await open(`a=/raw/run.zarr&b=/raw/other.zarr${backend}`, "variable=rho");
      await settled(page);
      expect(await page.evaluate(() => document.documentElement.dataset.backend)).toBe(
        backend ? "WebGL2" : "WebGPU",
      );
      expect(await caption()).toMatch(/^rho \(density\) at z = .*: a .* kg m-3, b .*, \|b − a\| /);
      expect(await pictureDifference(page, "slices")).toBeLessThan(tolerance);
    },
  );
});
