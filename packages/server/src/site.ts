import { createHash } from "node:crypto";
import { FieldzipError, isFieldzipError, type WorkerPool } from "@fieldzip/core";
import type { LinkRule } from "@fieldzip/io";
import { type Asked, answer, type Content } from "./answer.js";
import type { ServerLimits } from "./limits.js";
import { ObjectCache } from "./object-cache.js";
import { pieces } from "./raw.js";
import { type Opened, Served, servedNames } from "./served.js";

/** An archive that is served; paths on the server. */
export interface Listed {
  readonly name: string;
  /** What lies there: `archive`, or the format of the file. */
  readonly format: string;
  readonly zarr: string;
  /** Null where the stored bytes are not offered. */
  readonly raw: string | null;
  readonly variables: readonly string[];
}

/** What a server offers, whatever brings the requests: `/`, `/zarr/<name>/<key>` and `/raw/<name>[/<key>]`. */
export class Site {
  readonly served: readonly Served[];
  readonly cache: ObjectCache;

  constructor(
    locations: readonly string[],
    private readonly limits: ServerLimits,
    pool: WorkerPool | undefined,
    links?: LinkRule,
  ) {
    const names = servedNames(locations);
    this.served = locations.map((location, k) => new Served(names[k], location, pool, links));
    this.cache = new ObjectCache(limits);
  }

  /** Answers a GET or HEAD of the path with these parts. */
  async respond(parts: readonly string[], asked: Asked, gone: AbortSignal): Promise<Response> {
    const [kind, name, ...rest] = parts;
    if (kind === undefined) return json(200, { archives: await this.list() });
    const isRaw = kind === "raw";
    const served = this.served.find((one) => (isRaw ? one.rawName : one.name) === name);
    const key = rest.join("/");
    try {
      if (kind === "zarr" && served) {
        const content = this.plainContent(served, await served.current(), key, gone);
        if (content) return await answer(asked, content);
      }
      if (isRaw && served) {
        const content = await this.rawContent(await served.current(), key);
        if (content) return await answer(asked, content);
      }
    } catch (error) {
      return failure(error, served?.location ?? "", name ?? "");
    }
    return json(404, { error: { tag: "missing", message: `nothing at /${parts.join("/")}` } });
  }

  /** Where everything lies, for people and programs. */
  async list(): Promise<Listed[]> {
    return Promise.all(
      this.served.map(async (one) => {
        const { dataset, raw } = await one.current();
        return {
          name: one.name,
          format: dataset.format,
          zarr: `/zarr/${encodeURIComponent(one.name)}`,
          raw: raw ? `/raw/${encodeURIComponent(one.rawName)}` : null,
          variables: dataset.variables.map((variable) => variable.name),
        };
      }),
    );
  }

  async close(): Promise<void> {
    this.cache.clear();
    await Promise.all(this.served.map((one) => one.close()));
  }

  private plainContent(
    { name }: Served,
    { plain, identity }: Opened,
    key: string,
    gone: AbortSignal,
  ): Content | undefined {
    const object = plain.find(key);
    if (!object) return undefined;
    const cached = `${name} ${identity} ${key}`;
    return {
      etag: etagOf("zarr", identity, key),
      type: object.kind === "metadata" ? "application/json" : "application/octet-stream",
      size: object.size,
      open: async (part) => {
        const lease =
          object.kind === "metadata"
            ? { bytes: await object.read(), release() {} }
            : await this.cache.acquire(
                cached,
                object.weight,
                (signal) => object.read(signal),
                gone,
              );
        const { offset, length } = part ?? { offset: 0, length: lease.bytes.length };
        const body = lease.bytes.subarray(offset, offset + length);
        return { body, size: lease.bytes.length, release: lease.release };
      },
    };
  }

  private async rawContent({ raw, identity }: Opened, key: string): Promise<Content | undefined> {
    if (!raw || raw.isFile !== (key === "")) return undefined;
    const size = await raw.size(key);
    if (size === undefined) return undefined;
    return {
      etag: etagOf("raw", `${identity} ${size}`, key),
      type: key.endsWith("zarr.json") ? "application/json" : "application/octet-stream",
      size,
      open: async (part = { offset: 0, length: size }) => {
        const { pieceBytes } = this.limits;
        const release = () => {};
        if (part.length > pieceBytes) {
          return { body: pieces(raw, key, part, pieceBytes), size, release };
        }
        const body = await raw.read(key, part.offset, part.length);
        if (body.length !== part.length) throw shortened(key, part.length, body.length);
        return { body, size, release };
      },
    };
  }
}

function etagOf(...parts: string[]): string {
  return `"${createHash("sha256").update(parts.join("\0")).digest("base64url").slice(0, 27)}"`;
}

function shortened(key: string, expected: number, found: number): FieldzipError {
  return new FieldzipError("truncated", {
    where: key || "the archive",
    expected: `${expected} bytes`,
    found: `${found}`,
    remedy: "the archive is being replaced; ask again",
  });
}

/** What went wrong as an answer: never 404, which Zarr readers take for a chunk of fill values. */
function failure(error: unknown, location: string, name: string): Response {
  if (!isFieldzipError(error)) throw error;
  // Where the archive lies on this machine is nobody's business.
  const message = location === "" ? error.message : error.message.replaceAll(location, name);
  const busy = error.tag === "limit" || error.tag === "aborted";
  return json(busy ? 503 : 500, { error: { tag: error.tag, message } });
}

export function json(status: number, value: object): Response {
  const body = new TextEncoder().encode(`${JSON.stringify(value)}\n`);
  const headers: Record<string, string> = {
    "Content-Type": "application/json",
    "Content-Length": `${body.length}`,
    "Cache-Control": "no-store",
  };
  if (status === 503) headers["Retry-After"] = "1";
  return new Response(body as Uint8Array<ArrayBuffer>, { status, headers });
}
