import type { FloatType } from "../../array/data-type.js";
import type { ClassModel } from "../../entropy/class-model.js";
import { classModelBytes, readClassModel } from "../../entropy/class-model-bytes.js";
import { type Fill, runBytes } from "./fill.js";

/** What a decoder must know before the coded numbers; `spec/stream.md`, "mechanism-solve". */
export interface SideInformation {
  readonly sections: number;
  readonly height: number;
  readonly width: number;
  readonly step: number;
  /** Bits by which f is rounded inside the sections. */
  readonly dropped: number;
  /** One, or one per section; whole numbers. */
  readonly operators: readonly (readonly number[])[];
  /** Means of the sections, in steps. */
  readonly levels: readonly number[];
  readonly fill?: Fill;
  readonly models: {
    readonly residual: ClassModel;
    readonly boundary: ClassModel;
    readonly source: ClassModel;
  };
}

const MODE_SOLVE = 1;
const HEAD = 28;

export function writeSideInformation(side: SideInformation): Uint8Array {
  const head = new DataView(
    new ArrayBuffer(HEAD + 36 * side.operators.length + 8 * side.levels.length),
  );
  head.setUint8(0, MODE_SOLVE);
  head.setUint8(1, side.dropped);
  [side.sections, side.height, side.width, side.operators.length].forEach((number, k) => {
    head.setUint32(4 + 4 * k, number, true);
  });
  head.setFloat64(20, side.step, true);
  side.operators.flat().forEach((weight, k) => {
    head.setInt32(HEAD + 4 * k, weight, true);
  });
  side.levels.forEach((level, k) => {
    head.setFloat64(HEAD + 36 * side.operators.length + 8 * k, level, true);
  });
  const rest: number[] = [];
  if (side.fill) {
    const { pattern, runs } = side.fill;
    const count = runs.length;
    rest.push(1, ...pattern, count & 255, (count >>> 8) & 255, (count >>> 16) & 255, count >>> 24);
    for (const run of runs) rest.push(...runBytes(run));
  } else {
    rest.push(0);
  }
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
  if (HEAD + 36 * count + 8 * sections > bytes.length)
    throw new RangeError("the side information is cut short");
  const operators = Array.from({ length: count }, (_, k) =>
    Array.from({ length: 9 }, (_, n) => view.getInt32(HEAD + 36 * k + 4 * n, true)),
  );
  const levels = Array.from({ length: sections }, (_, k) =>
    view.getFloat64(HEAD + 36 * count + 8 * k, true),
  );
  let at = HEAD + 36 * count + 8 * sections;
  let fill: Fill | undefined;
  if (bytes[at++] === 1) {
    const size = dataType === "float32" ? 4 : 8;
    const pattern = bytes.slice(at, at + size);
    const total = view.getUint32(at + size, true);
    at += size + 4;
    if (total > bytes.length) throw new RangeError("the runs are cut short");
    const runs = Array.from({ length: total }, () => {
      let run = 0;
      for (let scale = 1; ; scale *= 128) {
        const byte = view.getUint8(at++);
        run += (byte & 127) * scale;
        if (byte < 128) return run;
      }
    });
    fill = { pattern, runs };
  }
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
    step: view.getFloat64(20, true),
    dropped: bytes[1],
    operators,
    levels,
    fill,
    models,
  };
}
