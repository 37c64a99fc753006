/** A trained network and a chunk -> a stream of the predictor `neural`. */
import { type FloatArray, floatTypeOf } from "@fieldzip/core";
import {
  type CodedIntegers,
  codeIntegers,
  type Section,
  sectionKinds,
  writeExceptions,
  writeStream,
} from "@fieldzip/core/stream";
import { createEncoder } from "@fieldzip/kernels";
import { encodeParameters } from "@fieldzip/kernels/parameters";
import { codedArrays } from "../quantise/coded-arrays.js";
import { checkStoredModel, type StoredModel } from "../quantise/quantised-model.js";
import { type ChunkLayout, layoutOfChunk } from "./chunk.js";
import { codeMasks } from "./masks.js";
import { constantsOf, missesOf, type StreamGuarantee } from "./misses.js";
import { decodedOf } from "./prediction.js";
import { checkSize, type StoredVariable, writeSideInformation } from "./side-information.js";
import { findSpecialValues } from "./special-values.js";

/** The predictor's number in the header. */
export const NEURAL = 3;

export interface NeuralChunk {
  /** C order. */
  readonly values: FloatArray;
  readonly shape: readonly number[];
  /** The axis along which variables stand, where there are several. */
  readonly variableAxis?: number;
  readonly model: StoredModel;
  /** The variable of every output of the network, ascending; the others are constant. Default: all variables. */
  readonly outputs?: readonly number[];
  readonly guarantee: StreamGuarantee;
  /** What stands for missing values, beside NaN. */
  readonly fillValues?: readonly number[];
  /** What `decodedOf` says of this chunk, where that is known already. */
  readonly predicted?: FloatArray;
}

export interface NeuralStream {
  readonly bytes: Uint8Array;
  /** Of which the model takes so many. */
  readonly modelBytes: number;
  /** Values that are stored as they are: neither predicted nor among the masked ones. */
  readonly exceptions: number;
}

/** Throws RangeError where the parts do not fit together, or the network is larger than a decoder takes. */
export function encodeNeuralStream(chunk: NeuralChunk): NeuralStream {
  const { values, shape, variableAxis, model, guarantee } = chunk;
  const layout = layoutOfChunk(shape, variableAxis);
  if (!layout) throw new RangeError(`neural: a chunk of shape ${shape.join(" x ")}`);
  const outputs = chunk.outputs ?? Array.from({ length: layout.variables }, (_, v) => v);
  checkModel(model, layout, outputs);
  const type = floatTypeOf(values);
  const kernels = createEncoder();
  const special = findSpecialValues(values, chunk.fillValues);
  const constants = constantsOf(values, layout, outputs, special);
  const { residuals, exceptions } = missesOf(
    {
      ...{ values, layout, special, constants },
      predicted: () => chunk.predicted ?? decodedOf(model, layout, outputs, type),
    },
    guarantee,
  );
  const coded = residuals && codeIntegers(residuals, layout.box, kernels, special?.mask);
  const masks =
    special && special.patterns.length > 0 ? codeMasks(special, layout, kernels) : undefined;
  const parameters = codeParameters(model);
  checkSize(model.shape, layout, parameters.length);
  const side = writeSideInformation({
    variableAxis,
    variables: variablesOf(model, constants, guarantee),
    axes: model.axes,
    shape: model.shape,
    formats: model.arrays,
    masks: masks?.masks ?? [],
    model: coded?.model,
  });
  const sections = sectionsOf(side, parameters, coded);
  if (masks) sections.push({ kind: sectionKinds.mask, bytes: masks.code });
  if (exceptions.length > 0) {
    const bytes = writeExceptions(values, exceptions);
    sections.push({ kind: sectionKinds.exceptions, bytes });
  }
  return {
    bytes: writeStream(type, NEURAL, shape, sections, guarantee.kind),
    modelBytes: parameters.length,
    exceptions: exceptions.length,
  };
}

function checkModel(
  model: StoredModel,
  { lengths, variables }: ChunkLayout,
  outputs: readonly number[],
): void {
  checkStoredModel(model);
  const lengthsOf = model.axes.map(({ length }) => length);
  const ascending = outputs.every(
    (v, k) => Number.isInteger(v) && v < variables && v > (outputs[k - 1] ?? -1),
  );
  if (lengthsOf.join() !== lengths.join()) {
    throw new RangeError(`neural: a model of ${lengthsOf.join(" x ")} for ${lengths.join(" x ")}`);
  }
  if (!ascending || outputs.length !== model.shape.outputs) {
    throw new RangeError(`neural: outputs for variables [${outputs}] of ${variables}`);
  }
}

function variablesOf(
  { scalings }: StoredModel,
  constants: readonly (Uint8Array | undefined)[],
  guarantee: StreamGuarantee,
): StoredVariable[] {
  let output = 0;
  return constants.map((bits, variable) => {
    if (bits) return { kind: "constant", bits };
    const scaling = scalings[output++];
    if (guarantee.kind !== "bounded") return { kind: "output", scaling };
    const bound = guarantee.bounds[variable];
    if (!(bound > 0 && 2 * bound < Number.POSITIVE_INFINITY))
      throw new RangeError(`neural: bound ${bound} of variable ${variable}`);
    return { kind: "output", scaling, bound };
  });
}

/** The section "model". */
export function codeParameters({
  shape,
  arrays,
}: Pick<StoredModel, "shape" | "arrays">): Uint8Array {
  return encodeParameters(...codedArrays(arrays, shape));
}

function sectionsOf(
  side: Uint8Array,
  model: Uint8Array,
  coded: CodedIntegers | undefined,
): Section[] {
  const sections: Section[] = [
    { kind: sectionKinds.sideInformation, bytes: side },
    { kind: sectionKinds.model, bytes: model },
  ];
  if (coded) {
    sections.push({ kind: sectionKinds.residualClasses, bytes: coded.classes });
    sections.push({ kind: sectionKinds.residualBits, bytes: coded.bits });
  }
  return sections;
}
