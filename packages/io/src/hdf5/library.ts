import { FieldzipError, isFieldzipError } from "@fieldzip/core";
import { diagnosedError } from "./errors.js";

/** What HDF5 says about the type and extent of a dataset or attribute. */
export interface Hdf5Metadata {
  /** Type class, one of `typeClass`. */
  readonly type: number;
  /** Bytes of one value. */
  readonly size: number;
  readonly signed: boolean;
  readonly littleEndian: boolean;
  /** Variable-length text. */
  readonly vlen: boolean;
  readonly total_size: number;
  /** Null for an empty dataspace. */
  readonly shape: number[] | null;
  /** 2^64 - 1 (as a number, 2^64) where unlimited. */
  readonly maxshape: number[] | null;
  readonly chunks: number[] | null;
  readonly enum_type?: { readonly type: number; readonly members: Record<string, number> };
  readonly virtual_sources?: readonly unknown[];
}

/** What is created: the type, extent and layout of a dataset or attribute. */
export interface Hdf5Creation {
  readonly type: number;
  readonly size: number;
  readonly signed?: boolean;
  readonly vlen?: boolean;
  /** 0 ASCII, 1 UTF-8. */
  readonly cset?: number;
  readonly shape: bigint[];
  readonly maxshape: bigint[];
  readonly chunks: bigint[] | null;
  readonly compression: number;
  readonly compression_opts: number[];
  readonly track_order: boolean;
}

/** The functions of h5wasm's C++ layer that are used here; its own classes hide status codes. */
export interface Hdf5Functions {
  HEAPU8: Uint8Array;
  _malloc(bytes: number): number;
  _free(pointer: number): void;
  open(path: string, mode: number, trackOrder: boolean, low: number, high: number): bigint;
  close_file(file: bigint): number;
  flush(file: bigint): number;
  get_names(file: bigint, path: string, recursive: boolean): string[];
  get_type(file: bigint, path: string): number;
  get_symbolic_link(file: bigint, path: string): string | null;
  get_external_link(file: bigint, path: string): { filename?: string; obj_path?: string };
  create_object_reference(file: bigint, path: string): ArrayLike<number>;
  get_attribute_names(file: bigint, path: string): string[];
  get_attribute_metadata(file: bigint, path: string, name: string): Hdf5Metadata;
  get_attribute_data(file: bigint, path: string, name: string, pointer: bigint): number;
  get_dataset_metadata(file: bigint, path: string): Hdf5Metadata;
  get_dataset_filters(file: bigint, path: string): { id: number; cd_values: number[] }[];
  get_dataset_data(
    file: bigint,
    path: string,
    count: bigint[] | null,
    offset: bigint[] | null,
    strides: bigint[] | null,
    pointer: bigint,
  ): number;
  set_dataset_data: Hdf5Functions["get_dataset_data"];
  reclaim_vlen_memory(file: bigint, path: string, attribute: string, pointer: bigint): number;
  reclaim_vlen_memory_count(
    file: bigint,
    path: string,
    attribute: string,
    pointer: bigint,
    count: bigint[],
  ): number;
  get_scale_name(file: bigint, path: string): string | null;
  get_attached_scales(file: bigint, path: string, axis: number): string[];
  create_group(file: bigint, path: string, trackOrder: boolean): number;
  create_dataset(file: bigint, path: string, pointer: bigint, metadata: Hdf5Creation): number;
  resize_dataset(file: bigint, path: string, shape: bigint[]): number;
  create_attribute(
    file: bigint,
    path: string,
    name: string,
    pointer: bigint,
    metadata: Hdf5Creation,
  ): number;
  create_soft_link(file: bigint, target: string, path: string): number;
  create_external_link(file: bigint, name: string, target: string, path: string): number;
  set_scale(file: bigint, path: string, name: string): number;
  attach_scale(file: bigint, path: string, scale: string, axis: number): number;
  /** Makes HDF5 print its diagnostics, which is how it starts. */
  deactivate_throwing_error_handler(): number;
}

/** HDF5's type classes. */
export const typeClass = {
  integer: 0,
  float: 1,
  time: 2,
  string: 3,
  bitfield: 4,
  opaque: 5,
  compound: 6,
  reference: 7,
  enumeration: 8,
  vlen: 9,
  array: 10,
} as const;

/** Kinds of objects that `get_type` tells apart. */
export const objectType = { group: 0, dataset: 1, datatype: 2 } as const;

/** Modes of `open`, and the file format of HDF5 1.8, which every release since then reads. */
export const openMode = { read: 0, truncate: 2 } as const;
export const formatVersion18 = 1;

