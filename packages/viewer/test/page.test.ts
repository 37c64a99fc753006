import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cameraOf, castVolume, valueScale } from "@fieldzip/core/render";
import { openDataset } from "@fieldzip/io";
import { type RunningServer, startServer } from "@fieldzip/server";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { defaultState } from "../src/state/view-state.js";
import { writeNetworks, writeRun } from "./support/archives.js";
import {
  drop,
  executablePath,
  launch,
  openPage,
  pictureDifference,
  settled,
} from "./support/chromium.js";
import { meanDifference, pixelsIn } from "./support/pixels.js";

// The page as it is used: two archives of a small run behind the server, in Chromium. Skipped where there is
// none; `npm test` installs one where it may. Drawn in software, so that pictures can be compared.

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const folder = mkdtempSync(join(tmpdir(), "fieldzip-viewer-"));
/** The page's light paper, opaque. */
const paper = [252, 252, 250, 255];
const curve = "0:0,0.35:0.02,0.7:0.18,1:0.8";
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
    await writeRun(join(folder, "run.zarr.zip"));
    await writeRun(join(folder, "other.zarr"), 0.2);
    await writeNetworks(join(folder, "networks.zarr"), [8, 560, 600]);
    const names = ["run.zarr", "other.zarr", "networks.zarr"];
    const locations = names.map((name) => join(folder, name));
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
        `variable=rho&mode=volume&theme=light&opacity=${curve}`,
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
      await open(
        `a=/raw/run.zarr&ratio=1${brick}`,
        `variable=rho&mode=volume&theme=light&opacity=${curve}`,
        small,
      );
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

  it("moves the cursor, turns and zooms by keys and mouse, and the link holds it all", async () => {
    await open("a=/raw/run.zarr&b=/raw/other.zarr&ratio=0.3", "variable=rho");
    await settled(page);
    await page.keyboard.press("]");
    await page.keyboard.press("Shift+ArrowLeft");
    await page.keyboard.press("ArrowUp");
    await link(/cursor=11,13,4(&|$)/);
    const pane = (await page.locator(".pane").first().boundingBox())!;
    await page.mouse.click(pane.x + pane.width * 0.75, pane.y + pane.height * 0.75);
    await link(/cursor=11,6,21/);
    expect(await caption()).toContain("At x 0.75, y 0.25, z 0.55: a ");
    await page.mouse.wheel(0, -400);
    await link(/camera=35,24,1\.8/);
    await page.keyboard.press("0");
    await page.keyboard.press("3");
    await link(/mode=volume/);
    await page.mouse.move(pane.x + 60, pane.y + 60);
    await page.mouse.down();
    await page.mouse.move(pane.x + 110, pane.y + 40, { steps: 3 });
    await page.mouse.up();
    await link(/camera=15,16,/);
    // The same link gives the same view.
    const address = page.url();
    await page.reload();
    await settled(page);
    expect(page.url()).toBe(address);
    expect(await page.getByRole("button", { name: "Volume" }).getAttribute("aria-pressed")).toBe(
      "true",
    );
  });

  it("picks what is seen in space", async () => {
    await open(
      "a=/raw/run.zarr&ratio=0.3",
      "variable=rho&mode=surface&surface=0.75&camera=0,0,1,0,0",
    );
    await settled(page);
    const pane = (await page.locator(".pane").first().boundingBox())!;
    await page.mouse.click(pane.x + pane.width / 2, pane.y + pane.height / 2);
    await link(/cursor=/);
    const [, place] = /cursor=([\d,]+)/.exec(page.url())!;
    const [z, y, x] = place.split(",").map(Number);
    // Straight ahead, before the middle of the field.
    expect([z, x]).toEqual([10, 14]);
    expect(y).toBeLessThan(12);
    const [, value] = /: a ([\d.]+)/.exec((await caption())!)!;
    const range = await page.getByLabel("High end of the colours").inputValue();
    const low = await page.getByLabel("Low end of the colours").inputValue();
    const share = (Number(value) - Number(low)) / (Number(range) - Number(low));
    expect(share).toBeGreaterThan(0.6);
    expect(share).toBeLessThan(0.9);
  });

  it("edits the transfer function by mouse and keys", async () => {
    await open("a=/raw/run.zarr&ratio=0.3", "variable=rho&mode=volume");
    await settled(page);
    const before = await pixelsIn(page, (await page.locator(".pane").first().boundingBox())!);
    const points = page.getByRole("slider", { name: /^Opacity, point/ });
    expect(await points.count()).toBe(4);
    const editor = (await page.locator(".opacity-editor").boundingBox())!;
    await page.mouse.click(editor.x + 3, editor.y + 6);
    expect(await points.count()).toBe(5);
    await points.first().press("ArrowRight");
    await points.nth(4).press("Delete");
    expect(await points.count()).toBe(4);
    await link(/opacity=0\.02/);
    await page.getByText("inferno").click();
    await link(/map=inferno/);
    await settled(page);
    const after = await pixelsIn(page, (await page.locator(".pane").first().boundingBox())!);
    expect(meanDifference(before.data, after.data)).toBeGreaterThan(5);
    await page.getByRole("button", { name: "back to the curve" }).click();
    await expect.poll(() => page.url()).not.toContain("opacity");
    await page.getByLabel("Low end of the colours").fill("2.1");
    await page.getByLabel("Low end of the colours").press("Enter");
    await link(/range=2\.1,/);
    await page.getByLabel("Scale").selectOption("logarithmic");
    await link(/scale=logarithmic/);
  });

  it("plays the steps and shows values over time", async () => {
    await open("a=/raw/run.zarr&b=/raw/other.zarr", "variable=prs");
    await settled(page);
    const values = new Set<string>();
    await page.keyboard.press("Space");
    await expect
      .poll(async () => values.add((await page.locator(".step").textContent())!).size, {
        timeout: 20_000,
      })
      .toBe(3);
    await page.getByRole("button", { name: "Pause" }).click();
    expect([...values].sort()).toEqual([
      "time 0 / 2, time = 0 s",
      "time 1 / 2, time = 0.5 s",
      "time 2 / 2, time = 1 s",
    ]);
    await expect
      .poll(() => page.getByRole("img", { name: /^prs over time at the cursor: from/ }).count())
      .toBe(1);
  });

  it("measures fields and pictures, all variables when asked", async () => {
    await open("a=/raw/run.zarr&b=/raw/other.zarr", "variable=rho");
    await settled(page);
    const row = (name: string) =>
      page.getByRole("row").filter({ has: page.getByRole("button", { name, exact: true }) });
    // Noise of a tenth to each side, on values from 1.4 to 3.
    await expect
      .poll(() => row("rho").textContent(), { timeout: 20_000 })
      .toMatch(/^rho\d\.\d\d2[5-9]\.\d+0\.\d{4}0\.1$/);
    await expect
      .poll(() => page.getByRole("region", { name: "Difference of the pictures" }).textContent(), {
        timeout: 20_000,
      })
      .toMatch(/^MSE \d+.*PSNR \d\d\.\d dB, SSIM 0\.\d{4}.*slice/);
    await page.getByRole("button", { name: "Measure all" }).click();
    await expect.poll(() => row("prs").textContent(), { timeout: 20_000 }).toMatch(/^prs.*0\.1$/);
    await expect.poll(() => row("ts").textContent(), { timeout: 20_000 }).toMatch(/∞/);
    // Another variable in the place of the same one, then none.
    await page.getByLabel("Compare with").selectOption("prs");
    await expect
      .poll(() => page.locator(".pane").nth(1).getAttribute("aria-label"))
      .toMatch(/^Picture b: prs, other\.zarr/);
    await page.getByLabel("Compare with").selectOption("nothing");
    await expect.poll(() => page.locator(".pane").count()).toBe(1);
  });

  it("tells how a variable is stored", async () => {
    await open("a=/raw/run.zarr", "variable=rho");
    await settled(page);
    const about = page.getByRole("region", { name: "About" });
    await expect
      .poll(() => about.textContent())
      .toMatch(
        /learned equation.*u\[z,y,x\].*predictormechanism.*guaranteeexact.*long_namedensity/s,
      );
  });

  it("shows a field of two axes with gaps, and nothing in space of it", async () => {
    await open("a=/raw/run.zarr", "variable=ts&mode=volume&smooth=1");
    await settled(page);
    expect(await page.getByRole("button", { name: "Volume" }).isDisabled()).toBe(true);
    expect(await pictureDifference(page, "gaps")).toBeLessThan(tolerance);
    // The middle is one of the gaps.
    expect(await caption()).toContain("a no value");
  });

  it("saves a picture and a film", async () => {
    await open("a=/raw/run.zarr", "variable=rho");
    await settled(page);
    const picture = page.waitForEvent("download");
    await page.keyboard.press("s");
    expect((await picture).suggestedFilename()).toBe("run.zarr-rho-0.png");
    const png = readFileSync(await (await picture).path());
    expect(png.subarray(1, 4).toString()).toBe("PNG");
    expect(png.readUInt32BE(16)).toBeGreaterThan(1000);
    const film = page.waitForEvent("download");
    await page.getByRole("button", { name: "Film" }).click();
    expect((await film).suggestedFilename()).toBe("run.zarr-rho-0.webm");
    const webm = readFileSync(await (await film).path());
    expect(webm.readUInt32BE(0)).toBe(0x1a45dfa3);
    expect(webm.length).toBeGreaterThan(5000);
    // It can be played, as long as it says, and shows different steps.
    const played = await page.evaluate(async (base64) => {
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      const video = document.createElement("video");
      video.src = URL.createObjectURL(new Blob([bytes]));
      await new Promise((resolve, reject) => {
        video.onloadeddata = resolve;
        video.onerror = () => reject(new Error(video.error?.message));
      });
      return [video.videoWidth, video.videoHeight];
    }, webm.toString("base64"));
    expect(Math.min(...played)).toBeGreaterThan(200);
    await link(/#variable=rho$/);
  });

  it.each(["run.zarr.zip", "run.zarr"])(
    "opens a dropped %s, with no server behind",
    async (name) => {
      await open("");
      await page.locator("body").waitFor();
      await drop(page, [join(folder, name)]);
      await settled(page);
      expect(await caption()).toMatch(/^rho \(density\)/);
      expect(await page.title()).toBe(`${name} · fieldzip`);
      // What is dropped next is compared with it.
      await drop(page, [join(folder, "other.zarr")]);
      await page.getByRole("img", { name: /^Picture b: rho, other\.zarr/ }).waitFor();
      await settled(page);
      await page.reload();
      // A link cannot hold a file, and says so.
      expect(await page.getByRole("alert").first().textContent()).toContain(
        "Drop the file on the page again",
      );
    },
  );

  it("asks networks for what is seen, and for more where it is zoomed in", async () => {
    await open("a=/raw/networks.zarr", "variable=rho", small);
    await settled(page);
    expect(await caption()).toMatch(/^rho at z = 4\. Of every 4th value along each axis\./);
    const pane = page.locator(".pane").first();
    await expect
      .poll(() => pane.getAttribute("aria-label"))
      .toMatch(/^Picture a: rho, networks\.zarr, \d+ : 1, every 4th value, slice/);
    expect(await pictureDifference(page, "networks")).toBeLessThan(tolerance);
    const about = page.getByRole("region", { name: "About" });
    await page.getByRole("tab", { name: "About" }).click();
    await expect.poll(() => about.textContent()).toMatch(/predictorneural.*guaranteebest-effort/s);
    const box = (await pane.boundingBox())!;
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.mouse.wheel(0, -600);
    await expect.poll(caption, { timeout: 20_000 }).toMatch(/^rho at z = 4\. At x/);
  });

  it("reads plain Zarr of the server to the same values", async () => {
    await open("a=/raw/run.zarr&b=/zarr/run.zarr", "variable=rho&step=1");
    await settled(page);
    await expect
      .poll(() => page.locator(".pane").nth(2).getAttribute("aria-label"))
      .toContain("every value equal");
  });

  it("fits a phone, in the dark", async () => {
    await open("a=/raw/run.zarr&b=/raw/other.zarr", "variable=rho", {
      width: 390,
      height: 844,
      dark: true,
    });
    await settled(page);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    const tabs = page.getByRole("tab");
    expect(await tabs.allTextContents()).toEqual(["Variables", "Colour", "Plots", "About"]);
    await tabs.nth(2).click();
    await page.getByRole("img", { name: /^rho along x through the cursor, a and b/ }).waitFor();
    await tabs.nth(2).press("ArrowLeft");
    expect(await page.locator(".opacity-editor").isVisible()).toBe(true);
    expect(await pictureDifference(page, "phone", "body")).toBeLessThan(tolerance);
  });

  it("can be worked and read without a mouse or eyes", async () => {
    await open("a=/raw/run.zarr&b=/raw/other.zarr", "variable=rho");
    await settled(page);
    await page.keyboard.press("?");
    await expect(page.getByRole("dialog", { name: "Keys" }).isVisible()).resolves.toBe(true);
    await page.keyboard.press("Escape");
    // Whatever can be worked has a name.
    const nameless = await page.evaluate(() =>
      [
        ...document.querySelectorAll<HTMLElement>(
          "button, input, select, [role=slider], [role=img]",
        ),
      ]
        .filter((one) => one.checkVisibility())
        .filter((one) => {
          const label = one.closest("label")?.textContent?.trim();
          return !(one.getAttribute("aria-label") || one.textContent?.trim() || label);
        })
        .map((one) => one.outerHTML),
    );
    expect(nameless).toEqual([]);
    expect(await page.getByRole("img", { name: /^Picture a: rho, run\.zarr/ }).count()).toBe(1);
    await page.keyboard.press("v");
    await expect.poll(caption).toMatch(/^prs/);
  });

  it.each([
    ["", "", {}],
    ["a=/raw/nothing.zarr", "", { dark: true }],
    ["a=/raw/run.zarr&b=/raw/other.zarr", "variable=rho", {}],
    ["a=/raw/run.zarr&b=/raw/other.zarr&ratio=0.3", "mode=volume", { dark: true }],
    ["a=/raw/run.zarr", "", { width: 390, height: 844 }],
  ])("has no fault that axe finds: ?%s#%s", async (query, fragment, options) => {
    await open(query, fragment, options);
    if (/nothing|^$/.test(query)) await page.locator(".notice").first().waitFor();
    else await settled(page);
    await page.evaluate(axe);
    const faults = await page.evaluate(async () => {
      const { run } = Reflect.get(globalThis, "axe") as typeof import("axe-core");
      const { violations } = await run();
      return violations.map(
        ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join("\n")}`,
      );
    });
    expect(faults).toEqual([]);
    if (query.includes("nothing")) complaints.splice(0);
  });

  it("moves nothing by itself where that is not wanted", async () => {
    await open("a=/raw/run.zarr&ratio=0.3", "variable=rho");
    await page.emulateMedia({ reducedMotion: "reduce" });
    await settled(page);
    const moving = await page.evaluate(() =>
      [...document.querySelectorAll("*")].flatMap((one) => {
        const { transitionDuration, animationDuration } = getComputedStyle(one);
        const durations = `${transitionDuration}, ${animationDuration}`.split(", ");
        return durations.some((text) => Number.parseFloat(text) > 0) ? [one.className] : [];
      }),
    );
    expect(moving).toEqual([]);
  });

  /** Waits until the address bar holds it. */
  async function link(pattern: RegExp): Promise<void> {
    await expect.poll(() => page.url()).toMatch(pattern);
  }

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
    const opacity = curve.split(",").map((point) => {
      const [place, value] = point.split(":").map(Number);
      return { place, opacity: value };
    });
    const transfer = { map: "viridis", reversed: false, opacity } as const;
    const volume = { values, shape: shape as [number, number, number], edges };
    const picture = castVolume(volume, camera, width, height, { scale, transfer, shaded: true });
    return Array.from(picture, (part, k) => {
      const alpha = picture[k - (k % 4) + 3];
      return 255 * part + paper[k % 4] * (1 - alpha);
    });
  }
});
