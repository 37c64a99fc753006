import { bytesOf, bytesPerValue, type NumericArray, type VariableSource } from "@fieldzip/core";

/** The same variable with some of its axes the other way round. */
export function mirrored(source: VariableSource, axes: readonly boolean[]): VariableSource {
  if (!axes.includes(true)) return source;
  return {
    ...source,
    async readBox(box, signal) {
      const start = box.start.map((from, axis) =>
        axes[axis] ? source.shape[axis] - from - box.shape[axis] : from,
      );
      const data = (await source.readBox({ start, shape: box.shape }, signal)) as NumericArray;
      const out = data.slice();
      const size = bytesPerValue(source.dataType);
      const [from, to] = [bytesOf(data), bytesOf(out)];
      let inner = size;
      for (let axis = axes.length - 1; axis >= 0; axis--) {
        const count = box.shape[axis];
        if (axes[axis]) {
          reverse(from, to, count, inner);
          from.set(to);
        }
        inner *= count;
      }
      return out;
    },
  };
}

/** A variable without steps as one that is the same at each of them. */
export function repeated(source: VariableSource, steps: string, count: number): VariableSource {
  return {
    ...source,
    shape: [count, ...source.shape],
    dimensions: [steps, ...source.dimensions],
    storedChunk: source.storedChunk && [1, ...source.storedChunk],
    async readBox({ start, shape }, signal) {
      const box = { start: start.slice(1), shape: shape.slice(1) };
      const data = (await source.readBox(box, signal)) as NumericArray;
      const out = new (data.constructor as Float32ArrayConstructor)(shape[0] * data.length);
      for (let k = 0; k < shape[0]; k++) {
        bytesOf(out).set(bytesOf(data), k * data.byteLength);
      }
      return out;
    },
  };
}

/** Copies runs of `count` parts of `size` bytes in the opposite order. */
function reverse(from: Uint8Array, to: Uint8Array, count: number, size: number): void {
  for (let start = 0; start < from.length; start += count * size) {
    for (let k = 0; k < count; k++) {
      const part = from.subarray(start + k * size, start + (k + 1) * size);
      to.set(part, start + (count - 1 - k) * size);
    }
  }
}
