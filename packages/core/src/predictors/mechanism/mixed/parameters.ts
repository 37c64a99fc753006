import type { Lattice } from "@fieldzip/kernels";

/** Side information of mode 4 (`spec/stream.md`, "mixed"). */
export interface MixedParameters {
  /** outer, depth, height, width. */
  readonly extents: readonly [number, number, number, number];
  /** Distance along the row to the neighbour at the left. */
  readonly stride: number;
  /** Kinds of places in turn along the row: each has its own least squares. */
  readonly phases: number;
  /** Columns of a block, in turns of the phases. */
  readonly blockTurns: number;
  /** Rows of a tile, 0 where there are none. */
  readonly tileRows: number;
  /** Numbers of other fields of a joint chunk: what they have at the same place is a regressor. */
  readonly fields: readonly number[];
  /** Distances in the row to regressors beside the usual ones. */
  readonly lags: readonly number[];
  /** Usual neighbours, by axes: so many of the list for that number of axes. */
  readonly axes: number;
  readonly usual: number;
  /** Regressors of the quick predictor. */
  readonly few: number;
  /** Low bits that no value has. */
  readonly shift: number;
  /** Power of two that brings differences of neighbours near 1. */
  readonly exponent: number;
  /** Distances that stand for the row above and the slice before where there is only one row; else 0. */
  readonly north: number;
  readonly previous: number;
  /** Shares of sums that are kept or used, in the specification's order. */
  readonly keep: readonly number[];
  /** Powers of 1/2 that diagonals are raised by. */
  readonly ridges: readonly number[];
  readonly repeats: boolean;
  /** What masked values are, as bytes. */
  readonly fill?: Uint8Array;
  readonly lattices?: readonly (Lattice | undefined)[];
}

export const MODE_MIXED = 4;
const FIXED = 56;
const REGRESSOR = 8;
const MASKED = 1;
const LATTICES = 2;
const REPEATS = 4;

/** Usual neighbours that there are, by number of axes. */
export const usualNeighbours = [0, 16, 18, 28, 32] as const;

export function writeMixed(parameters: MixedParameters): Uint8Array {
  const { extents, fields, lags, fill, lattices, keep, ridges } = parameters;
  const flags =
    (fill ? MASKED : 0) | (lattices ? LATTICES : 0) | (parameters.repeats ? REPEATS : 0);
  const bytes = new Uint8Array(
    FIXED +
      (fields.length + lags.length) * REGRESSOR +
      (fill?.length ?? 0) +
      (lattices?.length ?? 0) * 17,
  );
  const view = new DataView(bytes.buffer);
  bytes.set([MODE_MIXED, flags, parameters.stride, parameters.phases]);
  extents.forEach((extent, k) => {
    view.setUint32(4 + 4 * k, extent, true);
  });
  bytes.set([parameters.axes, parameters.usual, fields.length + lags.length, parameters.few], 20);
  bytes.set([parameters.blockTurns, parameters.tileRows, parameters.shift], 24);
  view.setInt16(28, parameters.exponent, true);
  view.setUint32(30, parameters.north, true);
  view.setUint32(34, parameters.previous, true);
  keep.forEach((share, k) => {
    view.setUint16(38 + 2 * k, Math.round(share * 65536), true);
  });
  bytes.set(ridges, 52);
  let at = FIXED;
  for (const field of fields) {
    bytes[at] = field;
    at += REGRESSOR;
  }
  for (const lag of lags) {
    view.setInt32(at + 4, -lag, true);
    at += REGRESSOR;
  }
  if (fill) {
    bytes.set(fill, at);
    at += fill.length;
  }
  for (const lattice of lattices ?? []) {
    bytes[at++] = lattice === undefined ? 0 : "step" in lattice ? 1 : 2;
    if (!lattice) continue;
    if ("step" in lattice) {
      view.setFloat64(at, lattice.offset, true);
      at += 8;
    }
    view.setFloat64(at, "step" in lattice ? lattice.step : lattice.divisor, true);
    at += 8;
  }
  return bytes.slice(0, at);
}

/** Reads side information whose checksum was verified, for people and the reference decoder. */
export function readMixed(bytes: Uint8Array, size: number): MixedParameters {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const flags = bytes[1];
  let at = FIXED;
  const fields: number[] = [];
  const lags: number[] = [];
  for (let k = 0; k < bytes[22]; k++, at += REGRESSOR) {
    if (bytes[at] > 0) fields.push(bytes[at]);
    else lags.push(-view.getInt32(at + 4, true));
  }
  const fill = flags & MASKED ? bytes.slice(at, at + size) : undefined;
  if (fill) at += size;
  const extents = [0, 1, 2, 3].map((k) => view.getUint32(4 + 4 * k, true));
  const nextLattice = (): Lattice | undefined => {
    const form = bytes[at++];
    if (form === 0) return undefined;
    at += form === 1 ? 16 : 8;
    const last = view.getFloat64(at - 8, true);
    return form === 1 ? { offset: view.getFloat64(at - 16, true), step: last } : { divisor: last };
  };
  const lattices =
    flags & LATTICES ? Array.from({ length: extents[0] * extents[1] }, nextLattice) : undefined;
  return {
    extents: extents as unknown as MixedParameters["extents"],
    stride: bytes[2],
    phases: bytes[3],
    axes: bytes[20],
    usual: bytes[21],
    few: bytes[23],
    blockTurns: bytes[24],
    tileRows: bytes[25],
    shift: bytes[26],
    exponent: view.getInt16(28, true),
    north: view.getUint32(30, true),
    previous: view.getUint32(34, true),
    keep: Array.from({ length: 7 }, (_, k) => view.getUint16(38 + 2 * k, true) / 65536),
    ridges: [...bytes.subarray(52, FIXED)],
    repeats: (flags & REPEATS) !== 0,
    fields,
    lags,
    fill,
    lattices,
  };
}
