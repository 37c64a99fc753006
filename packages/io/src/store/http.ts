import { abortedError, FieldzipError, throwIfAborted } from "@fieldzip/core";
import type { RandomAccessFile } from "../files/file.js";
import { readStream } from "./bytes.js";
import { checkKey, clipRange } from "./keys.js";
import type { ByteRange, ReadableStore } from "./store.js";

/** What a server that ignores Range may send us for one object, at most. */
const largestBody = 2 ** 30;

/** A folder behind `http(s)://…`; a query string (`?token=…`) goes along with every request. */
export function openHttp(location: string): ReadableStore {
  const base = new URL(location);
  const urlOf = (key: string): string => {
    checkKey(key, location);
    const url = new URL(base);
    const path = key.split("/").map(encodeURIComponent).join("/");
    url.pathname = `${base.pathname.replace(/\/$/, "")}/${path}`;
    return url.href;
  };
  return {
    location,
    get: async (key, signal) => request(urlOf(key), undefined, signal),
    getRange: async (key, range, signal) => request(urlOf(key), range, signal),
    size: async (key, signal) => sizeOf(urlOf(key), signal),
    async close() {},
  };
}

/** A single file behind a URL, read in ranges: a `.zip` on a server. */
export async function openHttpFile(url: string, signal?: AbortSignal): Promise<RandomAccessFile> {
  const size = await sizeOf(url, signal);
  if (size === undefined) {
    throw new FieldzipError("missing", { where: url, remedy: "check the URL; there is no file" });
  }
  return {
    path: url,
    size,
    async read(offset, length, signal) {
      if (length === 0) return new Uint8Array(0);
      const bytes = await request(url, { offset, length }, signal);
      if (bytes?.length === length) return bytes;
      throw new FieldzipError("truncated", {
        where: `${url}, offset ${offset}`,
        expected: `${length} bytes`,
        found: `${bytes?.length ?? 0}`,
        remedy: "the file is incomplete or changed meanwhile; try again",
      });
    },
    async close() {},
  };
}

async function request(
  url: string,
  range: ByteRange | undefined,
  signal: AbortSignal | undefined,
): Promise<Uint8Array | undefined> {
  if (range && "length" in range && range.length === 0) return new Uint8Array(0);
  // Compressed transfer would make offsets mean something else.
  const headers: Record<string, string> = { "Accept-Encoding": "identity" };
  if (range) headers.Range = rangeHeader(range);
  const response = await send(url, { headers }, signal);
  try {
    if (response.status === 404 || response.status === 410) return undefined;
    // A range that starts at or after the end: clipped to nothing.
    if (range && response.status === 416) return new Uint8Array(0);
    if (range && response.status === 206) {
      checkContentRange(response, range, url);
      const asked = "length" in range ? range.length : range.suffixLength;
      return await readBody(response, asked, url, signal);
    }
    if (response.status !== 200) throw refused(url, response);
    // Without a range, or from a server that ignores it: the whole object.
    const whole = await readBody(response, largestBody, url, signal);
    if (!range) return whole;
    const { offset, length } = clipRange(range, whole.length);
    return whole.slice(offset, offset + length);
  } finally {
    // A body nobody reads would keep the connection busy.
    if (!response.bodyUsed) await response.body?.cancel().catch(() => {});
  }
}

function rangeHeader(range: ByteRange): string {
  if ("suffixLength" in range) return `bytes=-${range.suffixLength}`;
  return `bytes=${range.offset}-${range.offset + range.length - 1}`;
}

function checkContentRange(response: Response, range: ByteRange, url: string): void {
  const found = response.headers.get("content-range") ?? "";
  const match = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(found);
  const fits =
    match &&
    ("offset" in range
      ? Number(match[1]) === range.offset
      : match[3] === "*" || Number(match[2]) + 1 === Number(match[3]));
  if (fits) return;
  throw new FieldzipError("format", {
    where: url,
    expected: `an answer to ${rangeHeader(range)}`,
    found: found ? `Content-Range ${found.slice(0, 100)}` : "no Content-Range",
    remedy: "the server answers range requests wrongly; download the archive and read it locally",
  });
}

async function sizeOf(url: string, signal?: AbortSignal): Promise<number | undefined> {
  const headers = { "Accept-Encoding": "identity" };
  const response = await send(url, { method: "HEAD", headers }, signal);
  if (response.status === 404 || response.status === 410) return undefined;
  // Links that are signed for GET alone refuse HEAD.
  const refusesHead = [403, 405, 501].includes(response.status);
  if (response.status !== 200 && !refusesHead) throw refused(url, response);
  const size = refusesHead ? Number.NaN : sizeHeader(response);
  if (Number.isSafeInteger(size) && size >= 0) return size;
  return (await request(url, undefined, signal))?.length;
}

function sizeHeader(response: Response): number {
  return Number(response.headers.get("content-length") ?? Number.NaN);
}

async function send(
  url: string,
  init: RequestInit,
  signal: AbortSignal | undefined,
): Promise<Response> {
  throwIfAborted(signal);
  try {
    return await fetch(url, { ...init, signal });
  } catch (error) {
    throw networkError(error, url, signal);
  }
}

/** Reads at most `limit` bytes; a longer body is refused, whatever the headers said. */
async function readBody(
  response: Response,
  limit: number,
  url: string,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  if (!response.body) return new Uint8Array(0);
  const tooLong = () =>
    new FieldzipError("limit", {
      where: url,
      expected: `at most ${limit} bytes`,
      found: "a longer body",
      remedy: "use a server that answers Range requests, or download the archive",
    });
  return readStream(response.body, limit, tooLong).catch((error) => {
    throw networkError(error, url, signal);
  });
}

function refused(url: string, response: Response): FieldzipError {
  return new FieldzipError("io", {
    where: url,
    expected: "status 200 or 206",
    found: `${response.status} ${response.statusText}`.trim(),
    remedy: "check the URL and your permission to read it",
  });
}

function networkError(error: unknown, url: string, signal: AbortSignal | undefined): FieldzipError {
  if (error instanceof FieldzipError) return error;
  if (signal?.aborted) return abortedError(signal);
  return new FieldzipError(
    "io",
    {
      where: url,
      found: error instanceof Error ? `${error.message}` : "no connection",
      remedy: "check the network and the URL, then try again",
    },
    error,
  );
}
