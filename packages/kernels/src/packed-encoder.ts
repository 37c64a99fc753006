import { type FitExports, type FitSamples, gatherSamples } from "./chunk-fit.js";
import { bandHeight, countOfGeometry, type Geometry, type Plan, type Source } from "./geometry.js";
import { grow, type KernelExports } from "./instance.js";

/** What `encoder.ts` lends: the layout of what it shares with this one. */
export interface PackedTools {
  readonly addresses: (base: number, sizes: readonly number[]) => number[];
  readonly writePlan: (view: DataView, plan: Plan, size: number) => void;
  readonly writeLattice: (view: DataView, at: number, lattice: PackedLattice) => void;
  readonly planBytes: number;
}

type PackedLattice =
  | { readonly offset: number; readonly step: number }
  | { readonly divisor: number };

export interface PackedExports extends KernelExports, FitExports {
  crc32c(from: number, length: number): number;
  startBlocks(low: number, quotients: number, widths: number): void;
  finishLow(): number;
  finishQuotients(): number;
  finishWidths(): number;
  encodeRuns(mask: number, count: number, out: number): number;
  packFloat32(...args: number[]): void;
  packFloat64(...args: number[]): void;
  weightsOfRuns(errors: number, rows: number, least: number): void;
  logarithmsOfRuns(errors: number, rows: number, least: number): number;
  toIndicesFloat32(...args: number[]): number;
  toIndicesFloat64(...args: number[]): number;
  maskOfFloat32(values: number, count: number, bits: number, mask: number): number;
  maskOfFloat64(values: number, count: number, bits: bigint, mask: number): number;
  fillMasked32(...args: number[]): void;
  fillMasked64(...args: number[]): void;
}

/** Bytes in the kernels' memory and their CRC-32C: valid until the encoder's next call of any kind. */
export interface BorrowedBytes {
  readonly bytes: Uint8Array;
  readonly checksum: number;
}

/**
 * One chunk's way into mode 3, in this order: mark what is masked, put slices on their lattices, fill, look at the
 * field to learn a plan, pack. Everything returned is a view of the kernels' memory: no copies are made.
 */
export interface PackedChunk {
  /** The values as they are predicted: at first those of the chunk. */
  readonly field: Float32Array | Float64Array;
  /** Masks all values with these bits (of the value at this index); returns how many, and the runs. */
  mask(index: number): { readonly masked: number; readonly runs: BorrowedBytes };
  /** Takes the mask back. */
  unmask(): void;
  /** Byte per value, 1 where it is masked; undefined without a mask. */
  masked(): Uint8Array | undefined;
  /**
   * Turns the values from `from` on into their indices on a lattice. Returns the places of those that are on none, or undefined
   * where these are more than `most`: then the values stay.
   */
  toIndices(
    from: number,
    length: number,
    lattice: PackedLattice,
    most: number,
  ): Uint32Array | undefined;
  /** Gives masked values those at their left. */
  fill(): void;
  /** Takes up to `wanted` samples of the rows of a kind, masked values left out. */
  samples(kind: number, sources: readonly Source[], wanted: number): FitSamples;
  /** Predicts and packs: the section "residual blocks". `indexed` has a byte a slice, 1 where it holds indices. */
  pack(plan: Plan, indexed?: Uint8Array): BorrowedBytes;
}

/** Room for samples behind the chunk, so that memory does not grow, and views of it stay good, while it is open. */
const SAMPLES_ROOM = 2 ** 19;
/** Residuals that wait until they are packed, besides a row of them (`assembly/encode-packed.ts`). */
const BATCH = 2048;
const BLOCK = 16;

