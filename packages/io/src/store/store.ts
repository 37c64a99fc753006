/** A part of an object: from an offset, or its last bytes. */
export type ByteRange =
  | { readonly offset: number; readonly length: number }
  | { readonly suffixLength: number };

/** Keyed objects, read only: a folder, a zip, a URL, memory. Keys are `a/b/zarr.json`, no leading slash. */
export interface ReadableStore {
  /** Path or URL, for messages. */
  readonly location: string;
  /** The whole object, or undefined where there is none. */
  get(key: string, signal?: AbortSignal): Promise<Uint8Array | undefined>;
  /** Part of an object, clipped to it, or undefined where there is none. */
  getRange(key: string, range: ByteRange, signal?: AbortSignal): Promise<Uint8Array | undefined>;
  /** Size of an object in bytes, or undefined where there is none. */
  size(key: string, signal?: AbortSignal): Promise<number | undefined>;
  /** Keys below a prefix, where the store can tell (folder, zip, memory). */
  list?(prefix: string): Promise<string[]>;
  close(): Promise<void>;
}

/** Keyed objects being written: nothing is visible before `publish`. */
export interface WritableStore {
  readonly location: string;
  /** Stores one object; a key is stored once. */
  put(key: string, bytes: Uint8Array): Promise<void>;
  /** Bytes that an object takes, with its place and its key; its length where this is left out. */
  bytesOf?(key: string, bytes: Uint8Array): Promise<number>;
  /** Makes everything visible at once. Resolves to its size in bytes. */
  publish(): Promise<{ bytes: number }>;
  /** Removes everything put so far, also after a failure; the old target, if any, is untouched. */
  discard(): Promise<void>;
}
