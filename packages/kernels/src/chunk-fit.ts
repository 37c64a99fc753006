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
  /** The sum of the logarithms, base 2, of the errors of the first `rows`, none less than `least`. */
  logarithms(solution: Float64Array, rows: number, least: number): number;
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

export function gatherSamples(
  kernel: FitExports,
  place: FitPlace,
  geometry: Geometry,
  kind: number,
  sources: readonly Source[],
  wanted: number,
): FitSamples {
  const unknowns = 1 + 3 * sources.length;
  const columns = unknowns + 1 + ((unknowns + 1) % 2);
  const sourcesAt = place.free + 64;
  const magnitudeAt = sourcesAt + 256;
  const solutionAt = magnitudeAt + 64;
  const sumsAt = solutionAt + columns * 8 + 64;
  const scratchAt = sumsAt + columns * columns * 8 + 64;
  const errorsAt = scratchAt + MEDIAN_OF * 8;
  const samplesAt = errorsAt + wanted * 8 + 64;
  grow(kernel.memory, samplesAt + (wanted + 1) * columns * 8 + 64);
  const rows = new Int32Array(kernel.memory.buffer, sourcesAt, 4 * sources.length);
  sources.forEach(({ dt, dz, dy }, k) => {
    rows[4 * k] = dt;
    rows[4 * k + 1] = dz;
    rows[4 * k + 2] = dy;
  });
  const { outer, depth, height, width, bands } = geometry;
  const gather = place.size === 4 ? kernel.gatherSamplesFloat32 : kernel.gatherSamplesFloat64;
  const box = [outer, depth, height, width, bandHeight(geometry), bands];
  const count = gather(
    ...[place.values, place.mask, ...box, kind, sourcesAt, sources.length],
    ...[columns, wanted, samplesAt, magnitudeAt],
  );
  const doubles = (at: number, length: number) =>
    new Float64Array(kernel.memory.buffer, at, length);
  const errorsOf = (solution: Float64Array, many: number) => {
    const padded = doubles(solutionAt, columns);
    padded.fill(0);
    padded.set(solution);
    kernel.sampleErrors(samplesAt, solutionAt, many, columns, errorsAt);
  };
  return {
    count,
    columns,
    magnitude: count > 0 ? doubles(magnitudeAt, 1)[0] / count : 0,
    reweighted(solution, many) {
      errorsOf(solution, many);
      if (!kernel.weightsOfErrors(errorsAt, many, scratchAt)) return undefined;
      kernel.normalEquations(samplesAt, errorsAt, many, columns, sumsAt);
      return doubles(sumsAt, columns * columns).slice();
    },
    logarithms(solution, many, least) {
      errorsOf(solution, many);
      return kernel.logarithmsOfErrors(errorsAt, many, least);
    },
    rows: () => doubles(samplesAt, count * columns).slice(),
  };
}
