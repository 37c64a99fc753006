import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cameraOf, castVolume, valueScale } from "@fieldzip/core/render";
import { openDataset } from "@fieldzip/io";
import { type RunningServer, startServer } from "@fieldzip/server";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { defaultState } from "../src/state/view-state.js";
import { writeRun } from "./support/archives.js";
import {
  executablePath,
  launch,
  openPage,
  pictureDifference,
  settled,
} from "./support/chromium.js";
import { meanDifference, pixelsIn } from "./support/pixels.js";

// The page as it is used: two archives of a small run behind the server, in Chromium. Skipped where there is
// none; `npm test` installs one where it may. Drawn in software, so that pictures can be compared.

const folder = mkdtempSync(join(tmpdir(), "fieldzip-viewer-"));
/** The page's light paper, opaque. */
const paper = [252, 252, 250, 255];
/** A page whose pictures are drawn in full in little time. */
const small = { width: 420, height: 560 };
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

  it.each(["", "&webgl"])(
    "draws a volume as the ray caster of the core does%s",
    async (backend) => {
      await open(
        `a=/raw/run.zarr&ratio=1${backend}`,
        "variable=rho&mode=volume&theme=light",
        small,
      );
      await settled(page);
      await hideLines();
      const box = (await page.locator(".pane").first().boundingBox())!;
      const { width, height, data } = await pixelsIn(page, box);
      const expected = await castRho(width, height);
      expect(meanDifference(data, expected)).toBeLessThan(1.5);
      // Something is there to be seen.
      const empty = expected.map((_, k) => paper[k % 4]);
      expect(meanDifference(expected, empty)).toBeGreaterThan(8);
    },
  );

  it("draws a volume out of bricks without a seam", async () => {
    const views = [];
    for (const brick of ["", "&brick=9"]) {
      await open(`a=/raw/run.zarr&ratio=1${brick}`, "variable=rho&mode=volume&theme=light", small);
      await settled(page);
      await hideLines();
      const box = (await page.locator(".pane").first().boundingBox())!;
      views.push(await pixelsIn(page, box));
      await page.close();
    }
    expect(meanDifference(views[0].data, views[1].data)).toBeLessThan(0.3);
  });

  it.each(["planes", "volume", "surface"])("draws two archives as %s", async (mode) => {
    await open("a=/raw/run.zarr&b=/raw/other.zarr&ratio=0.5", `mode=${mode}&surface=0.7`);
    await settled(page);
    expect(await pictureDifference(page, mode)).toBeLessThan(tolerance);
  });

  /** Leaves what the GPU drew. */
  async function hideLines(): Promise<void> {
    await page.evaluate(() => {
      const canvases = [...document.querySelectorAll<HTMLElement>(".stage > canvas")];
      for (const k of [0, 2]) canvases[k].style.visibility = "hidden";
    });
  }

  /** The picture of rho at the first step over the page's paper, by the ray caster in plain TypeScript. */
  async function castRho(width: number, height: number): Promise<number[]> {
    const archive = await openDataset(join(folder, "run.zarr"));
    const { data, shape } = await archive.variable("rho").read({ time: 0 });
    await archive.close();
    const values = data as Float32Array;
    const edges = [1, 1, 1] as const;
    const camera = cameraOf(defaultState.camera, edges, width / height);
    const scale = valueScale("linear", [Math.min(...values), Math.max(...values)]);
    const { opacity } = defaultState;
    const transfer = { map: "viridis", reversed: false, opacity } as const;
    const volume = { values, shape: shape as [number, number, number], edges };
    const picture = castVolume(volume, camera, width, height, { scale, transfer, shaded: true });
    return Array.from(picture, (part, k) => {
      const alpha = picture[k - (k % 4) + 3];
      return 255 * part + paper[k % 4] * (1 - alpha);
    });
  }
});
