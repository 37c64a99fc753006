import { type FitExports, type FitPlace, type FitSamples, gatherSamples } from "./chunk-fit.js";
import {
  ACTIVITIES,
  bandHeight,
  CLASSES,
  countOfGeometry,
  type Geometry,
  type JointPlan,
  type JointSource,
  type JointStencil,
  MAX_JOINT_SOURCES,
  MAX_SOURCES,
  type Plan,
  PROBABILITY_BITS,
  type Source,
  type Stencil,
} from "./geometry.js";
import { compileEmbedded, grow, instantiate, type KernelExports } from "./instance.js";
import { type JointEncoder, type JointExports, openJoint } from "./joint-encoder.js";
import { codeMixedChunk, type MixedExports } from "./mixed-encoder.js";
import { encodeModule } from "./modules.generated.js";
import { openPacked, type PackedChunk, type PackedExports } from "./packed-encoder.js";
import { openSolver, type SectionSolver, type SolveExports } from "./solve-encoder.js";

export interface EncodeExports
  extends KernelExports,
    FitExports,
    SolveExports,
    PackedExports,
    JointExports,
    MixedExports {
  heap(): number;
  buildCrcTables(): void;
  crc32c(from: number, length: number): number;
  residualsFloat32(...args: number[]): void;
  residualsFloat64(...args: number[]): void;
  packBitsFloat32(residuals: number, classes: number, count: number, to: number): number;
  packBitsFloat64(residuals: number, classes: number, count: number, to: number): number;
  classesOf32(integers: number, classes: number, count: number): void;
  classesOf64(integers: number, classes: number, count: number): void;
  countChunk(...args: number[]): void;
  encodeChunk(...args: number[]): number;
  encodeMask(...args: number[]): number;
  encodeCopies(...args: number[]): number;
  fillMasked32(...args: number[]): void;
  fillMasked64(...args: number[]): void;
  findCopies32(...args: number[]): number;
  findCopies64(...args: number[]): number;
  misfitsFloat32(...args: number[]): number;
  misfitsFloat64(...args: number[]): number;
  markPattern32(...args: number[]): number;
  markPattern64(...args: number[]): number;
}

/** Bytes and their CRC-32C. */
export interface CheckedBytes {
  readonly bytes: Uint8Array;
  readonly checksum: number;
}

/** Frequency and cumulative frequency of every class (CLASSES of them) in one context. */
export interface ClassFrequencies {
  readonly frequencies: Uint16Array;
}

/** The encoder's kernels, in their own WebAssembly memory. Calls build on each other: see `ChunkEncoder`. */
export interface Encoder {
  /** Takes samples in: rows of `columns` (an even number), the last one the regressand. */
  samples(samples: Float64Array, columns: number): Samples;
  /** CRC-32C of bytes, faster than plain TypeScript. */
  checksum(bytes: Uint8Array): number;
  /** Takes a chunk in; what is returned is valid until the next `open`. */
  open(values: Float32Array | Float64Array, geometry: Geometry, mapping?: Mapping): ChunkEncoder;
  /** Takes zigzag integers in, to be coded like residuals. Valid until the next `open…`. */
  openIntegers(
    integers: Uint32Array | BigUint64Array,
    geometry: Geometry,
    mask?: Uint8Array,
  ): IntegerEncoder;
  /** A mask (1 for a masked value, else 0), range coded. */
  codeMask(mask: Uint8Array, geometry: Omit<Geometry, "bands">): CheckedBytes;
  /** Room for the variables of a joint chunk, beside which each is coded. Valid until the next `open…`. */
  openJoint(variables: number, count: number, type: "float32" | "float64"): JointEncoder;
  /** Takes a chunk in for mode 3, "packed"; what is returned is valid until the next `open…`. */
  openPacked(values: Float32Array | Float64Array, geometry: Geometry): PackedChunk;
  /** The solver of `mechanism-solve` for sections of one size; valid until the next `open…`. */
  openSolver(height: number, width: number): SectionSolver;
  /**
   * Codes a chunk under the mixed model as its side information (mode 4) says; undefined where that would need
   * more memory than a decoder gives it.
   */
  codeMixed(
    values: Float32Array | Float64Array,
    mask: Uint8Array | undefined,
    side: Uint8Array,
  ): CheckedBytes | undefined;
}

/** Samples of a least-squares problem, valid until the encoder's next call; `least-squares/kernel.ts`. */
export interface Samples {
  /** Weighted normal equations of the first samples, one a weight: columns x columns, lower triangle. */
  normalEquations(weights: Float64Array): Float64Array;
  /** |regressand - prediction| of the first `rows` samples; `solution` is padded with zeros. */
  errors(solution: Float64Array, rows: number): Float64Array;
}

