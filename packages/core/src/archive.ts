import type { DataArray, DataType } from "./array/data-type.js";
import type { Attributes, Dimension, Group, Json } from "./array/dataset.js";
import type { Effort, Guarantee, PredictorName, Settings } from "./options.js";

/**
 * What `compress` decides about one stored array before any value is read. It is all that the
 * store needs to write the metadata, and all that stands in `spec/archive.md` about an array.
 */
export interface ArrayPlan {
  /** Path in the archive: the variable's own, or `<group>/joint_<n>` for a joint array. */
  readonly path: string;
  readonly dataType: DataType;
  readonly shape: readonly number[];
  /** Dimension paths, slowest first; a joint array's `variable` axis is the path `variable`-like `joint_<n>_variable`. */
  readonly dimensions: readonly string[];
  readonly attributes: Attributes;
  /** Box that is encoded on its own. Every entry is at least 1. */
  readonly chunk: readonly number[];
  /** Box that is stored as one object: a whole multiple of `chunk` on every axis. */
  readonly shard: readonly number[];
  readonly codec: ArrayCodec;
  /**
   * Variables stored jointly along one axis, in order. Readers present them as single variables
   * again, with these attributes and `original`s and without that axis.
   */
  readonly joint?: { readonly axis: number; readonly members: readonly JointMember[] };
  /** `VariableSource.original`, kept so that the first format can be written again. */
  readonly original?: Json;
}

export interface JointMember {
  readonly name: string;
  readonly attributes: Attributes;
  readonly original?: Json;
}

/** `fieldzip`: chunks arrive encoded. `standard`: chunks arrive as values and the store applies Zarr's own codecs. */
export type ArrayCodec =
  | {
      readonly name: "fieldzip";
      readonly guarantee: Guarantee;
      readonly predictor: PredictorName | "auto";
      /** Not for a trained predictor, which has settings. */
      readonly effort?: Effort;
      readonly settings?: Settings;
    }
  | { readonly name: "standard" };

/** Everything about a dataset that is not an array. */
export interface ArchiveHeader {
  readonly groups: readonly Group[];
  readonly dimensions: readonly Dimension[];
  /** `DatasetSource.format` and `.original` of what was compressed. */
  readonly format: string;
  readonly original?: Json;
  /** Names of all variables in the order of the original, where arrays are written in another. */
  readonly variables?: readonly string[];
}

/** Where `compress` puts what it made. Nothing is visible under the target's name before `publish`. */
export interface ArchiveSink {
  writeArray(plan: ArrayPlan): Promise<ArraySink>;
  /** Bytes that the archive would have if it was published now: what is written, and all metadata. */
  size(header: ArchiveHeader): Promise<number>;
  /** Writes the metadata last and makes the archive appear whole. Resolves to its size in bytes. */
  publish(header: ArchiveHeader): Promise<{ bytes: number }>;
  /** Removes everything written so far; the old target, if any, is untouched. */
  discard(): Promise<void>;
}

export interface ArraySink {
  /**
   * Stores the shard at `index` of the shard grid. `chunks` is in C order of the chunks inside a
   * whole shard; chunks that lie outside the array are undefined. Encoded bytes for the `fieldzip`
   * codec; for `standard` the values of the chunk, clipped to the array.
   */
  writeShard(
    index: readonly number[],
    chunks: readonly (Uint8Array | DataArray | undefined)[],
  ): Promise<{ bytes: number }>;
}