/** Opens a chunk; what comes of it is valid until the next `open…`. */
export function openPacked(
  kernel: PackedExports,
  base: number,
  values: Float32Array | Float64Array,
  geometry: Geometry,
  tools: PackedTools,
): PackedChunk {
  const count = countOfGeometry(geometry);
  if (count !== values.length || count === 0) {
    throw new RangeError(`geometry of ${count} values for ${values.length}`);
  }
  const { outer, depth, height, width } = geometry;
  const size = values.BYTES_PER_ELEMENT;
  const [
    plans,
    lattice,
    slices,
    sums,
    room,
    row,
    mask,
    runs,
    input,
    places,
    section,
    quotients,
    widths,
    end,
  ] = tools.addresses(base, [
    tools.planBytes,
    32,
    outer * depth,
    width * size,
    (width + BATCH + 2 * BLOCK) * size,
    width * size,
    count,
    count + 16,
    count * size,
    count,
    // Low bits are fewer than the values'; quotients take up to 2 bytes, widths up to 67 bits a block.
    count * size + 2 * BLOCK * size,
    2 * count + 2 * BLOCK + 16,
    (count / BLOCK + 2) * 9,
  ]);
  grow(kernel.memory, end + SAMPLES_ROOM);
  const { buffer } = kernel.memory;
  const Floats = size === 4 ? Float32Array : Float64Array;
  const field = new Floats(buffer, input, count);
  // As bytes: a signalling NaN stays one.
  const copyIn = (from: number, length: number) =>
    new Uint8Array(buffer, input + from * size, length * size).set(
      new Uint8Array(values.buffer, values.byteOffset + from * size, length * size),
    );
  copyIn(0, count);
  let hasMask = false;
  let hasIndices = false;
  let leastError = 1;
  // Errors are weighed and judged by the blocks that they will stand in.
  const fit: FitExports = {
    memory: kernel.memory,
    gatherSamplesFloat32: kernel.gatherSamplesFloat32,
    gatherSamplesFloat64: kernel.gatherSamplesFloat64,
    normalEquations: kernel.normalEquations,
    sampleErrors: kernel.sampleErrors,
    weightsOfErrors(errors, rows) {
      kernel.weightsOfRuns(errors, rows, leastError);
      return 1;
    },
    logarithmsOfErrors: kernel.logarithmsOfRuns,
  };
  const borrowed = (from: number, to: number) => ({
    bytes: new Uint8Array(buffer, from, to - from),
    checksum: kernel.crc32c(from, to - from) >>> 0,
  });
  return {
    field,
    mask(index) {
      hasMask = true;
      const view = new DataView(buffer, input + index * size, size);
      const masked =
        size === 4
          ? kernel.maskOfFloat32(input, count, view.getUint32(0, true), mask)
          : kernel.maskOfFloat64(input, count, view.getBigUint64(0, true), mask);
      return { masked, runs: borrowed(runs, kernel.encodeRuns(mask, count, runs) >>> 0) };
    },
    unmask() {
      hasMask = false;
    },
    masked: () => (hasMask ? new Uint8Array(buffer, mask, count) : undefined),
    toIndices(from, length, wanted, most) {
      tools.writeLattice(new DataView(buffer), lattice, wanted);
      const toIndicesOf = size === 4 ? kernel.toIndicesFloat32 : kernel.toIndicesFloat64;
      const at = input + from * size;
      const limit = Math.min(most, count >> 2);
      const off = toIndicesOf(
        ...[at, length, lattice, hasMask ? mask + from : 0, at, from, places, limit],
      );
      if (off <= limit) {
        hasIndices = true;
        return new Uint32Array(buffer, places, off);
      }
      copyIn(from, length);
      return undefined;
    },
    fill() {
      if (!hasMask) return;
      const fillMasked = size === 4 ? kernel.fillMasked32 : kernel.fillMasked64;
      fillMasked(input, mask, outer * depth, depth, height, width, bandHeight(geometry));
    },
    samples(kind, sources, wanted) {
      const place = { values: input, mask: hasMask ? mask : 0, size, free: end };
      const samples = gatherSamples(fit, place, geometry, kind, sources, wanted);
      // Half of what a float resolves, or an index.
      leastError = hasIndices ? 0.25 : samples.magnitude * 2 ** (size === 4 ? -25 : -54);
      leastError = Math.max(leastError, Number.MIN_VALUE * 2 ** 60);
      return samples;
    },
    pack(plan, indexed) {
      tools.writePlan(new DataView(buffer, plans, tools.planBytes), plan, size);
      if (indexed) new Uint8Array(buffer, slices, outer * depth).set(indexed);
      kernel.startBlocks(section + 8, quotients, widths);
      const pack = size === 4 ? kernel.packFloat32 : kernel.packFloat64;
      pack(
        ...[input, plans, outer, depth, height, width, bandHeight(geometry)],
        ...[hasMask ? mask : 0, indexed ? slices : 0, sums, room, row],
      );
      // The low bits are in place; quotients and widths follow them.
      const bytes = new Uint8Array(buffer);
      const append = (at: number, from: number, to: number) => {
        bytes.copyWithin(at, from, to);
        return at + (to - from);
      };
      const quotientsEnd = kernel.finishQuotients() >>> 0;
      const widthsEnd = kernel.finishWidths() >>> 0;
      const quotientsAt = kernel.finishLow() >>> 0;
      const widthsAt = append(quotientsAt, quotients, quotientsEnd);
      const last = append(widthsAt, widths, widthsEnd);
      const header = new DataView(buffer, section, 8);
      header.setUint32(0, quotientsEnd - quotients, true);
      header.setUint32(4, widthsEnd - widths, true);
      return borrowed(section, last);
    },
  };
}