/** What the values of a chunk are, where they are not plain floats. */
export interface Mapping {
  /** 1 for a masked value (which holds the value at its left: see `fillMasked`), 2 for a copied one, 0 for another. */
  readonly mask?: Uint8Array;
  /** Instead: the bytes that every masked value has, and no other. */
  readonly pattern?: Uint8Array;
  /** Room for copies, which `findCopies` may find. */
  readonly copies?: boolean;
  /** How many values before a copied value its original lies. */
  readonly distances?: Uint32Array;
  /** The lattice of every slice. */
  readonly lattices?: readonly (Lattice | undefined)[];
}

/** Values that are integers in disguise: offset + k * step, or k / divisor. */
export type Lattice =
  | { readonly offset: number; readonly step: number }
  | { readonly divisor: number };

/** One chunk's way through the encoder: fit, predict, then pack the bits, count, encode the classes. */
export interface ChunkEncoder {
  /** Places in a slice of values that are not masked and not, to the bit, on a lattice; undefined where they are more than `most`. */
  misfits(slice: number, lattice: Lattice, most: number): Uint32Array | undefined;
  /** Sets the lattice of every slice, and the values at some places: those that stand in for exceptions. */
  putLattices(
    lattices: readonly (Lattice | undefined)[],
    places: readonly number[],
    points: readonly number[],
  ): void;
  /** Gives masked values those at their left, as a decoder has them while it predicts. */
  fillMasked(): void;
  /** Marks values that are copies of earlier ones, where there is room for copies; returns how many. */
  findCopies(): number;
  /** Takes up to `wanted` samples of the rows of a kind, values that are masked or copied left out. */
  samples(kind: number, sources: readonly Source[], wanted: number): FitSamples;
  /** Computes residuals and their classes under `plan`; the calls below speak about the last ones. */
  predict(plan: Plan | JointPlan): void;
  /** counts[activity * CLASSES + class] over the chunk. */
  count(): Uint32Array;
  /** Residual classes, range coded. `map` gives the context of an activity. */
  encodeClasses(map: Uint8Array, contexts: readonly ClassFrequencies[]): CheckedBytes;
  /** The mask, range coded; undefined where nothing is masked. */
  encodeMask(): CheckedBytes | undefined;
  /** The copies, range coded; undefined without any. */
  encodeCopies(): CheckedBytes | undefined;
  /** Residual bits. Call it before `count`, which gives masked values classes. */
  packBits(): CheckedBytes;
  /** Copies of the residuals' bit patterns and classes, for tests and inspection. */
  residuals(): { residuals: Uint8Array; classes: Uint8Array };
}

/** Coding of integers that are there already. */
export type IntegerEncoder = Pick<
  ChunkEncoder,
  "count" | "encodeClasses" | "encodeMask" | "packBits"
>;

const TOTAL = 2 ** PROBABILITY_BITS;
/** Of the tables of places that copies are looked for with: larger ones leave the cache. */
const MOST_PLACE_BITS = 15;
/** Where a stencil's weights stand, and how far its kinds are apart. */
interface PlanLayout {
  readonly weights: number;
  readonly stride: number;
}

const layoutFor = (sources: number): PlanLayout => ({
  weights: 24 + 16 * sources,
  stride: 24 + 16 * sources + sources * 3 * 8,
});
const SINGLE_PLAN = layoutFor(MAX_SOURCES);
const JOINT_PLAN = layoutFor(MAX_JOINT_SOURCES);
/** Mask byte of a masked value. */
const MASKED = 1;
const LATTICE_STRIDE = 32;
/** Sixteen contexts, and the one of masked values. */
const TABLE_BYTES = 17 * CLASSES * 16;

let module: WebAssembly.Module | undefined;

export function createEncoder(): Encoder {
  module ??= compileEmbedded(encodeModule);
  const kernel = instantiate<EncodeExports>(module);
  const base = kernel.heap() >>> 0;
  kernel.buildCrcTables();
  return encoderAt(kernel, base);
}

