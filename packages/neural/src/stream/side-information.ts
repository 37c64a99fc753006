/** Side information of the predictor `neural`: `spec/stream.md`, section 5.1, is normative. */
import type { FloatType } from "@fieldzip/core";
import { limits } from "@fieldzip/core";
import { type ClassModel, classModelBytes, readClassModel } from "@fieldzip/core/stream";
import {
  type Activation,
  checkShape,
  countOfArray,
  type NetworkShape,
  parametersOf,
} from "@fieldzip/kernels/network";
import type { StoredArray, StoredAxis } from "../quantise/quantised-model.js";
import type { Scaling } from "../scaling.js";
import { type ChunkLayout, layoutOfChunk } from "./chunk.js";
import { createReader, createWriter, type Reader, type Writer } from "./numbers.js";

/** A variable of the chunk: an output of the network, with what it may be off by where that is bounded; or constant. */
export type StoredVariable =
  | { readonly kind: "output"; readonly scaling: Scaling; readonly bound?: number }
  | { readonly kind: "constant"; readonly bits: Uint8Array };

/** How an array's parameters are stored, without them. */
export type ArrayFormat =
  | { readonly format: "float32" | "float16" }
  | { readonly format: "integer"; readonly steps: Float32Array };

export interface StoredMask {
  /** The bytes of a masked value. */
  readonly pattern: Uint8Array;
  readonly form: "bits" | "runs";
  /** Bytes of its code in the section mask. */
  readonly length: number;
}

export interface SideInformation {
  readonly variableAxis?: number;
  readonly variables: readonly StoredVariable[];
  /** Of the coordinates; lengths are those of the chunk's shape. */
  readonly axes: readonly StoredAxis[];
  readonly shape: NetworkShape;
  /** In the order of `parametersOf`. */
  readonly formats: readonly ArrayFormat[];
  readonly masks: readonly StoredMask[];
  /** Of the residual; none under best-effort. */
  readonly model?: ClassModel;
}

const MODE = 1;
const NO_AXIS = 255;
const mappings: readonly NetworkShape["mapping"][] = ["off", "fixed", "learned"];
const activations: readonly Activation[] = ["relu", "sine", "smooth"];
const forms: readonly StoredMask["form"][] = ["bits", "runs"];
/** Of arrays: the last two are integers, with a step for all and with one a column. */
const formats = { float32: 0, float16: 1, oneStep: 2, manySteps: 3 } as const;

export function writeSideInformation(side: SideInformation): Uint8Array {
  const writer = createWriter();
  writer.bytes([MODE, side.variableAxis ?? NO_AXIS]);
  for (const variable of side.variables) writeVariable(writer, variable);
  for (const { low, total } of side.axes) writer.whole(low, total);
  writeShape(writer, side.shape);
  for (const array of side.formats) writeFormat(writer, array);
  writer.bytes([side.masks.length]);
  for (const { pattern, form, length } of side.masks) {
    writer.bytes([...pattern, forms.indexOf(form)]);
    writer.whole(length);
  }
  if (side.model) writer.bytes(classModelBytes(side.model));
  return writer.finish();
}

function writeVariable(writer: Writer, variable: StoredVariable): void {
  if (variable.kind === "constant") {
    writer.bytes([1, ...variable.bits]);
    return;
  }
  const { offset, scale, range } = variable.scaling;
  writer.bytes([0]);
  writer.doubles(offset, scale, range);
  if (variable.bound !== undefined) writer.doubles(variable.bound);
}

function writeShape(writer: Writer, shape: NetworkShape): void {
  const { mapping, activation, firstBias, levels, widths } = shape;
  const numbers = [mappings.indexOf(mapping), activations.indexOf(activation), firstBias ? 1 : 0];
  writer.bytes([...numbers, levels.length, widths.length]);
  writer.whole(mapping === "off" ? 0 : shape.frequencies);
  for (const { features, nodes } of levels) {
    writer.bytes([features]);
    writer.whole(...nodes);
  }
  writer.whole(...widths);
}

function writeFormat(writer: Writer, array: ArrayFormat | StoredArray): void {
  if (array.format !== "integer") {
    writer.bytes([formats[array.format]]);
    return;
  }
  writer.bytes([array.steps.length > 1 ? formats.manySteps : formats.oneStep]);
  writer.floats(...array.steps);
}

export interface ReadOptions {
  /** Of the chunk. */
  readonly shape: readonly number[];
  readonly dataType: FloatType;
  /** Whether it holds a bound for every output. */
  readonly bounded: boolean;
  /** Bytes of the model: they bound the network. */
  readonly modelBytes: number;
}

