/**
 * Prepares plain data (objects, arrays, typed arrays) for `postMessage`, which would otherwise clone
 * the whole buffer behind a view of a part of it.
 *
 * `copy` copies every view, so that the sender keeps its own; `give` hands buffers over where a view
 * covers all of one.
 */
export function isolate(
  value: unknown,
  mode: "copy" | "give",
): { value: unknown; transfer: ArrayBuffer[] } {
  const transfer = new Set<ArrayBuffer>();
  const visit = (part: unknown): unknown => {
    if (ArrayBuffer.isView(part)) {
      const view = part as Float64Array | Uint8Array;
      const whole = view.byteLength === view.buffer.byteLength;
      const own = mode === "give" && whole && view.buffer instanceof ArrayBuffer;
      // Not slice() for bytes: that of a Node Buffer does not copy.
      const kept = own ? view : view instanceof Uint8Array ? new Uint8Array(view) : view.slice();
      transfer.add(kept.buffer as ArrayBuffer);
      return kept;
    }
    if (Array.isArray(part)) return part.map(visit);
    // What is not a plain object (WebAssembly.Memory) travels as it is.
    if (part !== null && typeof part === "object" && isPlain(part)) {
      return Object.fromEntries(Object.entries(part).map(([key, entry]) => [key, visit(entry)]));
    }
    return part;
  };
  return { value: visit(value), transfer: [...transfer] };
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
