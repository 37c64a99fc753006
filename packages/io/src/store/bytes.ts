import type { FieldzipError } from "@fieldzip/core";

/** One array of all parts, in order. */
export function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0];
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** All bytes of a stream; `tooLong` is thrown, and the stream cancelled, as soon as there are more than `limit`. */
export async function readStream(
  stream: ReadableStream<Uint8Array>,
  limit: number,
  tooLong: () => FieldzipError,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let total = 0;
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return joinBytes(parts);
      total += value.length;
      if (total > limit) throw tooLong();
      parts.push(value);
    }
  } catch (error) {
    await reader.cancel().catch(() => {});
    throw error;
  }
}
