import {
  bytesPerValue,
  chunkBox,
  countOf,
  type Dataset,
  type FieldzipError,
  type Guarantee,
  gridOf,
  indicesOf,
  isFieldzipError,
  throwIfAborted,
  type Variable,
  type WorkOptions,
} from "@fieldzip/core";
import { type ArchiveReader, archiveIndex, type StoredChunk } from "@fieldzip/io";
import { compareMetadata, type Difference, differenceOfValues } from "./compare/facts.js";
import { guaranteesOf, type Promised, promisedOf } from "./promises.js";

export interface VerifyOptions extends WorkOptions {
  /** The original: same variables, shapes, types, attributes, and values as close to it as the archive promises: every bit under `exact`. */
  readonly against?: Dataset;
  /** How many chunks are read at once; default 1. */
  readonly concurrency?: number;
}

export interface VerifyReport {
  /** True where nothing is damaged and nothing differs. */
  readonly ok: boolean;
  readonly variables: readonly { readonly name: string; readonly chunks: number }[];
  /** What the archive promises of its fields. */
  readonly guarantee: Guarantee["kind"];
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

/** One thing to check: a stored chunk, or a box of a variable that is compared. */
interface Unit {
  readonly variable: string;
  /** Of values. */
  readonly bytes: number;
  check(signal?: AbortSignal): Promise<void>;
}

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
  let chunks = 0;
  let done = 0;

  const checkUnit = async ({ variable, bytes, check }: Unit) => {
    throwIfAborted(signal);
    chunks++;
    try {
      await check(signal);
    } catch (error) {
      const damaged = error instanceof ArchiveDamage ? error.damage : undefined;
      if (!damaged) throw error;
      damage.push({ variable, error: damaged });
    }
    done += bytes;
    onProgress?.({ stage: "verify", done: Math.min(done, total), total, variable });
  };

  const promises = [...guaranteesOf(archive).values()].map(({ kind }) => kind);
  const units = unitsOf(archive, against, differences);
  const lanes = Array.from({ length: Math.max(1, concurrency) }, async () => {
    for (const unit of units) await checkUnit(unit);
  });
  // Every lane must have stopped before the caller may close the datasets.
  for (const result of await Promise.allSettled(lanes)) {
    if (result.status === "rejected") throw result.reason;
  }

  return {
    ok: damage.length === 0 && differences.length === 0,
    variables: archive.variables.map(({ name, shape, source }) => ({
      name,
      chunks: countOf(gridOf(shape, source.storedChunk ?? shape.map((size) => size || 1))),
    })),
    chunks,
    originalBytes: total,
    guarantee: promises.find((kind) => kind !== "exact") ?? "exact",
    damage,
    differences,
    seconds: (performance.now() - started) / 1000,
  };
}

/** Damage of the archive, told apart from whatever is wrong with the original. */
class ArchiveDamage extends Error {
  constructor(readonly damage: FieldzipError) {
    super(damage.message);
  }
}

async function fromArchive<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!damageTags.some((tag) => isFieldzipError(error, tag))) throw error;
    throw new ArchiveDamage(error as FieldzipError);
  }
}

/** All that there is to check, walked lazily. */
function* unitsOf(
  archive: Dataset,
  against: Dataset | undefined,
  differences: Difference[],
): Generator<Unit> {
  const reader = archiveIndex(archive);
  if (reader) {
    for (const chunk of reader.storedChunks()) {
      // What is compared below is decoded there.
      const compared = chunk.array.namesOf === undefined && against !== undefined;
      if (!compared) yield storedUnit(reader, chunk);
    }
  }
  if (against || !reader) yield* boxUnits(archive, against, differences);
}

function storedUnit(reader: ArchiveReader, chunk: StoredChunk): Unit {
  const { array, box } = chunk;
  return {
    variable: array.joint?.members.map(({ name }) => name).join(", ") ?? array.path,
    bytes: array.namesOf === undefined ? countOf(box.shape) * bytesPerValue(array.dataType) : 0,
    check: (signal) =>
      fromArchive(async () => {
        await reader.decode(chunk, await chunk.bytes(signal), signal);
      }),
  };
}

/**
 * Every box of every variable. Variables of the same grid are walked side by side, so that those
 * that are stored jointly find their shared chunk decoded already.
 */
function* boxUnits(
  archive: Dataset,
  against: Dataset | undefined,
  differences: Difference[],
): Generator<Unit> {
  const grids = new Map<string, Variable[]>();
  for (const variable of archive.variables) {
    const key = `${variable.shape} / ${chunkOf(variable)} / ${variable.dataType}`;
    grids.set(key, [...(grids.get(key) ?? []), variable]);
  }
  const differing = new Set<string>();
  const guarantees = guaranteesOf(archive);
  const promises = new Map<string, Promise<Promised>>();
  const promisedOn = (original: Variable, signal?: AbortSignal) => {
    const known = promises.get(original.name);
    if (known) return known;
    const promised = promisedOf(guarantees.get(original.name), original, signal);
    promises.set(original.name, promised);
    return promised;
  };
  for (const members of grids.values()) {
    const { shape } = members[0];
    const chunk = chunkOf(members[0]);
    for (const place of indicesOf(gridOf(shape, chunk))) {
      const box = chunkBox(shape, chunk, place);
      for (const variable of members) {
        yield {
          variable: variable.name,
          bytes: countOf(box.shape) * bytesPerValue(variable.dataType),
          async check(signal) {
            const values = await fromArchive(() => variable.readBox(box, signal));
            const { name } = variable;
            if (!against || differing.has(name) || !isComparable(variable, against)) return;
            const other = against.variable(name);
            const promised = await promisedOn(other, signal);
            const original = await other.readBox(box, signal);
            const difference = differenceOfValues(variable, box, original, values, promised);
            if (!difference || differing.has(name)) return;
            differing.add(name);
            differences.push(difference);
          },
        };
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
