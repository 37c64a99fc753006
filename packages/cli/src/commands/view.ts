import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { FieldzipError, throwIfAborted } from "@fieldzip/core";
import type { Listed } from "@fieldzip/server";
import { integerOf, textOf } from "../option-values.js";
import { writeStaticPage } from "../static-page.js";
import { createThreadPool } from "../threads.js";
import { type CommandDescription, threadsOption } from "./command.js";

export const viewCommand: CommandDescription = {
  name: "view",
  summary: "show an archive in the browser, beside another or its original",
  details:
    "Opens a page on this machine; the archive is decoded in the browser. The second one may be\n" +
    "any file that compress takes: both are shown side by side with their difference. Ctrl-C ends it.",
  arguments: [{ name: "archive...", help: "an archive, and what to compare it with" }],
  options: [
    { flags: "--no-open", help: "print the address and open no browser" },
    { flags: "--port <n>", help: "where to listen (default: any free one)" },
    {
      flags: "--static <folder>",
      help: "write the page and copies of the archives there, for any web server, and end",
    },
    threadsOption,
  ],
  examples: [
    "fieldzip view run.zarr",
    "fieldzip view run.zarr original.nc",
    "fieldzip view a.zarr b.zarr --no-open",
    "fieldzip view run.zarr --static public",
  ],

  async run(locations, options, { signal, announce }) {
    if (locations.length > 2) {
      throw new FieldzipError("usage", {
        where: "fieldzip view",
        expected: "one or two archives",
        found: `${locations.length}`,
        remedy: "compare two at a time",
      });
    }
    const port = integerOf(options, "port", 0, 65535) ?? 0;
    const { pageFolder, startServer } = await import("@fieldzip/server");
    const folder = textOf(options, "static");
    if (folder !== undefined) {
      if (!existsSync(join(pageFolder, "index.html"))) throw pageMissing();
      const address = await writeStaticPage(pageFolder, locations, folder, signal);
      const text = `The page and ${locations.length === 1 ? "the archive" : "both archives"} lie in ${folder}.
Any web server shows them, for instance: npx http-server ${folder}
at its address, followed by ${address}`;
      return { text, json: { folder, address } };
    }
    const pool = createThreadPool(integerOf(options, "threads", 0, 1024));
    try {
      throwIfAborted(signal);
      const server = await startServer({
        ...{ locations, port, pool },
        limits: { decodes: pool.size + 1 },
        onError: (error) => process.stderr.write(`fieldzip: ${error}\n`),
      });
      try {
        if (!server.page) throw pageMissing();
        const url = addressOf(server.page, await server.site.list());
        announce({ text: `${url}\n\nCtrl-C ends.`, json: { url } });
        if (options.open !== false) openBrowser(url);
        if (!signal.aborted) await once(signal, "abort");
      } finally {
        await server.close();
      }
      return undefined;
    } finally {
      await pool.close();
    }
  },
};

/** The page with these archives: as they are stored where that is offered, else as plain Zarr. */
function addressOf(page: string, listed: readonly Listed[]): string {
  const places = listed.map(({ format, raw, zarr }) => (format === "archive" && raw ? raw : zarr));
  return `${page}?${places.map((place, k) => `${"ab"[k]}=${place}`).join("&")}`;
}

function openBrowser(url: string): void {
  const [command, ...args] =
    process.platform === "darwin"
      ? ["open", url]
      : process.platform === "win32"
        ? ["cmd", "/c", "start", "", url.replace(/&/g, "^&")]
        : ["xdg-open", url];
  // Where there is no browser, there is the address on the screen.
  spawn(command, args, { stdio: "ignore", detached: true })
    .on("error", () => {})
    .unref();
}

function pageMissing(): FieldzipError {
  return new FieldzipError("missing", {
    where: "fieldzip view",
    expected: "the page in packages/server/page",
    found: "none",
    remedy: "build it: npm run build",
  });
}
