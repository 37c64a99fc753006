import { askedRange, names } from "./ranges.js";

/** What of a request an answer depends on. */
export interface Asked {
  readonly isHead: boolean;
  header(name: string): string | undefined;
  /** Calls back when the answer was sent, or will not be. */
  onClosed(done: () => void): void;
}

/** Something that can be answered with, whole or in part. */
export interface Content {
  readonly etag: string;
  readonly type: string;
  /** Bytes; undefined where they are known only once it is read. */
  readonly size: number | undefined;
  /** The bytes of a part, or of everything, of `size` in all; `release` is called when they were sent. */
  open(part?: { readonly offset: number; readonly length: number }): Promise<OpenContent>;
}

export interface OpenContent {
  readonly body: Uint8Array | ReadableStream<Uint8Array>;
  readonly size: number;
  /** May be called more than once. */
  release(): void;
}

/** Answers GET and HEAD with 200, 206, 304 or 416. */
export async function answer(asked: Asked, content: Content): Promise<Response> {
  const { etag, type } = content;
  const headers: Record<string, string> = {
    ETag: etag,
    // Archives can be replaced: ask again, which costs a 304.
    "Cache-Control": "no-cache",
    "Accept-Ranges": "bytes",
    "Content-Type": type,
  };
  if (names(asked.header("if-none-match"), etag)) {
    return new Response(null, { status: 304, headers });
  }
  const condition = asked.header("if-range");
  const wanted = condition === undefined || condition === etag ? asked.header("range") : undefined;
  // Where only reading tells the size, it is read first.
  const early = content.size === undefined ? await content.open() : undefined;
  if (early) asked.onClosed(early.release);
  const size = early?.size ?? content.size ?? 0;
  const range = askedRange(wanted, size);
  if (range === "unsatisfiable") {
    headers["Content-Range"] = `bytes */${size}`;
    return new Response(null, { status: 416, headers });
  }
  const { offset, length } = range ?? { offset: 0, length: size };
  if (range) headers["Content-Range"] = `bytes ${offset}-${offset + length - 1}/${size}`;
  headers["Content-Length"] = `${length}`;
  const status = range ? 206 : 200;
  if (asked.isHead) return new Response(null, { status, headers });
  const { body, release } = early ?? (await content.open({ offset, length }));
  asked.onClosed(release);
  const part =
    early && !(body instanceof ReadableStream) ? body.subarray(offset, offset + length) : body;
  return new Response(part as Uint8Array<ArrayBuffer>, { status, headers });
}
