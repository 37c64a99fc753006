/** Chromium with everything drawn in software, as the tests of the viewer have it. */
import { existsSync } from "node:fs";
import { chromium } from "playwright-core";

const executablePath = [process.env.FIELDZIP_CHROMIUM, "/usr/bin/chromium"].find(
  (path) => path && existsSync(path),
);

export async function launch() {
  if (!executablePath) throw new Error("no Chromium: name one in FIELDZIP_CHROMIUM");
  return chromium.launch({
    executablePath,
    args: [
      "--no-sandbox",
      "--disable-background-networking",
      "--enable-unsafe-webgpu",
      "--enable-features=Vulkan",
      "--use-vulkan=swiftshader",
      "--use-angle=swiftshader",
      "--use-webgpu-adapter=swiftshader",
    ],
  });
}

/** Milliseconds after which a new window of the browser has drawn its own frame. */
const windowMs = 1500;

/** An empty page of a browser that knows nothing of earlier ones. */
export async function openPage(browser, { width, height }) {
  const context = await browser.newContext({ viewport: { width, height } });
  const page = await context.newPage();
  page.on("pageerror", (error) => console.error(`page: ${error.stack}`));
  await page.waitForTimeout(windowMs);
  return page;
}

/** Drops files or folders of this machine on the page, as a hand does. */
export async function drop(page, paths) {
  const client = await page.context().newCDPSession(page);
  const data = { items: [], files: paths, dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"]) {
    await client.send("Input.dispatchDragEvent", { type, x: 200, y: 200, data });
  }
}

/** Waits until all is loaded, and drawn as finely as it will be. */
export async function settled(page) {
  await page.waitForFunction(
    () => {
      const { loaded, drawn } = document.documentElement.dataset;
      return loaded === "true" && drawn === "still";
    },
    undefined,
    { timeout: 120_000 },
  );
}

/** CPU seconds that all processes of a browser have used. */
export async function cpuSeconds(browser) {
  const client = await browser.newBrowserCDPSession();
  const { processInfo } = await client.send("SystemInfo.getProcessInfo");
  await client.detach();
  return processInfo.reduce((sum, { cpuTime }) => sum + cpuTime, 0);
}
