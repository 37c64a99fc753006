/**
 * Seconds until there is a picture, and frames a second while it turns, in Chromium that draws in software.
 *
 *   node bench/viewer/first-picture.mjs [--repetitions 5] [--only first|turning] [--folder KEPT]
 *
 * Looks at archives of 12 variables of 128^3 values that are made of waves. Needs `npm run build` and Chromium. Writes
 * bench/results/viewer.json and .md (or --output).
 */
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { median, provenance, root } from "../machine.mjs";
import { earlierResult, writeResult } from "../result-files.mjs";
import { edge, provideArchives } from "./archives.mjs";
import { drop, launch, openPage, settled } from "./browser.mjs";
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
  const result = { ...before, ...origin, browser: browser.version(), edge, variables: 12, size };
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
    const row = { how, archive, mode, first: [], whole: [] };
    for (const { first, whole } of times) {
      row.first.push(first / 1e3);
      row.whole.push(whole / 1e3);
    }
    rows.push(row);
    console.log(how, archive, mode, median(row.first).toFixed(2), median(row.whole).toFixed(2));
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

/** Milliseconds from the request for the page to a picture, and to the whole field as fine as it gets. */
async function opened(url, mode) {
  const page = await openPage(browser, size);
  try {
    await page.goto(`${url}#mode=${mode}`);
    return await timesSince(page, 0);
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
    const from = await page.evaluate(() => performance.now());
    await drop(page, [path]);
    return await timesSince(page, from);
  } finally {
    await page.context().close();
  }
}

async function timesSince(page, from) {
  await settled(page);
  const whole = await page.evaluate(() => performance.now());
  const first = await page.evaluate(
    () => performance.getEntriesByName("first-picture")[0].startTime,
  );
  return { first: first - from, whole: whole - from };
}

/** The command as a user starts it. */
async function view(path) {
  const bin = join(root, "packages/cli/dist/bin.js");
  const child = spawn(process.execPath, [bin, "view", path, "--no-open", "--json"]);
  const url = await new Promise((resolve, reject) => {
    let text = "";
    child.stdout.on("data", (part) => {
      text += part;
      const found = /"url":\s*"([^"]+)"/.exec(text);
      if (found) resolve(found[1]);
    });
    child.on("exit", (code) => reject(new Error(`fieldzip view ended with ${code}`)));
  });
  return { url, stop: () => child.kill("SIGINT") };
}