/** Throws RangeError where the bytes are no side information of such a chunk. */
export function readSideInformation(bytes: Uint8Array, options: ReadOptions): SideInformation {
  const reader = createReader(bytes);
  const [mode, axis] = reader.bytes(2);
  check(mode === MODE, `mode ${mode}`);
  const variableAxis = axis === NO_AXIS ? undefined : axis;
  check(axis === NO_AXIS || axis < options.shape.length, `variable axis ${axis}`);
  const layout = layoutOfChunk(options.shape, variableAxis);
  if (!layout) throw new RangeError("a chunk without coordinates, or with too many");
  const size = options.dataType === "float32" ? 4 : 8;
  const variables = Array.from({ length: layout.variables }, () =>
    readVariable(reader, size, options.bounded),
  );
  const axes = layout.lengths.map((length): StoredAxis => {
    const [low, total] = reader.whole(2);
    check(low + length <= total, `an axis of ${low} + ${length} values in ${total}`);
    return { length, low, total };
  });
  const outputs = variables.filter(({ kind }) => kind === "output").length;
  const shape = readShape(reader, layout.lengths.length, outputs);
  checkSize(shape, layout, options.modelBytes);
  const arrays = parametersOf(shape).map((array) => readFormat(reader, array.shape.at(-1)!));
  const [count] = reader.bytes(1);
  check(count <= limits.network.masks, `${count} special values`);
  const masks = Array.from({ length: count }, (): StoredMask => {
    const pattern = reader.bytes(size).slice();
    const [form] = reader.bytes(1);
    check(form < forms.length, `mask form ${form}`);
    return { pattern, form: forms[form], length: reader.whole(1)[0] };
  });
  const model = reader.left() > 0 ? readClassModel(bytes, reader.at()).model : undefined;
  return { variableAxis, variables, axes, shape, formats: arrays, masks, model };
}

function readVariable(reader: Reader, size: number, bounded: boolean): StoredVariable {
  const [kind] = reader.bytes(1);
  check(kind <= 1, `variable kind ${kind}`);
  if (kind === 1) return { kind: "constant", bits: reader.bytes(size).slice() };
  const [offset, scale, range] = reader.doubles(3);
  const scaling = { offset, scale, range };
  return bounded
    ? { kind: "output", scaling, bound: reader.doubles(1)[0] }
    : { kind: "output", scaling };
}

function readShape(reader: Reader, dimensions: number, outputs: number): NetworkShape {
  const [mapping, activation, bias, levelCount, hidden] = reader.bytes(5);
  const [frequencies] = reader.whole(1);
  check(mapping < mappings.length && activation < activations.length, "mapping or activation");
  check(
    bias <= 1 && levelCount <= limits.network.levels && hidden <= limits.network.layers,
    "size",
  );
  const levels = Array.from({ length: levelCount }, () => {
    const [features] = reader.bytes(1);
    return { features, nodes: reader.whole(dimensions) };
  });
  const shape = {
    ...{ dimensions, outputs, levels, frequencies },
    mapping: mappings[mapping],
    widths: reader.whole(hidden),
    firstBias: bias === 1,
    activation: activations[activation],
  };
  checkShape(shape);
  return shape;
}

function readFormat(reader: Reader, columns: number): ArrayFormat {
  const [format] = reader.bytes(1);
  if (format === formats.float32) return { format: "float32" };
  if (format === formats.float16) return { format: "float16" };
  check(format <= formats.manySteps, `array format ${format}`);
  return { format: "integer", steps: reader.floats(format === formats.oneStep ? 1 : columns) };
}

/** Throws RangeError for a network that a decoder refuses: see `limits.network`. */
export function checkSize(shape: NetworkShape, { points, variables }: ChunkLayout, bytes: number) {
  const { network } = limits;
  const arrays = parametersOf(shape);
  const sum = (of: typeof arrays) => of.reduce((total, array) => total + countOfArray(array), 0);
  const parameters = sum(arrays);
  const weights = sum(arrays.filter(({ role }) => role === "weights"));
  const features = arrays.find(({ role }) => role === "weights")!.shape[0];
  const most = network.parameters(points * variables, bytes);
  check(parameters <= most, `${parameters} parameters, ${most} or fewer expected`);
  check(weights <= network.weights(bytes), `${weights} weights in ${bytes} bytes`);
  check(shape.levels.length <= network.levels, `${shape.levels.length} grids`);
  check(shape.widths.length <= network.layers, `${shape.widths.length} hidden layers`);
  check(features <= network.width, `${features} features`);
}

function check(holds: boolean, found: string): void {
  if (!holds) throw new RangeError(`side information: ${found}`);
}
