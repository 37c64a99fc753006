/** Binding of the kernels that samples of an open chunk are taken and fitted with. */
import { bandHeight, type Geometry, type Source } from "./geometry.js";
import { grow, type KernelExports } from "./instance.js";

export interface FitExports extends KernelExports {
  gatherSamplesFloat32(...args: number[]): number;
  gatherSamplesFloat64(...args: number[]): number;
  weightsOfErrors(errors: number, rows: number, scratch: number): number;
  logarithmsOfErrors(errors: number, rows: number, least: number): number;
  normalEquations(
    samples: number,
    weights: number,
    rows: number,
    columns: number,
    sums: number,
  ): void;
  sampleErrors(...args: number[]): void;
}

/** Samples of one kind of rows of an open chunk; valid until the next ones are taken. */
export interface FitSamples {
  readonly count: number;
  /** Columns of a sample: the second value to the left, three of every source, at times an idle one, the value; all minus the value at the left. */
  readonly columns: number;
  /** Mean magnitude of the values at the left. */
  readonly magnitude: number;
  /**
   * Normal equations (columns x columns, lower triangle) of the first `rows` samples, each weighted by
   * delta / (delta + the error that `solution` leaves); undefined where it leaves none.
   */
  reweighted(solution: Float64Array, rows: number): Float64Array | undefined;
  /** The sum of the logarithms, base 2, of the errors of `rows` samples from number `first` on, none less than `least`. */
  logarithms(solution: Float64Array, rows: number, least: number, first?: number): number;
  /** The samples themselves, for tests. */
  rows(): Float64Array;
}

/** Where the chunk lies; `free` is the first address behind it. */
export interface FitPlace {
  readonly values: number;
  readonly mask: number;
  readonly size: number;
  readonly free: number;
}

const MEDIAN_OF = 512;

/** Columns of samples: an even number, the last one the regressand. */
export function columnsFor(unknowns: number): number {
  return unknowns + 1 + ((unknowns + 1) % 2);
}

/** Where samples, and what they are fitted with, lie from `free` on. */
export function layOutSamples(kernel: FitExports, free: number, columns: number, wanted: number) {
  const sources = free + 64;
  const magnitudes = sources + 1024;
  const solution = magnitudes + 1024;
  const sums = solution + columns * 8 + 64;
  const scratch = sums + columns * columns * 8 + 64;
  const errors = scratch + MEDIAN_OF * 8;
  const samples = errors + wanted * 8 + 64;
  grow(kernel.memory, samples + (wanted + 1) * columns * 8 + 64);
  return { sources, magnitudes, solution, sums, scratch, errors, samples };
}

/** What can be asked of `count` samples that lie there. */
export function samplesAt(
  kernel: FitExports,
  at: ReturnType<typeof layOutSamples>,
  count: number,
  columns: number,
): Omit<FitSamples, "magnitude"> {
  const doubles = (from: number, length: number) =>
    new Float64Array(kernel.memory.buffer, from, length);
  const errorsOf = (solution: Float64Array, many: number, first = 0) => {
    const padded = doubles(at.solution, columns);
    padded.fill(0);
    padded.set(solution);
    const samples = at.samples + first * columns * 8;
    kernel.sampleErrors(samples, at.solution, many, columns, at.errors);
  };
  return {
    count,
    columns,
    reweighted(solution, many) {
      errorsOf(solution, many);
      if (!kernel.weightsOfErrors(at.errors, many, at.scratch)) return undefined;
      kernel.normalEquations(at.samples, at.errors, many, columns, at.sums);
      return doubles(at.sums, columns * columns).slice();
    },
    logarithms(solution, many, least, first) {
      errorsOf(solution, many, first);
      return kernel.logarithmsOfErrors(at.errors, many, least);
    },
    rows: () => doubles(at.samples, count * columns).slice(),
  };
}

export function gatherSamples(
  kernel: FitExports,
  place: FitPlace,
  geometry: Geometry,
  kind: number,
  sources: readonly Source[],
  wanted: number,
): FitSamples {
  const columns = columnsFor(1 + 3 * sources.length);
  const at = layOutSamples(kernel, place.free, columns, wanted);
  const rows = new Int32Array(kernel.memory.buffer, at.sources, 4 * sources.length);
  sources.forEach(({ dt, dz, dy }, k) => {
    rows.set([dt, dz, dy], 4 * k);
  });
  const { outer, depth, height, width, bands } = geometry;
  const gather = place.size === 4 ? kernel.gatherSamplesFloat32 : kernel.gatherSamplesFloat64;
  const box = [outer, depth, height, width, bandHeight(geometry), bands];
  const count = gather(
    ...[place.values, place.mask, ...box, kind, at.sources, sources.length],
    ...[columns, wanted, at.samples, at.magnitudes],
  );
  const [magnitudes] = new Float64Array(kernel.memory.buffer, at.magnitudes, 1);
  return {
    ...samplesAt(kernel, at, count, columns),
    magnitude: count > 0 ? magnitudes / count : 0,
  };
}
