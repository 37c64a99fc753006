import type { Lattice } from "../../encoder.js";

/** Side information of mode 4 as the reference reads it; nothing is checked. */
export interface MixedSide {
  readonly outer: number;
  readonly depth: number;
  readonly height: number;
  readonly width: number;
  readonly stride: number;
  readonly phases: number;
  readonly blockTurns: number;
  readonly tileRows: number;
  readonly shift: number;
  readonly scale: number;
  readonly north: number;
  readonly previous: number;
  readonly few: number;
  readonly keep: readonly number[];
  readonly ridges: readonly number[];
  /** dt, dz, dy, dx, and the number of the field. */
  readonly regressors: readonly (readonly number[])[];
  readonly repeats: boolean;
  readonly fill: Uint8Array | undefined;
  readonly lattices: readonly (Lattice | undefined)[] | undefined;
}

/** The usual neighbours by number of axes, as digits dt dz dy dx: a to e stand for -1 to -5 and so on. */
const usual: string[][] = [
  [],
  Array.from({ length: 16 }, (_, k) => `0,0,0,${-1 - k}`),
  [
    "0,-1",
    "-1,0",
    "-1,-1",
    "-1,1",
    "0,-2",
    "-2,0",
    "-2,1",
    "-2,-1",
    "-1,-2",
    "-1,2",
    "0,-3",
    "-1,3",
  ]
    .concat(["-1,-3", "-3,0", "-2,2", "-2,-2", "-3,1", "-3,-1"])
    .map((place) => `0,0,${place}`),
];
const near = ["0,0,-1", "0,-1,0", "-1,0,0", "0,-1,-1", "-1,0,-1", "-1,-1,0", "-1,-1,-1"].concat([
  "0,-1,1",
  "0,0,-2",
  "-1,0,1",
  "-1,1,0",
  "-2,0,0",
]);
const far = ["0,-2,0", "-1,-1,1", "-1,1,-1", "-1,1,1", "0,-2,1", "0,-2,-1", "0,-1,-2"].concat([
  "0,-1,2",
  "-2,-1,0",
  "-2,1,0",
  "-2,0,-1",
  "-2,0,1",
  "-1,0,2",
  "-1,0,-2",
]);
const inSpace = (places: readonly string[]) => places.map((place) => `0,${place}`);
usual.push(
  [...inSpace(near), ...inSpace(far), "0,-1,2,0", "0,-1,-2,0"],
  [
    ...inSpace(near),
    ...["-1,0,0,0", "-1,0,0,-1", "-1,0,-1,0", "-1,-1,0,0", "-1,0,0,1", "-1,0,1,0"],
    ...inSpace(far),
  ],
);

/** The usual neighbours of a value, the most telling first: dt, dz, dy, dx. */
export function usualNeighbours(axes: number): number[][] {
  return usual[axes].map((place) => place.split(",").map(Number));
}

export function readMixedSide(side: Uint8Array, size: number): MixedSide {
  const view = new DataView(side.buffer, side.byteOffset, side.byteLength);
  const [outer, depth, height, width] = [4, 8, 12, 16].map((at) => view.getUint32(at, true));
  const [axes, count, extra, few, blockTurns, tileRows, shift] = side.subarray(20, 27);
  const stride = side[2];
  let at = 56;
  const regressors = Array.from({ length: extra }, () => {
    at += 8;
    const [dt, dz, dy] = [at - 7, at - 6, at - 5].map((place) => view.getInt8(place));
    return [dt, dz, dy, view.getInt32(at - 4, true), side[at - 8]];
  });
  for (const [dt, dz, dy, dx] of usualNeighbours(axes).slice(0, count)) {
    regressors.push([dt, dz, dy, dx * stride, 0]);
  }
  const fill = side[1] & 1 ? side.slice(at, at + size) : undefined;
  if (fill) at += size;
  const nextLattice = (): Lattice | undefined => {
    const form = side[at++];
    if (form === 0) return undefined;
    at += form === 1 ? 16 : 8;
    const last = view.getFloat64(at - 8, true);
    return form === 1 ? { offset: view.getFloat64(at - 16, true), step: last } : { divisor: last };
  };
  return {
    ...{ outer, depth, height, width, stride, phases: side[3], blockTurns, tileRows, shift, few },
    scale: 2 ** view.getInt16(28, true),
    north: view.getUint32(30, true),
    previous: view.getUint32(34, true),
    keep: Array.from({ length: 7 }, (_, k) => view.getUint16(38 + 2 * k, true) / 65536),
    ridges: [...side.subarray(52, 56)].map((halvings) => 2 ** -halvings),
    regressors,
    repeats: (side[1] & 4) !== 0,
    fill,
    lattices: side[1] & 2 ? Array.from({ length: outer * depth }, nextLattice) : undefined,
  };
}
