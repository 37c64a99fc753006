import type { FloatType } from "../../array/data-type.js";
import type { ClassModel } from "../../entropy/class-model.js";
import { classModelBytes, readClassModel } from "../../entropy/class-model-bytes.js";

/** The values of a section are origin + k step; the mean of its k is its level. */
export interface SectionGrid {
  readonly level: number;
  readonly origin: number;
  readonly step: number;
}

/** What a decoder must know before the coded numbers; `spec/stream.md`, "mechanism-solve". */
export interface SideInformation {
  readonly sections: number;
  readonly height: number;
  readonly width: number;
  /** Bits by which f is rounded inside the sections. */
  readonly dropped: number;
  /** One, or one per section; whole numbers. */
  readonly operators: readonly (readonly number[])[];
  readonly grids: readonly SectionGrid[];
  /** The bytes of a masked value. */
  readonly fill?: Uint8Array;
  readonly models: {
    readonly residual: ClassModel;
    readonly boundary: ClassModel;
    readonly source: ClassModel;
  };
}

const MODE_SOLVE = 1;
const HEAD = 20;
const GRID = 24;

export function writeSideInformation(side: SideInformation): Uint8Array {
  const head = new DataView(
    new ArrayBuffer(HEAD + 36 * side.operators.length + GRID * side.grids.length),
  );
  head.setUint8(0, MODE_SOLVE);
  head.setUint8(1, side.dropped);
  [side.sections, side.height, side.width, side.operators.length].forEach((number, k) => {
    head.setUint32(4 + 4 * k, number, true);
  });
  side.operators.flat().forEach((weight, k) => {
    head.setInt32(HEAD + 4 * k, weight, true);
  });
  side.grids.forEach(({ level, origin, step }, k) => {
    [level, origin, step].forEach((number, n) => {
      head.setFloat64(HEAD + 36 * side.operators.length + GRID * k + 8 * n, number, true);
    });
  });
  const rest: number[] = side.fill ? [1, ...side.fill] : [0];
  for (const model of [side.models.residual, side.models.boundary, side.models.source]) {
    rest.push(...classModelBytes(model));
  }
  const bytes = new Uint8Array(head.byteLength + rest.length);
  bytes.set(new Uint8Array(head.buffer));
  bytes.set(rest, head.byteLength);
  return bytes;
}

/** Reads side information whose checksum was verified: for people and the reference decoder. */
export function readSideInformation(bytes: Uint8Array, dataType: FloatType): SideInformation {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes[0] !== MODE_SOLVE)
    throw new RangeError(`mode ${bytes[0]} of side information is unknown`);
  const [sections, height, width, count] = [4, 8, 12, 16].map((at) => view.getUint32(at, true));
  if (HEAD + 36 * count + GRID * sections > bytes.length)
    throw new RangeError("the side information is cut short");
  const operators = Array.from({ length: count }, (_, k) =>
    Array.from({ length: 9 }, (_, n) => view.getInt32(HEAD + 36 * k + 4 * n, true)),
  );
  const grids = Array.from({ length: sections }, (_, k) => {
    const number = (n: number) => view.getFloat64(HEAD + 36 * count + GRID * k + 8 * n, true);
    return { level: number(0), origin: number(1), step: number(2) };
  });
  let at = HEAD + 36 * count + GRID * sections;
  const size = dataType === "float32" ? 4 : 8;
  const fill = bytes[at++] === 1 ? bytes.slice(at, at + size) : undefined;
  if (fill) at += size;
  const next = () => {
    const { model, end } = readClassModel(bytes, at);
    at = end;
    return model;
  };
  const models = { residual: next(), boundary: next(), source: next() };
  return {
    sections,
    height,
    width,
    dropped: bytes[1],
    operators,
    grids,
    fill,
    models,
  };
}
