/** What a stream says about its chunk, for evaluation anywhere in it. */
import { FieldzipError, type FloatType, viewBytes } from "@fieldzip/core";
import { checkChunk, readHeader, sectionKinds } from "@fieldzip/core/stream";
import { NEURAL } from "../stream/encode.js";
import { readNeuralStream } from "../stream/read.js";
import type { ChunkModel } from "./chunk-network.js";

/** Number of the guarantee in the header under which values are the network's alone. */
const BEST_EFFORT = 2;

/**
 * Undefined where another predictor has made the stream. `chunk`: what it must be; along `variableAxis` stand
 * the variables of a joint array (default: along the stream's own axis of variables, if any).
 */
export function readChunkModel(
  stream: Uint8Array,
  chunk: {
    readonly dataType: FloatType;
    readonly shape: readonly number[];
    readonly where: string;
    readonly variableAxis?: number;
  },
): ChunkModel | undefined {
  const { shape, where } = chunk;
  const header = readHeader(stream, where);
  checkChunk(header, chunk);
  if (header.predictor !== NEURAL) return undefined;
  const { model, variables, ...own } = readNeuralStream(stream, where);
  const variableAxis = chunk.variableAxis ?? own.variableAxis;
  const has = (kind: number) => header.sections.some((section) => section.kind === kind);
  const extents = variableAxis === undefined ? shape : shape.toSpliced(variableAxis, 1);
  const coordinateAxes = extents.flatMap((extent, axis) => (extent > 1 ? [axis] : []));
  const count = variableAxis === undefined ? 1 : shape[variableAxis];
  if (coordinateAxes.length !== model.axes.length || variables.length !== count) {
    throw new FieldzipError("format", {
      where,
      expected: `${coordinateAxes.length} coordinates of ${count} variables`,
      found: `${model.axes.length} of ${variables.length}`,
      remedy: "the archive is damaged; restore it from a copy",
    });
  }
  let output = 0;
  return {
    ...{ model, variableAxis, coordinateAxes },
    variables: variables.map((variable) =>
      variable.kind === "output"
        ? { output: output++ }
        : { constant: Number(viewBytes(header.dataType, variable.bits)[0]) },
    ),
    corrected: header.guarantee !== BEST_EFFORT || has(sectionKinds.exceptions),
    masked: has(sectionKinds.mask),
  };
}
