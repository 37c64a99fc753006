/**
 * 8-bit text of NetCDF and HDF5 as JavaScript strings and back, without loss. Text is UTF-8 in
 * nearly every file; bytes that are not valid UTF-8 (Latin-1 names of older models) become the lone
 * surrogates U+DC80 to U+DCFF, as in Python's `surrogateescape`, and turn back into the same bytes.
 */
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

export function decodeText(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch {
    return decodeEscaped(bytes);
  }
}

/** Bytes of `text`; the inverse of `decodeText`. */
export function encodeText(text: string): Uint8Array {
  if (!/[\udc80-\udcff]/.test(text)) return encoder.encode(text);
  const parts: Uint8Array[] = [];
  // With the u flag a surrogate matches only where it stands alone.
  for (const part of text.split(/([\udc80-\udcff])/u)) {
    const code = part.charCodeAt(0);
    const escaped = part.length === 1 && code >= 0xdc80 && code <= 0xdcff;
    parts.push(escaped ? Uint8Array.of(code - 0xdc00) : encoder.encode(part));
  }
  return Buffer.concat(parts);
}

function decodeEscaped(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes[at]);
    const piece = bytes.subarray(at, at + length);
    try {
      text += strict.decode(piece);
      at += length;
    } catch {
      text += String.fromCharCode(0xdc00 + bytes[at]);
      at += 1;
    }
  }
  return text;
}

/** Bytes of the UTF-8 sequence that starts with `first`. */
function sequenceLength(first: number): number {
  if (first >= 0xf0) return 4;
  if (first >= 0xe0) return 3;
  return first >= 0xc0 ? 2 : 1;
}
