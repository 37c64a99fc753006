import type { Geometry } from "@fieldzip/kernels";
import {
  decodeBlocksReference,
  decodeClassesReference,
  decodeCopiesReference,
  decodeMaskReference,
  decodeRunsReference,
  unpackBitsReference,
} from "@fieldzip/kernels/reference";
import type { FloatArray, FloatType } from "./array/data-type.js";
import { type DecompressChunkOptions, decompressChunk } from "./decompress.js";
import { activityMap, type ClassModel } from "./entropy/class-model.js";
import { MODE_JOINT, readJoint } from "./predictors/mechanism/joint/side-information.js";
import { MODE_MIXED } from "./predictors/mechanism/mixed/parameters.js";
import {
  type MappingInformation,
  readSideInformation,
} from "./predictors/mechanism/side-information.js";
import { readSideInformation as readSolveInformation } from "./predictors/mechanism-solve/side-information.js";
import { predictorByNumber } from "./predictors/registry.js";
import { readHeader, sectionKinds } from "./stream/header.js";

/** What the predictor of a chunk knew and what it missed, for pictures. */
export interface ChunkExplanation {
  /** The decoded values, C order. */
  readonly values: FloatArray;
  /**
   * What `picture` shows: `residual classes` (mechanism: how many bits the residual has, 0 where the
   * prediction was right to the bit), `source term` (mechanism-solve: f of L u = f), or `nothing`
   * (no prediction).
   */
  readonly shows: "residual classes" | "source term" | "nothing";
  /** One number a value, C order; NaN where there is none: masked values, boundary data, no prediction. */
  readonly picture: Float32Array;
  /** 1 for every value that is masked ("no value here") in the stream. */
  readonly masked: Uint8Array;
}

/**
 * Decodes a chunk and says how it was predicted. Errors are those of `decompressChunk`, which runs
 * first and checks everything; what is read after it is read from a stream that decodes.
 */
export async function explainChunk(
  stream: Uint8Array,
  options: DecompressChunkOptions,
): Promise<ChunkExplanation> {
  const values = await decompressChunk(stream, options);
  const header = readHeader(stream, options.where);
  const section = (kind: number) => {
    const entry = header.sections.find((candidate) => candidate.kind === kind);
    return entry ? stream.slice(entry.offset, entry.offset + entry.length) : new Uint8Array(0);
  };
  const predictor = predictorByNumber(header.predictor, options.where).name;
  const picture = new Float32Array(values.length).fill(Number.NaN);
  const masked = new Uint8Array(values.length);
  if (predictor === "raw") return { values, shows: "nothing", picture, masked };
  const shows = predictor === "mechanism" ? "residual classes" : "source term";
  (predictor === "mechanism" ? residualClasses : sourceTerm)(section, header.dataType, {
    picture,
    masked,
  });
  for (let i = 0; i < masked.length; i++) if (masked[i]) picture[i] = Number.NaN;
  return { values, shows, picture, masked };
}

type Sections = (kind: number) => Uint8Array;

type Pictures = Pick<ChunkExplanation, "picture" | "masked">;

/** Bits of every residual. */
function residualClasses(
  section: Sections,
  dataType: FloatType,
  { picture, masked }: Pictures,
): void {
  const bytes = section(sectionKinds.sideInformation);
  if (bytes[0] === MODE_JOINT) {
    jointClasses(section, dataType, { picture, masked });
    return;
  }
  // The mixed model has no classes.
  if (bytes[0] === MODE_MIXED) return;
  const side = readSideInformation(bytes, dataType);
  if (side.mode === "constant") {
    picture.fill(0);
    return;
  }
  if (side.mode === "packed") {
    const count = masked.length;
    if (side.mapping.fill) {
      masked.set(decodeRunsReference(section(sectionKinds.mask), count));
    }
    const bits = dataType === "float32" ? 32 : 64;
    const free = masked.reduce((sum, bit) => sum - bit, count);
    const { residuals } = decodeBlocksReference(section(sectionKinds.residualBlocks), free, bits);
    let next = 0;
    for (let i = 0; i < count; i++) if (!masked[i]) picture[i] = bitLength(residuals[next++]);
    return;
  }
  stencilClasses(section, side.geometry, side.model, side.mapping, { picture, masked });
}