/** The encoder with its memory from `base` on. */
export function encoderAt(kernel: EncodeExports, base: number): Encoder {
  return {
    samples: (samples, columns) => openSamples(kernel, base, samples, columns),
    checksum(bytes) {
      const [from, end] = addresses(base, [bytes.length]);
      grow(kernel.memory, end);
      new Uint8Array(kernel.memory.buffer, from, bytes.length).set(bytes);
      return kernel.crc32c(from, bytes.length) >>> 0;
    },
    open: (values, geometry, mapping) => openChunk(kernel, base, values, geometry, mapping ?? {}),
    openIntegers(integers, geometry, mask) {
      // They stand where a chunk's values stand, and are never looked at as floats.
      const { buffer, byteOffset, length } = integers;
      const Floats = integers instanceof Uint32Array ? Float32Array : Float64Array;
      const values = new Floats(buffer as ArrayBuffer, byteOffset, length);
      const chunk = openChunk(kernel, base, values, geometry, { mask });
      chunk.takeResiduals();
      return chunk;
    },
    codeMask(mask, { outer, depth, height, width }) {
      // A bit never takes a byte.
      const [from, to, end] = addresses(base, [mask.length, mask.length + 64]);
      grow(kernel.memory, end);
      new Uint8Array(kernel.memory.buffer, from, mask.length).set(mask);
      const length = (kernel.encodeMask(from, outer * depth, depth, height, width, to) >>> 0) - to;
      return {
        bytes: new Uint8Array(kernel.memory.buffer, to, length).slice(),
        checksum: kernel.crc32c(to, length) >>> 0,
      };
    },
    openJoint: (variables, count, type) => openJoint(kernel, base, variables, count, type),
    openPacked: (values, geometry) =>
      openPacked(kernel, base, values, geometry, {
        addresses,
        writePlan,
        writeLattice,
        planBytes: 8 * SINGLE_PLAN.stride,
      }),
    openSolver: (height, width) =>
      openSolver(kernel, height, width, (sizes) => addresses(base, sizes)),
    codeMixed: (values, mask, side) =>
      codeMixedChunk(kernel, (sizes) => addresses(base, sizes), values, mask, side),
  };
}

function openSamples(
  kernel: EncodeExports,
  base: number,
  samples: Float64Array,
  columns: number,
): Samples {
  const rows = samples.length / columns;
  const [from, perRow, solutionAt, sums, end] = addresses(base, [
    samples.byteLength,
    rows * 8,
    columns * 8,
    columns * columns * 8 + 16,
  ]);
  grow(kernel.memory, end);
  const doubles = (at: number, length: number) =>
    new Float64Array(kernel.memory.buffer, at, length);
  doubles(from, samples.length).set(samples);
  return {
    normalEquations(weights) {
      doubles(perRow, weights.length).set(weights);
      kernel.normalEquations(from, perRow, weights.length, columns, sums);
      return doubles(sums, columns * columns).slice();
    },
    errors(solution, count) {
      const padded = doubles(solutionAt, columns);
      padded.fill(0);
      padded.set(solution);
      kernel.sampleErrors(from, solutionAt, count, columns, perRow);
      return doubles(perRow, count).slice();
    },
  };
}

