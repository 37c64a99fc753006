import {
  type Box,
  bytesPerValue,
  chunkBox,
  countOf,
  type DataArray,
  type Dataset,
  type FieldzipError,
  gridOf,
  indicesOf,
  isFieldzipError,
  throwIfAborted,
  type Variable,
  type WorkOptions,
} from "@fieldzip/core";
import { compareMetadata, type Difference, differenceOfValues } from "./compare.js";

export type { Difference } from "./compare.js";

export interface VerifyOptions extends WorkOptions {
  /** The original: same variables, shapes, types, attributes and every bit. */
  readonly against?: Dataset;
  /** How many chunks are read at once; default 1. */
  readonly concurrency?: number;
}

export interface VerifyReport {
  /** True where nothing is damaged and nothing differs. */
  readonly ok: boolean;
  readonly variables: readonly { readonly name: string; readonly chunks: number }[];
  /** Chunks decoded in all. */
  readonly chunks: number;
  /** Bytes of values decoded. */
  readonly originalBytes: number;
  /** One per damaged chunk. */
  readonly damage: readonly { readonly variable: string; readonly error: FieldzipError }[];
  /** What differs from the original: one per fact, and the first value of a variable. */
  readonly differences: readonly Difference[];
  readonly seconds: number;
}

/** Values of one read where a dataset names no chunks of its own. */
const valuesPerRead = 1 << 20;
const damageTags = ["checksum", "truncated", "format", "shape", "limit", "missing"] as const;

/**
 * Decodes every chunk of `archive`, which checks every checksum, and compares with the original
 * where one is given. Damage and differences are collected, not thrown; memory is bounded by
 * `concurrency` chunks.
 */
export async function verify(archive: Dataset, options: VerifyOptions = {}): Promise<VerifyReport> {
  const { against, signal, onProgress, concurrency = 1 } = options;
  const started = performance.now();
  const differences: Difference[] = against ? compareMetadata(archive, against) : [];
  const damage: { variable: string; error: FieldzipError }[] = [];
  const total = archive.variables.reduce((sum, variable) => sum + sizeOf(variable), 0);
  const variables = archive.variables.map(({ name }) => ({ name, chunks: 0 }));
  const differing = new Set<string>();
  let done = 0;

  const checkBox = async (variable: Variable, box: Box) => {
    throwIfAborted(signal);
    let values: DataArray | undefined;
    try {
      values = await variable.readBox(box, signal);
    } catch (error) {
      if (!damageTags.some((tag) => isFieldzipError(error, tag))) throw error;
      damage.push({ variable: variable.name, error: error as FieldzipError });
    }
    if (values && against && isComparable(variable, against) && !differing.has(variable.name)) {
      const original = await against.variable(variable.name).readBox(box, signal);
      const difference = differenceOfValues(variable, box, original, values);
      if (difference && !differing.has(variable.name)) {
        differing.add(variable.name);
        differences.push(difference);
      }
    }
    done += bytesPerValue(variable.dataType) * countOf(box.shape);
    onProgress?.({ stage: "verify", done, total, variable: variable.name });
  };

  const boxes = boxesOf(archive, (index) => variables[index].chunks++);
  const workers = Array.from({ length: Math.max(1, concurrency) }, async () => {
    for (const { variable, box } of boxes) await checkBox(variable, box);
  });
  // Every worker must have stopped before the caller may close the datasets.
  for (const result of await Promise.allSettled(workers)) {
    if (result.status === "rejected") throw result.reason;
  }

  return {
    ok: damage.length === 0 && differences.length === 0,
    variables,
    chunks: variables.reduce((sum, { chunks }) => sum + chunks, 0),
    originalBytes: total,
    damage,
    differences,
    seconds: (performance.now() - started) / 1000,
  };
}

/**
 * Every chunk of every variable. Variables of the same grid are walked side by side, so that those
 * that are stored jointly find their shared chunk decoded already.
 */
function* boxesOf(
  dataset: Dataset,
  count: (index: number) => void,
): Generator<{ variable: Variable; box: Box }> {
  const grids = new Map<string, number[]>();
  dataset.variables.forEach((variable, index) => {
    const key = `${variable.shape} / ${chunkOf(variable)} / ${variable.dataType}`;
    grids.set(key, [...(grids.get(key) ?? []), index]);
  });
  for (const members of grids.values()) {
    const { shape } = dataset.variables[members[0]];
    const chunk = chunkOf(dataset.variables[members[0]]);
    for (const place of indicesOf(gridOf(shape, chunk))) {
      for (const index of members) {
        count(index);
        yield { variable: dataset.variables[index], box: chunkBox(shape, chunk, place) };
      }
    }
  }
}

function chunkOf(variable: Variable): readonly number[] {
  if (variable.source.storedChunk) return variable.source.storedChunk;
  let left = valuesPerRead;
  const chunk = variable.shape.map(() => 1);
  for (let axis = chunk.length - 1; axis >= 0; axis--) {
    chunk[axis] = Math.max(1, Math.min(variable.shape[axis], left));
    left = Math.floor(left / chunk[axis]);
  }
  return chunk;
}

function isComparable(variable: Variable, against: Dataset): boolean {
  const other = against.variables.find(({ name }) => name === variable.name);
  return (
    other !== undefined &&
    other.dataType === variable.dataType &&
    other.shape.join() === variable.shape.join()
  );
}

function sizeOf(variable: Variable): number {
  return bytesPerValue(variable.dataType) * countOf(variable.shape);
}
