import { cp, mkdir, readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { FieldzipError, throwIfAborted } from "@fieldzip/core";
import { openArchive } from "@fieldzip/io";

/**
 * Puts the page that shows archives into a new or empty folder, and copies of archives beside it: files for any web
 * server, which need no fieldzip behind them. Returns the page's address below that server.
 */
export async function writeStaticPage(
  page: string,
  archives: readonly string[],
  folder: string,
  signal?: AbortSignal,
): Promise<string> {
  const names = archives.map((path) => basename(path));
  if (new Set(names).size < names.length) {
    throw new FieldzipError("usage", {
      where: "--static",
      expected: "archives of different names",
      found: names.join(", "),
      remedy: "rename one of them",
    });
  }
  // What is no archive could not be read by the page.
  for (const path of archives) await (await openArchive(path, { signal })).close();
  const found = await readdir(folder).catch(() => []);
  const isFile = await stat(folder).then(
    (entry) => !entry.isDirectory(),
    () => false,
  );
  if (found.length > 0 || isFile) {
    throw new FieldzipError("exists", {
      where: folder,
      expected: "a new or an empty folder",
      found: isFile ? "a file" : `${found.length} entries`,
      remedy: "name another one",
    });
  }
  await mkdir(folder, { recursive: true });
  await cp(page, folder, { recursive: true });
  for (const [k, path] of archives.entries()) {
    throwIfAborted(signal);
    await cp(path, join(folder, names[k]), { recursive: true });
  }
  return `/?${names.map((name, k) => `${"ab"[k]}=${encodeURIComponent(name)}`).join("&")}`;
}
