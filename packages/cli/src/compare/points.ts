import {
  addAgreement,
  type BitAgreement,
  bitAgreement,
  bytesPerValue,
  type ConservedSum,
  conservedSums,
  countOf,
  type DataArray,
  type DifferenceReport,
  differenceSums,
  type NumericArray,
  slabsTogether,
  throwIfAborted,
  type Variable,
} from "@fieldzip/core";
import { type Field, floatsOf } from "./fields.js";

/** Values that are NaN, infinite or a fill value. */
export interface MissingValues {
  readonly original: number;
  readonly decoded: number;
  /** At the same places in both. */
  readonly both: number;
}

/** What is measured value by value. */
export interface PointReport {
  /** Undefined where the data types differ; texts count as one bit. */
  readonly bits?: BitAgreement;
  readonly difference: DifferenceReport;
  readonly missing: MissingValues;
  readonly sum: ConservedSum;
}

/** The same variable of both datasets, and its fields. */
export interface Pair {
  readonly original: Variable;
  readonly decoded: Variable;
  readonly fields: readonly Field[];
}

/** Bytes of one dataset that are read at once. */
const SLAB_BYTES = 32 * 2 ** 20;

/** Measures every value of every field of `pairs`, slab by slab; what is stored jointly is decoded once. */
export async function measurePoints(
  pairs: readonly Pair[],
  onDone: (pair: Pair, bytes: number) => void,
  signal?: AbortSignal,
): Promise<Map<Field, PointReport>> {
  const sums = new Map(
    pairs.flatMap(({ fields }) => fields.map((field) => [field, pointSums()] as const)),
  );
  const pairOf = new Map(pairs.map((pair) => [pair.original.source, pair]));
  const unitOf = (source: Variable["source"]) => {
    const { original, decoded } = pairOf.get(source)!;
    const unit = decoded.source.storedChunk ?? original.source.storedChunk;
    return unit ?? source.shape.map(() => 1);
  };
  for (const { source, box } of slabsTogether([...pairOf.keys()], SLAB_BYTES, unitOf)) {
    throwIfAborted(signal);
    const pair = pairOf.get(source)!;
    const [a, b] = await Promise.all([
      pair.original.readBox(box, signal),
      pair.decoded.readBox(box, signal),
    ]);
    // A slab holds parts of several fields, one behind the other.
    let at = 0;
    for (const field of pair.fields) {
      const length = sharedValues(field, box.start, box.shape);
      if (length === 0) continue;
      sums.get(field)!.add(pair, slice(a, at, length), slice(b, at, length));
      at += length;
    }
    onDone(pair, countOf(box.shape) * bytesPerValue(source.dataType));
  }
  return new Map([...sums].map(([field, { report }]) => [field, report()]));
}

/** How many values of a box belong to the field. */
function sharedValues({ box }: Field, start: readonly number[], shape: readonly number[]): number {
  return countOf(
    shape.map((extent, axis) =>
      Math.max(
        0,
        Math.min(start[axis] + extent, box.start[axis] + box.shape[axis]) -
          Math.max(start[axis], box.start[axis]),
      ),
    ),
  );
}

function slice(data: DataArray, at: number, length: number): DataArray {
  return Array.isArray(data) ? data.slice(at, at + length) : data.subarray(at, at + length);
}

function pointSums() {
  let bits: BitAgreement | undefined;
  const missing = { original: 0, decoded: 0, both: 0 };
  const [difference, sum] = [differenceSums(), conservedSums()];
  return {
    add({ original, decoded }: Pair, a: DataArray, b: DataArray) {
      if (original.dataType === decoded.dataType) {
        const found = agreementOf(a, b);
        bits = bits ? addAgreement(bits, found) : found;
      }
      if (!isNumbers(original, a) || !isNumbers(decoded, b)) return;
      const [x, y] = [floatsOf(original, a), floatsOf(decoded, b)];
      difference.add(x, y);
      sum.add(x, y);
      for (let i = 0; i < x.length; i++) {
        const [lost, gone] = [!Number.isFinite(x[i]), !Number.isFinite(y[i])];
        if (lost) missing.original++;
        if (gone) missing.decoded++;
        if (lost && gone) missing.both++;
      }
    },
    report: (): PointReport => ({
      bits,
      difference: difference.report(),
      missing,
      sum: sum.report(),
    }),
  };
}

function isNumbers({ dataType }: Variable, data: DataArray): data is NumericArray {
  return dataType !== "char" && !Array.isArray(data);
}

function agreementOf(a: DataArray, b: DataArray): BitAgreement {
  if (!Array.isArray(a)) return bitAgreement(a, b as NumericArray);
  const differing = a.filter((text, i) => text !== (b as string[])[i]).length;
  return { values: a.length, differingValues: differing, differingBits: differing };
}