/** `fields` is the table of the fields that stencils may use in a joint chunk, else 0. */
export function openChunk(
  kernel: EncodeExports,
  base: number,
  values: Float32Array | Float64Array,
  geometry: Geometry,
  { mask, pattern, lattices, distances, copies }: Mapping,
  fields = 0,
): ChunkEncoder & { takeResiduals(): void; readonly place: FitPlace } {
  const count = countOfGeometry(geometry);
  if (count !== values.length || count === 0) {
    throw new RangeError(`geometry of ${count} values for ${values.length}`);
  }
  const { outer, depth, height, width } = geometry;
  const size = values.BYTES_PER_ELEMENT;
  const hasMask = mask !== undefined || pattern !== undefined;
  const box = [outer, depth, height, width, bandHeight(geometry)];
  const [
    plans,
    table,
    map,
    states,
    counts,
    activity,
    sums,
    input,
    residuals,
    classes,
    maskAt,
    latticesAt,
    distancesAt,
    output,
    end,
  ] = addresses(base, [
    8 * (fields ? JOINT_PLAN : SINGLE_PLAN).stride,
    TABLE_BYTES,
    256,
    32,
    (ACTIVITIES + 1) * CLASSES * 4,
    width,
    width * size,
    count * size,
    count * size,
    count,
    hasMask || distances || copies ? count : 0,
    outer * depth * LATTICE_STRIDE,
    distances || copies ? count * 4 : 0,
    // Residual bits take at most as much as the values, classes at most 2 bytes a value.
    count * Math.max(size, 2) + 64,
  ]);
  grow(kernel.memory, end);
  const memory = () => kernel.memory.buffer;
  new Uint8Array(memory(), input, count * size).set(
    new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
  );
  let maskPointer = hasMask ? maskAt : 0;
  let copied = distances !== undefined;
  let latticePointer = lattices ? latticesAt : 0;
  if (fields) new Uint32Array(memory(), fields, 1)[0] = input;
  let masked = 0;
  if (pattern) {
    const view = new DataView(pattern.buffer, pattern.byteOffset, size);
    const mark = size === 4 ? kernel.markPattern32 : kernel.markPattern64;
    const [low, high] = [0, size - 4].map((at) => view.getUint32(at, true));
    masked = mark(input, count, low, high, maskAt) >>> 0;
  } else if (mask) {
    new Uint8Array(memory(), maskAt, count).set(mask);
    masked = mask.includes(MASKED) ? 1 : 0;
  }
  if (lattices) writeLattices(new DataView(memory(), latticesAt), lattices);
  if (distances) new Uint32Array(memory(), distancesAt, count).set(distances);
  const copy = (from: number, length: number) => new Uint8Array(memory(), from, length).slice();
  const checked = (from: number, length: number) => ({
    bytes: copy(from, length),
    checksum: kernel.crc32c(from, length) >>> 0,
  });
  return {
    place: { values: input, mask: hasMask ? maskAt : 0, size, free: end },
    misfits(slice, lattice, most) {
      const from = slice * height * width;
      writeLattices(new DataView(memory(), latticesAt), [lattice]);
      const find = size === 4 ? kernel.misfitsFloat32 : kernel.misfitsFloat64;
      const found =
        find(
          ...[input + from * size, hasMask ? maskAt + from : 0, height * width, latticesAt, most],
          output,
        ) >>> 0;
      return found > most ? undefined : new Uint32Array(memory(), output, found).slice();
    },
    putLattices(all, places, points) {
      writeLattices(new DataView(memory(), latticesAt), all);
      latticePointer = latticesAt;
      const Floats = size === 4 ? Float32Array : Float64Array;
      const field = new Floats(memory(), input, count);
      places.forEach((place, k) => {
        field[place] = points[k];
      });
    },
    fillMasked() {
      const fill = size === 4 ? kernel.fillMasked32 : kernel.fillMasked64;
      if (hasMask) fill(input, maskAt, outer * depth, depth, height, width, bandHeight(geometry));
    },
    findCopies() {
      if (!copies) return 0;
      if (!hasMask) new Uint8Array(memory(), maskAt, count).fill(0);
      const bits = Math.max(8, Math.min(MOST_PLACE_BITS, 33 - Math.clz32(count)));
      const tables = end;
      grow(kernel.memory, tables + 2 ** bits * 8);
      const find = size === 4 ? kernel.findCopies32 : kernel.findCopies64;
      const found = find(input, maskAt, distancesAt, count, height, width, tables, bits) >>> 0;
      if (found > 0) {
        maskPointer = maskAt;
        copied = true;
      }
      return found;
    },
    samples: (kind, sources, wanted) =>
      gatherSamples(
        kernel,
        { values: input, mask: maskPointer, size, free: end },
        geometry,
        kind,
        sources,
        wanted,
      ),
    predict(plan) {
      const layout = fields ? JOINT_PLAN : SINGLE_PLAN;
      writePlan(new DataView(memory(), plans, 8 * layout.stride), plan, size, layout);
      const rest = [plans, ...box, maskPointer, latticePointer, sums, residuals, classes];
      if (fields) {
        const residualsOf =
          size === 4 ? kernel.jointResidualsFloat32 : kernel.jointResidualsFloat64;
        residualsOf(fields, ...rest);
      } else {
        const residualsOf = size === 4 ? kernel.residualsFloat32 : kernel.residualsFloat64;
        residualsOf(input, ...rest);
      }
    },
    /** The input is the residuals themselves. */
    takeResiduals() {
      const classesOf = size === 4 ? kernel.classesOf32 : kernel.classesOf64;
      new Uint8Array(memory(), residuals, count * size).set(
        new Uint8Array(memory(), input, count * size),
      );
      classesOf(residuals, classes, count);
    },
    count() {
      kernel.countChunk(classes, ...box, maskPointer, activity, counts);
      return new Uint32Array(memory(), counts, ACTIVITIES * CLASSES).slice();
    },
    encodeClasses(activityMap, contexts) {
      new Uint8Array(memory(), map, 256).set(activityMap);
      writeTable(new DataView(memory(), table, TABLE_BYTES), contexts);
      const last = output + count * Math.max(size, 2) + 64;
      const words =
        kernel.encodeChunk(classes, ...box, maskPointer, map, table, activity, states, last) >>> 0;
      const first = words - 32;
      new Uint8Array(memory(), first, 32).set(new Uint8Array(memory(), states, 32));
      return checked(first, last - first);
    },
    encodeMask() {
      if (masked === 0) return undefined;
      const finish = kernel.encodeMask(maskAt, outer * depth, depth, height, width, output) >>> 0;
      return checked(output, finish - output);
    },
    encodeCopies() {
      if (!copied) return undefined;
      const finish = kernel.encodeCopies(maskAt, distancesAt, count, height, width, output) >>> 0;
      return checked(output, finish - output);
    },
    packBits() {
      const pack = size === 4 ? kernel.packBitsFloat32 : kernel.packBitsFloat64;
      return checked(output, (pack(residuals, classes, count, output) >>> 0) - output);
    },
    residuals: () => ({ residuals: copy(residuals, count * size), classes: copy(classes, count) }),
  };
}

