import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { type Asked, answer } from "./answer.js";

/** Where the page lies: static files, which `packages/viewer` is built into. */
export const pageFolder = fileURLToPath(new URL("../page/", import.meta.url));

const types: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  wasm: "application/wasm",
  svg: "image/svg+xml",
};

/** The first part of the page's addresses. */
export const pageName = "view";

/** The page that shows archives, under `/view/`. It holds nothing of anybody's, so that it needs no token. */
export class ViewerPage {
  private constructor(private readonly files: ReadonlyMap<string, Uint8Array>) {}

  /** Reads the page; undefined where it was not built. */
  static async open(folder = pageFolder): Promise<ViewerPage | undefined> {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
    const files = new Map<string, Uint8Array>();
    for (const entry of entries.filter((one) => one.isFile())) {
      const path = join(entry.parentPath, entry.name);
      files.set(path.slice(folder.length).split(sep).join("/"), await readFile(path));
    }
    return files.has("index.html") ? new ViewerPage(files) : undefined;
  }

  /** Answers a request below `/view`; undefined where there is no such file. */
  async respond(
    url: string,
    parts: readonly string[],
    asked: Asked,
  ): Promise<Response | undefined> {
    const [path, query] = url.split("?", 2);
    if (path === `/${pageName}`) {
      // Its files are named relative to it.
      const location = `/${pageName}/${query === undefined ? "" : `?${query}`}`;
      return new Response(null, { status: 308, headers: { Location: location } });
    }
    const name = parts.slice(1).join("/") || "index.html";
    const bytes = this.files.get(name);
    if (!bytes) return undefined;
    const etag = `"${createHash("sha256").update(bytes).digest("base64url").slice(0, 27)}"`;
    return answer(asked, {
      etag,
      type: types[name.slice(name.lastIndexOf(".") + 1)] ?? "application/octet-stream",
      size: bytes.length,
      open: async (part = { offset: 0, length: bytes.length }) => ({
        body: bytes.subarray(part.offset, part.offset + part.length),
        size: bytes.length,
        release() {},
      }),
    });
  }
}
