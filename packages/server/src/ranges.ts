/** A part of an object: offset and length in bytes; `unsatisfiable` where it lies outside. */
export type AskedRange = { readonly offset: number; readonly length: number } | "unsatisfiable";

/**
 * What a `Range` header asks of an object of `size` bytes. Undefined means the whole object: no header, one that is
 * malformed, or several ranges, which a server may answer with everything (RFC 9110, 14.2).
 */
export function askedRange(header: string | undefined, size: number): AskedRange | undefined {
  const found = /^bytes=(\d{0,16})-(\d{0,16})$/.exec(header?.trim() ?? "");
  if (!found || (found[1] === "" && found[2] === "")) return undefined;
  if (found[1] === "") {
    const length = Math.min(Number(found[2]), size);
    return length === 0 ? "unsatisfiable" : { offset: size - length, length };
  }
  const offset = Number(found[1]);
  const last = found[2] === "" ? size - 1 : Math.min(Number(found[2]), size - 1);
  if (found[2] !== "" && Number(found[2]) < offset) return undefined;
  return offset >= size ? "unsatisfiable" : { offset, length: last - offset + 1 };
}

/** Whether an `If-None-Match` or `If-Range` header names this ETag. */
export function names(header: string | undefined, etag: string): boolean {
  return (header ?? "").split(",").some((one) => {
    const tag = one.trim().replace(/^W\//, "");
    return tag === etag || tag === "*";
  });
}