/** Consecutive addresses of buffers of the given sizes, 64-byte aligned and 64 or more bytes apart, and the end. */
export function addresses(base: number, sizes: readonly number[]): number[] {
  const result: number[] = [];
  let at = Math.ceil(base / 64) * 64 + 64;
  for (const size of sizes) {
    result.push(at);
    at = Math.ceil((at + size) / 64) * 64 + 64;
  }
  return [...result, at];
}

/** Lays the stencils out as `stencil/kernel.ts` reads them. */
function writePlan(
  view: DataView,
  plan: Plan | JointPlan,
  size: number,
  { weights, stride }: PlanLayout = SINGLE_PLAN,
): void {
  const put = (at: number, value: number) =>
    size === 4 ? view.setFloat32(at, value, true) : view.setFloat64(at, value, true);
  for (let kind = 0; kind < 8; kind++) {
    const stencil: Stencil | JointStencil | undefined = plan[kind];
    const at = kind * stride;
    view.setInt32(at, stencil?.sources.length ?? 0, true);
    put(at + 8, stencil?.left[0] ?? 0);
    put(at + 16, stencil?.left[1] ?? 0);
    stencil?.sources.forEach((source: Source | JointSource, k) => {
      view.setInt32(at + 24 + 16 * k, source.dt, true);
      view.setInt32(at + 28 + 16 * k, source.dz, true);
      view.setInt32(at + 32 + 16 * k, source.dy, true);
      view.setInt32(at + 36 + 16 * k, "field" in source ? source.field : 0, true);
    });
    stencil?.weights.forEach((weight, k) => {
      put(at + weights + k * size, weight);
    });
  }
}

function writeLattices(view: DataView, lattices: readonly (Lattice | undefined)[]): void {
  lattices.forEach((lattice, slice) => {
    const at = slice * LATTICE_STRIDE;
    if (lattice) writeLattice(view, at, lattice);
    else view.setUint32(at, 0, true);
  });
}

function writeLattice(view: DataView, at: number, lattice: Lattice): void {
  const added = "step" in lattice;
  view.setUint32(at, added ? 1 : 2, true);
  view.setFloat64(at + 8, added ? lattice.offset : 0, true);
  view.setFloat64(at + 16, added ? lattice.step : lattice.divisor, true);
  view.setFloat64(at + 24, added ? 1 / lattice.step : lattice.divisor, true);
}

/** What `rans/kernel.ts` encodes with, for every class of every context. */
function writeTable(view: DataView, contexts: readonly ClassFrequencies[]): void {
  let at = 0;
  const put = (frequency: number, cumulative: number) => {
    const bits = 32 - Math.clz32(frequency - 1);
    view.setUint32(at, frequency * 2 ** (31 - PROBABILITY_BITS), true);
    view.setUint32(at + 4, Math.ceil(2 ** (31 + bits) / frequency), true);
    view.setUint8(at + 8, 31 + bits);
    view.setUint16(at + 10, TOTAL - frequency, true);
    view.setUint32(at + 12, cumulative, true);
    at += 16;
  };
  for (const { frequencies } of contexts) {
    let cumulative = 0;
    for (let symbol = 0; symbol < CLASSES; symbol++) {
      if (frequencies[symbol] > 0) put(frequencies[symbol], cumulative);
      else at += 16;
      cumulative += frequencies[symbol];
    }
  }
  // A masked value has its class for certain: the state stays as it is.
  for (let symbol = 0; symbol < CLASSES; symbol++) put(TOTAL, 0);
}
