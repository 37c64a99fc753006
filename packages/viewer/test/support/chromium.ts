import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";

const candidates = [
  process.env.FIELDZIP_CHROMIUM,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
];

/** The Chromium that is here; without one the tests of the page are skipped. */
export const executablePath = candidates.find((path) => path && existsSync(path));

/** WebGPU and WebGL 2 drawn in software, so that a picture is the same on every machine. */
const drawnInSoftware = [
  "--enable-unsafe-webgpu",
  "--enable-features=Vulkan",
  "--use-vulkan=swiftshader",
  "--use-angle=swiftshader",
  "--use-webgpu-adapter=swiftshader",
];

export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: ["--no-sandbox", "--disable-background-networking", ...drawnInSoftware],
  });
}

/** Opens the page; everything that goes wrong in it is added to `complaints`. */
export async function openPage(
  browser: Browser,
  url: string,
  complaints: string[],
  options: { width?: number; height?: number; dark?: boolean } = {},
): Promise<Page> {
  const { width = 900, height = 640, dark } = options;
  const page = await browser.newPage({
    viewport: { width, height },
    colorScheme: dark ? "dark" : "light",
  });
  page.on("pageerror", (error) => complaints.push(`${error.stack}`));
  page.on("console", (message) => {
    // The tests read pixels back, which the driver remarks upon.
    if (/GPU stall due to ReadPixels/.test(message.text())) return;
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  await page.goto(url);
  return page;
}

/** Drops files or folders of this machine on the page, as a hand does. */
export async function drop(page: Page, paths: string[]): Promise<void> {
  const client = await page.context().newCDPSession(page);
  const data = { items: [], files: paths, dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"] as const) {
    await client.send("Input.dispatchDragEvent", { type, x: 200, y: 200, data });
  }
}

/** Waits until all is loaded and drawn as finely as it will be. */
export async function settled(page: Page): Promise<void> {
  await page.waitForFunction(
    () => {
      const { loaded, drawn } = document.documentElement.dataset;
      return loaded === "true" && drawn === "still";
    },
    undefined,
    { timeout: 60_000 },
  );
}

const pictures = fileURLToPath(new URL("../pictures", import.meta.url));

/**
 * Compares a part of the page with the committed picture of that name: mean difference of the colours, 0 to 255. Written
 * anew with FIELDZIP_PICTURES=write.
 */
export async function pictureDifference(
  page: Page,
  name: string,
  selector = ".stage",
): Promise<number> {
  const taken = await page.locator(selector).screenshot();
  const path = join(pictures, `${name}.png`);
  if (process.env.FIELDZIP_PICTURES === "write") {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, taken);
  }
  const [one, other] = [taken, readFileSync(path)].map((png) => png.toString("base64"));
  return page.evaluate(
    async ([a, b]) => {
      const pixels = async (base64: string) => {
        const image = new Image();
        image.src = `data:image/png;base64,${base64}`;
        await image.decode();
        const canvas = new OffscreenCanvas(image.width, image.height);
        const context = canvas.getContext("2d")!;
        context.drawImage(image, 0, 0);
        return context.getImageData(0, 0, image.width, image.height);
      };
      const [x, y] = [await pixels(a), await pixels(b)];
      if (x.width !== y.width || x.height !== y.height) return 255;
      let sum = 0;
      for (let k = 0; k < x.data.length; k++) sum += Math.abs(x.data[k] - y.data[k]);
      return sum / ((x.data.length * 3) / 4);
    },
    [one, other] as const,
  );
}
