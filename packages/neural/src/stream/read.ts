/** A stream of the predictor `neural` -> its network, without decoding any value. */
import { crc32c, FieldzipError, type FloatType } from "@fieldzip/core";
import { readHeader, type StreamHeader, sectionKinds } from "@fieldzip/core/stream";
import { parametersOf } from "@fieldzip/kernels/network";
import { decodeParameters } from "@fieldzip/kernels/parameters";
import type { StoredArray, StoredModel } from "../quantise/quantised-model.js";
import { NEURAL } from "./encode.js";
import {
  readSideInformation,
  type SideInformation,
  type StoredVariable,
} from "./side-information.js";

export interface NeuralModel {
  readonly model: StoredModel;
  readonly dataType: FloatType;
  readonly guarantee: number;
  /** Of the chunk, and the axis of its variables where there are several. */
  readonly shape: readonly number[];
  readonly variableAxis?: number;
  /** In the order of their axis: outputs of the network, in their order, and constants. */
  readonly variables: readonly StoredVariable[];
}

/** Throws FieldzipError where the stream is none of this predictor, or is damaged. */
export function readNeuralStream(bytes: Uint8Array, where = "stream"): NeuralModel {
  const header = readHeader(bytes, where);
  if (header.predictor !== NEURAL) {
    throw new FieldzipError("usage", {
      where,
      expected: "a chunk that was compressed with the predictor neural",
      found: `predictor ${header.predictor}`,
      remedy: "compress with --predictor neural to work on the networks of an archive",
    });
  }
  const { variableAxis, variables, axes, shape, formats } = readSide(bytes, header, where);
  const scalings = variables.flatMap((variable) =>
    variable.kind === "output" ? [variable.scaling] : [],
  );
  const described = parametersOf(shape).map((array, k) => ({
    ...array,
    format: formats[k].format,
  }));
  const values = decodeParameters(sectionOf(bytes, header, sectionKinds.model, where), described);
  if (!values) throw damaged(where, "a model that ends where its section ends");
  const arrays = formats.map((format, k): StoredArray => {
    const own = values[k];
    if (format.format === "integer") return { ...format, symbols: own as Int16Array };
    return { ...format, values: own as Float32Array };
  });
  return {
    model: { shape, axes, scalings, arrays },
    dataType: header.dataType,
    guarantee: header.guarantee,
    shape: header.shape,
    variableAxis,
    variables,
  };
}

/** The side information of a stream whose header was read. */
export function readSide(bytes: Uint8Array, header: StreamHeader, where: string): SideInformation {
  const { dataType, shape, guarantee } = header;
  const side = sectionOf(bytes, header, sectionKinds.sideInformation, where);
  const modelBytes = sectionOf(bytes, header, sectionKinds.model, where).length;
  try {
    return readSideInformation(side, { shape, dataType, bounded: guarantee === 1, modelBytes });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw damaged(where, `valid side information (${error.message})`);
  }
}

/** A section's bytes, whose checksum holds. */
function sectionOf(bytes: Uint8Array, header: StreamHeader, kind: number, where: string) {
  const entry = header.sections.find((section) => section.kind === kind);
  if (!entry) throw damaged(where, `section kind ${kind}`);
  const section = bytes.subarray(entry.offset, entry.offset + entry.length);
  if (crc32c(section) !== entry.checksum) throw damaged(where, "the section's checksum");
  return section;
}

function damaged(where: string, expected: string): FieldzipError {
  return new FieldzipError("format", {
    where,
    expected,
    found: "other bytes",
    remedy: "the archive is damaged; restore it from a copy",
  });
}