/** Variable by variable, each with its own parts of the sections; then as they stand in the chunk. */
function jointClasses(section: Sections, dataType: FloatType, { picture, masked }: Pictures): void {
  const { steps, entries } = readJoint(section(sectionKinds.sideInformation));
  const each = picture.length / entries.length;
  const part = each / steps;
  const places = new Map<number, number>();
  for (const { variable, side, parts } of entries) {
    const own = new Map([[sectionKinds.sideInformation as number, side]]);
    for (const { kind, length } of parts) {
      const from = places.get(kind) ?? 0;
      places.set(kind, from + length);
      own.set(kind, section(kind).slice(from, from + length));
    }
    const one = { picture: new Float32Array(each), masked: new Uint8Array(each) };
    residualClasses((kind) => own.get(kind) ?? new Uint8Array(0), dataType, one);
    for (let step = 0; step < steps; step++) {
      const to = (step * entries.length + variable) * part;
      picture.set(one.picture.subarray(step * part, (step + 1) * part), to);
      masked.set(one.masked.subarray(step * part, (step + 1) * part), to);
    }
  }
}

function stencilClasses(
  section: Sections,
  geometry: Geometry,
  model: ClassModel,
  mapping: MappingInformation,
  { picture, masked }: Pictures,
): void {
  if (mapping.fill) {
    masked.set(decodeMaskReference(section(sectionKinds.mask), geometry, masked.length));
  }
  // Neither masked nor copied values have classes; a copied one is right to the bit.
  const kinds = masked.slice();
  if (mapping.copies) decodeCopiesReference(section(sectionKinds.copies), kinds, geometry);
  const bytes = section(sectionKinds.residualClasses);
  picture.set(decodeClassesReference(bytes, geometry, contextsOf(model), kinds));
}

/**
 * f where the largest coefficient of L is 1, in the units of the values; nothing on the boundary of every
 * section, which is stored as values.
 */
function sourceTerm(section: Sections, dataType: FloatType, { picture, masked }: Pictures): void {
  const side = readSolveInformation(section(sectionKinds.sideInformation), dataType);
  const { sections, height, width, dropped, operators, grids, models } = side;
  const whole: Geometry = { outer: 1, depth: sections, height, width, bands: 1 };
  if (side.fill) {
    masked.set(decodeMaskReference(section(sectionKinds.mask), whole, masked.length));
  }
  const bytes = section(sectionKinds.sourceTerm);
  const split = 4 + new DataView(bytes.buffer).getUint32(0, true);
  const inside: Geometry = { ...whole, height: height - 2, width: width - 2 };
  const classes = decodeClassesReference(bytes.slice(4, split), inside, contextsOf(models.source));
  const integers = unpackBitsReference(bytes.slice(split), classes);
  let next = 0;
  for (let s = 0; s < sections; s++) {
    const weights = operators[s % operators.length].map(Math.abs);
    const unit = (2 ** dropped * grids[s].step) / Math.max(1, ...weights);
    for (let y = 1; y < height - 1; y++)
      for (let x = 1; x < width - 1; x++) {
        const zigzagged = Number(integers[next++]);
        const signed = zigzagged % 2 === 0 ? zigzagged / 2 : -(zigzagged + 1) / 2;
        picture[(s * height + y) * width + x] = signed * unit;
      }
  }
}

function bitLength(value: bigint): number {
  return value === 0n ? 0 : value.toString(2).length;
}

function contextsOf(model: ClassModel) {
  return {
    map: activityMap(model),
    frequencies: model.contexts.map(({ frequencies }) => frequencies),
  };
}
