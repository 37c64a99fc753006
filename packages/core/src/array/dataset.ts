import { FieldzipError } from "../errors.js";
import { type Box, wholeBox } from "./box.js";
import type { DataArray, DataType } from "./data-type.js";
import { resolveSelection, type Selection } from "./selection.js";

/** Anything that JSON can say. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/**
 * One attribute with the type it is stored under, so that it can be written back the same.
 * A scalar has `scalar: true` and one value (HDF5 tells the two apart, NetCDF does not).
 * Text is type `char` (fixed 8-bit) or `string` (HDF5/NetCDF-4 variable length); the values are
 * JavaScript strings in both cases.
 */
export interface Attribute {
  readonly type: DataType;
  readonly values: readonly (number | bigint | string)[];
  readonly scalar?: boolean;
}
export type Attributes = Readonly<Record<string, Attribute>>;

/** A named axis. Names are paths: `lat` in the root group, `grp1/lat` in a group. */
export interface Dimension {
  readonly name: string;
  readonly size: number;
  readonly unlimited?: boolean;
}

/** A group of variables: its path (`""` is the root) and its attributes. */
export interface Group {
  readonly path: string;
  readonly attributes: Attributes;
}

/** A variable as a reader supplies it. */
export interface VariableSource {
  /** Path: `rho`, `grp1/T`. */
  readonly name: string;
  readonly dataType: DataType;
  readonly shape: readonly number[];
  /**
   * Names of the axes, slowest first, as paths into `Dataset.dimensions`; where a file names none,
   * the reader makes them up (`dim_0`, …).
   */
  readonly dimensions: readonly string[];
  readonly attributes: Attributes;
  /** The box in which the file stores the variable, where reading whole ones is cheaper. */
  readonly storedChunk?: readonly number[];
  /**
   * What the writer of the same format needs to write this variable the same again and no other
   * reader cares about (byte order, file, …).
   */
  readonly original?: Json;
  /** Reads exactly `box`, C order, the machine's byte order. The box is inside the shape. */
  readBox(box: Box, signal?: AbortSignal): Promise<DataArray>;
}

/** What a reader supplies: everything but the values, which are read lazily. */
export interface DatasetSource {
  /** `netcdf`, `hdf5`, `pluto`, `raw`, `npy`, `zarr`, `archive`. */
  readonly format: string;
  /** Path or URL, for messages. */
  readonly location: string;
  readonly dimensions: readonly Dimension[];
  readonly groups: readonly Group[];
  readonly variables: readonly VariableSource[];
  /** What the writer of the same format needs to give the files back (`grid.out`, npy header, …). */
  readonly original?: Json;
  close(): Promise<void>;
}

/** The values of a box and its shape, slowest axis first. */
export interface Slab {
  readonly data: DataArray;
  readonly shape: readonly number[];
}

/** One named quantity of a dataset. */
export class Variable {
  constructor(
    readonly source: VariableSource,
    private readonly location: string,
  ) {}

  get name(): string {
    return this.source.name;
  }
  get dataType(): DataType {
    return this.source.dataType;
  }
  get shape(): readonly number[] {
    return this.source.shape;
  }
  get dimensions(): readonly string[] {
    return this.source.dimensions;
  }
  get attributes(): Attributes {
    return this.source.attributes;
  }

  /**
   * Reads a part: per dimension name an index (which drops the axis) or `[from, to)`; what is not
   * named is read whole. `read({ step: 3, z: [10, 20] })`.
   */
  async read(selection: Selection = {}, options: { signal?: AbortSignal } = {}): Promise<Slab> {
    const { box, shape } = resolveSelection(this.source, selection, this.location);
    return { data: await this.source.readBox(box, options.signal), shape };
  }

  /** Reads a box by position. */
  readBox(box: Box = wholeBox(this.shape), signal?: AbortSignal): Promise<DataArray> {
    return this.source.readBox(box, signal);
  }
}

/** Variables on shared dimensions, read lazily. */
export class Dataset {
  readonly variables: readonly Variable[];

  constructor(readonly source: DatasetSource) {
    this.variables = source.variables.map((variable) => new Variable(variable, source.location));
  }

  get format(): string {
    return this.source.format;
  }
  get location(): string {
    return this.source.location;
  }
  get dimensions(): readonly Dimension[] {
    return this.source.dimensions;
  }
  /** Attributes of the root group. */
  get attributes(): Attributes {
    return this.source.groups.find((group) => group.path === "")?.attributes ?? {};
  }

  variable(name: string): Variable {
    const found = this.variables.find((variable) => variable.name === name);
    if (found) return found;
    throw new FieldzipError("missing", {
      where: this.location,
      expected: `a variable named ${name}`,
      found: this.variables.map((variable) => variable.name).join(", ") || "no variables",
      remedy: "choose one of the variables that are there",
    });
  }

  close(): Promise<void> {
    return this.source.close();
  }
}

/** The last part of a path: `grp1/lat` -> `lat`. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** Everything before the last part of a path: `grp1/lat` -> `grp1`, `lat` -> ``. */
export function groupOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}