/** The part of Emscripten's file system that is steered here. */
interface EmscriptenFiles {
  open(path: string, ...rest: unknown[]): unknown;
  streams: { stream_ops?: unknown; node?: unknown }[];
  ErrnoError: new (errno: number) => Error;
}

const noSuchFile = 44;

/**
 * The HDF5 library. h5wasm is one WebAssembly instance per process and works synchronously on files
 * of the disk; it opens no network connection. While a call runs,
 * - HDF5's diagnostics, which it would print to stderr, are collected and become the error;
 * - only files that were named by `permit` can be opened, so that a file with external links,
 *   external storage or virtual datasets cannot make this process read other files.
 */
export class Hdf5Library {
  private readonly permitted = new Map<string, number>();
  private calling = false;

  constructor(
    readonly functions: Hdf5Functions,
    private readonly files: EmscriptenFiles,
  ) {}

  /** Lets calls open `path` (absolute) until the returned function is called. */
  permit(path: string): () => void {
    this.permitted.set(path, (this.permitted.get(path) ?? 0) + 1);
    return () => {
      const uses = (this.permitted.get(path) ?? 1) - 1;
      if (uses === 0) this.permitted.delete(path);
      else this.permitted.set(path, uses);
    };
  }

  /** Whether warnings of the WebAssembly runtime come from one of our calls. */
  takesWarnings(): boolean {
    return this.calling;
  }

  /**
   * Runs `action` and throws a typed error where HDF5 reported one: by an exception, a negative
   * status, or a diagnostic.
   */
  call<T>(where: string, action: (functions: Hdf5Functions) => T): T {
    const { files } = this;
    const stderr = files.streams[2];
    const { open } = files;
    const { stream_ops, node } = stderr;
    const decoder = new TextDecoder();
    let diagnostics = "";
    stderr.node = { mode: 0o020666, id: 2, node_ops: {} };
    stderr.stream_ops = {
      write(_stream: unknown, bytes: Uint8Array, start: number, length: number) {
        if (diagnostics.length < 2 ** 16) {
          diagnostics += decoder.decode(bytes.slice(start, start + length));
        }
        return length;
      },
    };
    files.open = (path, ...rest) => {
      if (this.permitted.has(path)) return open(path, ...rest);
      throw new files.ErrnoError(noSuchFile);
    };
    this.calling = true;
    try {
      // HDF5's dimension scale functions can leave diagnostics switched off on damaged files.
      this.functions.deactivate_throwing_error_handler();
      const result = action(this.functions);
      const failed = (typeof result === "number" || typeof result === "bigint") && result < 0;
      if (failed || diagnostics !== "") throw diagnosedError(where, diagnostics);
      return result;
    } catch (error) {
      if (isFieldzipError(error)) throw error;
      throw diagnosedError(where, diagnostics, error);
    } finally {
      this.calling = false;
      files.open = open;
      stderr.stream_ops = stream_ops;
      stderr.node = node;
    }
  }

  /** Runs `action` with `bytes` of the library's memory, which are freed afterwards. */
  withMemory<T>(where: string, bytes: number, action: (pointer: number) => T): T {
    const pointer = bytes <= maximumCallBytes ? this.functions._malloc(Math.max(1, bytes)) : 0;
    if (pointer === 0) {
      throw new FieldzipError("limit", {
        where,
        expected: "memory of the HDF5 library, which has 2 GiB in all",
        found: `${bytes} bytes asked for at once`,
        remedy: "read or write a smaller part, or rewrite the file with smaller chunks (h5repack)",
      });
    }
    try {
      return action(pointer);
    } finally {
      this.functions._free(pointer);
    }
  }
}

const maximumCallBytes = 2 ** 30;

let loading: Promise<Hdf5Library> | undefined;

/** Loads the HDF5 library when it is first needed. */
export function loadHdf5(): Promise<Hdf5Library> {
  loading ??= load().catch((error) => {
    loading = undefined;
    throw error;
  });
  return loading;
}

async function load(): Promise<Hdf5Library> {
  // Emscripten keeps the console's function for its own warnings from the moment it is loaded.
  const { error } = console;
  let library: Hdf5Library | undefined;
  console.error = (...items: unknown[]) => {
    if (!library?.takesWarnings()) error.apply(console, items);
  };
  try {
    const { ready } = await import("h5wasm/node");
    const module = await ready;
    library = new Hdf5Library(
      module as unknown as Hdf5Functions,
      module.FS as unknown as EmscriptenFiles,
    );
    return library;
  } finally {
    console.error = error;
  }
}
