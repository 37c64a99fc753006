import {
  addSimilarity,
  bytesPerValue,
  countOf,
  noSimilarity,
  type PowerSpectra,
  type RunOptions,
  type SimilaritySums,
  type SimilarityTask,
  type SpectraTask,
  type SpectrumReport,
  similarityReport,
  similarityWindow,
  spectrumReport,
  throwIfAborted,
  type ValueScale,
  type WorkerPool,
} from "@fieldzip/core";
import { type Field, readPart } from "./fields.js";
import type { Pair } from "./points.js";

/** Structural similarity of a field, the mean over places. 1 for equal fields. */
export interface Similarity {
  /** By the axis that the slices lie across; only axes whose slices have two axes. */
  readonly slices: Readonly<Record<string, number>>;
  /** The mean of these. */
  readonly slice: number;
  /** Of windows in three axes, where the field has three. */
  readonly volume?: number;
}

export interface Spectrum extends SpectrumReport {
  /** The largest wave number. */
  readonly waveNumbers: number;
  /** Extents of the middle part that was transformed, where the field is too large. */
  readonly part?: readonly number[];
}

/** Values of a field that are measured at once for similarity, the planes that parts share aside. */
const PART_VALUES = 2 ** 21;
/** Values of a field that are transformed, at most: 256^3, and 32 bytes of memory for each. */
export const SPECTRUM_VALUES = 2 ** 24;

/** Axes across which slices have two axes. */
function slicedAxes({ shape }: Field): number[] {
  const extended = shape.map((extent) => extent > 1);
  return [0, 1, 2].filter((axis) => [0, 1, 2].every((other) => other === axis || extended[other]));
}

/** The similarity of equal fields; undefined for a field of fewer than two axes. */
export function fullSimilarity(field: Field): Similarity | undefined {
  const axes = slicedAxes(field);
  if (axes.length === 0) return undefined;
  return {
    slices: Object.fromEntries(axes.map((axis) => [nameOf(field, axis), 1])),
    slice: 1,
    volume: axes.length === 3 ? 1 : undefined,
  };
}

function nameOf({ axes }: Field, axis: number): string {
  return axes[axis] || "whole";
}

/** SSIM of a field, planes by planes. Undefined for a field of fewer than two axes. */
export async function measureSimilarity(
  { original, decoded }: Pair,
  field: Field,
  scale: ValueScale,
  { pool, signal, onDone }: Work,
): Promise<Similarity | undefined> {
  const axes = slicedAxes(field);
  if (axes.length === 0) return undefined;
  const { shape } = field;
  const overlap = similarityWindow(shape[0]) - 1;
  const planes = Math.max(overlap + 1, Math.ceil(PART_VALUES / (shape[1] * shape[2])));
  const sums = noSimilarity(shape);
  for (let from = 0; from < shape[0]; from += planes) {
    throwIfAborted(signal);
    const count = Math.min(planes + overlap, shape[0] - from);
    const ownPlanes = Math.min(planes, shape[0] - from);
    const box = { start: [from, 0, 0], shape: [count, shape[1], shape[2]] };
    const task: SimilarityTask = {
      original: await readPart(original, field, box, signal),
      decoded: await readPart(decoded, field, box, signal),
      shape,
      scale,
      part: { from, count, ownPlanes },
    };
    addSimilarity(
      sums,
      await pool.run<SimilarityTask, SimilaritySums>("similarity-sums", task, give(signal)),
    );
    onDone(ownPlanes * shape[1] * shape[2] * bytesPerValue(original.dataType));
  }
  const report = similarityReport(sums);
  const slices = axes.map((axis) => report.slices[axis]);
  return {
    slices: Object.fromEntries(axes.map((axis, k) => [nameOf(field, axis), slices[k]])),
    slice: slices.reduce((sum, value) => sum + value, 0) / slices.length,
    volume: axes.length === 3 ? report.volume : undefined,
  };
}

/** Power spectra of a field, or of its middle where it is too large; undefined where values are missing. */
export async function measureSpectrum(
  { original, decoded }: Pair,
  field: Field,
  { pool, signal, onDone }: Work,
): Promise<Spectrum | undefined> {
  throwIfAborted(signal);
  const shape = middleShape(field.shape);
  const box = { start: field.shape.map((extent, axis) => (extent - shape[axis]) >> 1), shape };
  const spectra = await pool.run<SpectraTask, PowerSpectra | undefined>(
    "power-spectra",
    {
      original: await readPart(original, field, box, signal),
      decoded: await readPart(decoded, field, box, signal),
      shape,
    },
    give(signal),
  );
  onDone(countOf(field.shape) * bytesPerValue(original.dataType));
  if (!spectra) return undefined;
  const part = countOf(shape) < countOf(field.shape) ? shape : undefined;
  return { ...spectrumReport(spectra), waveNumbers: spectra.original.length - 1, part };
}

/** The longest axes are halved until what is left is few enough values. */
function middleShape(extents: readonly number[]): number[] {
  const shape = [...extents];
  while (countOf(shape) > SPECTRUM_VALUES) {
    const longest = shape.indexOf(Math.max(...shape));
    shape[longest] = Math.ceil(shape[longest] / 2);
  }
  return shape;
}

export interface Work {
  readonly pool: WorkerPool;
  readonly signal?: AbortSignal;
  /** Called with bytes of original data that are done. */
  readonly onDone: (bytes: number) => void;
}

function give(signal?: AbortSignal): RunOptions {
  return { signal, give: true };
}
