/**
 * Seconds until there is a picture, and frames a second while it turns, in Chromium that draws in software.
 *
 *   node bench/viewer/first-picture.mjs [--repetitions 5] [--only first|turning] [--folder KEPT]
 *
 * Looks at archives of 12 variables of 128^3 values that are made of waves. Needs `npm run build` and Chromium. Writes
 * bench/results/viewer.json and .md (or --output).
 */
import { mkdtemp, rm } from "node:fs/promises";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { median, provenance, root } from "../machine.mjs";
import { earlierResult, writeResult } from "../result-files.mjs";
import { edge, provideArchives } from "./archives.mjs";
import { cpuSeconds, drop, launch, openPage, settled } from "./browser.mjs";
import { view } from "./command.mjs";
import { report } from "./report.mjs";
import { serveFolder } from "./static-server.mjs";
import { turning } from "./turning.mjs";

const { values: options } = parseArgs({
  options: {
    repetitions: { type: "string", default: "5" },
    only: { type: "string" },
    folder: { type: "string" },
    output: { type: "string", default: join(root, "bench/results/viewer.json") },
  },
});
const repetitions = Number(options.repetitions);
const size = { width: 1440, height: 900 };

const folder = options.folder ?? (await mkdtemp(join(tmpdir(), "fieldzip-viewer-bench-")));
const browser = await launch();
try {
  const archives = await provideArchives(folder);
  const origin = provenance(`node bench/viewer/first-picture.mjs --repetitions ${repetitions}`);
  const before = await earlierResult(options.output, origin, options.only !== undefined, {});
  const load = loadavg()[0];
  const result = {
    ...before,
    ...origin,
    load,
    browser: browser.version(),
    edge,
    variables: 12,
    size,
  };
  if (options.only !== "turning") result.first = await firstPictures(archives);
  if (options.only !== "first") result.turning = await turning(browser, archives["exact.zarr"]);
  await writeResult(options.output, result, { report });
} finally {
  await browser.close();
  if (!options.folder) await rm(folder, { recursive: true, force: true });
}

/** Ways to open an archive, each with what stands behind the page. */
async function firstPictures(archives) {
  const rows = [];
  const add = async (how, archive, mode, once) => {
    const times = [];
    for (let k = 0; k < repetitions; k++) times.push(await once());
    const of = (key) => times.map((time) => time[key]);
    const row = { how, archive, mode, first: of("first"), whole: of("whole"), cpu: of("cpu") };
    rows.push(row);
    const [first, whole, cpu] = [row.first, row.whole, row.cpu].map((list) =>
      median(list).toFixed(2),
    );
    console.log(`${how} ${archive} ${mode}: ${first} s, whole ${whole} s, ${cpu} CPU s`);
  };
  const site = await serveFolder({
    "/page": join(root, "packages/server/page"),
    "/data": folder,
  });
  try {
    for (const mode of ["slice", "volume"]) {
      for (const archive of ["exact.zarr", "neural.zarr"]) {
        const viewed = await view(archives[archive]);
        await add("fieldzip view", archive, mode, () => opened(viewed.url, mode));
        viewed.stop();
      }
      const files = `${site.url}/page/index.html`;
      await add("static files", "exact.zarr", mode, () =>
        opened(`${files}?a=/data/exact.zarr`, mode),
      );
      for (const archive of ["exact.zarr", "exact.zarr.zip"]) {
        await add("dropped", archive, mode, () => dropped(files, archives[archive], mode));
      }
    }
  } finally {
    await site.close();
  }
  return rows;
}

/** Seconds from the request for the page to a picture, and to the whole field as fine as it gets. */
async function opened(url, mode) {
  const page = await openPage(browser, size);
  try {
    const cpu = await cpuSeconds(browser);
    await page.goto(`${url}#mode=${mode}`);
    return await timesSince(page, 0, cpu);
  } finally {
    await page.context().close();
  }
}

/** The same from the moment in which an archive is dropped on the page. */
async function dropped(url, path, mode) {
  const page = await openPage(browser, size);
  try {
    await page.goto(`${url}#mode=${mode}`);
    await page.waitForFunction(() => document.documentElement.dataset.backend);
    const [from, cpu] = [await page.evaluate(() => performance.now()), await cpuSeconds(browser)];
    await drop(page, [path]);
    return await timesSince(page, from, cpu);
  } finally {
    await page.context().close();
  }
}

/** `cpu`: of the browser, until there was a picture. */
async function timesSince(page, from, cpuBefore) {
  const mark = () => performance.getEntriesByName("first-picture")[0]?.startTime;
  await page.waitForFunction(mark, undefined, { polling: 20, timeout: 120_000 });
  const cpu = (await cpuSeconds(browser)) - cpuBefore;
  const first = await page.evaluate(mark);
  await settled(page);
  const whole = await page.evaluate(() => performance.now());
  return { first: (first - from) / 1e3, whole: (whole - from) / 1e3, cpu };
}
