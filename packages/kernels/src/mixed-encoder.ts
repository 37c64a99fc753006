import type { CheckedBytes } from "./encoder.js";
import { grow, type KernelExports } from "./instance.js";

/** What the encoder's module exports for mode 4 of `mechanism`. */
export interface MixedExports extends KernelExports {
  crc32c(from: number, length: number): number;
  openMixedFloat32(...args: number[]): number;
  openMixedFloat64(...args: number[]): number;
  encodeMixedFloat32(...args: number[]): number;
  encodeMixedFloat64(...args: number[]): number;
}

const LATTICE_STRIDE = 32;
/** A code is at most this much longer than its values, and so many bytes. */
const MOST_GROWTH = 1.25;
const LEAST_ROOM = 4096;

/**
 * Codes a chunk under the mixed model (mode 4) as its side information says. `mask` has a byte a value;
 * it is there where the side information says so. Undefined where such a model would need more memory than
 * a decoder gives it. `fields` is 0, or where the addresses of a joint chunk's fields lie.
 */
export function codeMixedChunk(
  kernel: MixedExports,
  place: (sizes: readonly number[]) => number[],
  values: Float32Array | Float64Array,
  mask: Uint8Array | undefined,
  side: Uint8Array,
  fields = 0,
): CheckedBytes | undefined {
  const count = values.length;
  const size = values.BYTES_PER_ELEMENT;
  const [sideAt, room, input, maskAt, output, scratch] = place([
    side.length,
    side.length * LATTICE_STRIDE,
    values.byteLength,
    mask ? count : 0,
    Math.ceil(values.byteLength * MOST_GROWTH) + LEAST_ROOM,
    0,
  ]);
  grow(kernel.memory, scratch);
  new Uint8Array(kernel.memory.buffer).set(side, sideAt);
  const open = size === 4 ? kernel.openMixedFloat32 : kernel.openMixedFloat64;
  const needed = open(sideAt, side.length, count, room, fields) >>> 0;
  if (needed === 0) return undefined;
  grow(kernel.memory, scratch + needed + 64);
  const memory = new Uint8Array(kernel.memory.buffer);
  memory.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), input);
  if (mask) memory.set(mask, maskAt);
  const encode = size === 4 ? kernel.encodeMixedFloat32 : kernel.encodeMixedFloat64;
  const length = (encode(input, maskAt, count, scratch, output) >>> 0) - output;
  return {
    bytes: new Uint8Array(kernel.memory.buffer, output, length).slice(),
    checksum: kernel.crc32c(output, length) >>> 0,
  };
}
