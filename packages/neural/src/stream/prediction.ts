/** What a stored model says of a chunk, by the decoder's arithmetic: the same bits everywhere. */
import type { FloatArray, FloatType } from "@fieldzip/core";
import { createEvaluator } from "@fieldzip/kernels/network";
import {
  parametersOfStored,
  type StoredModel,
  storedAxisCoordinates,
} from "../quantise/quantised-model.js";
import { type ChunkLayout, eachStretch } from "./chunk.js";

/** Points that are evaluated at once. */
const BLOCK = 65536;

/**
 * Predictions of the chunk's values in their places; 0 where they are not finite, and for variables that are no
 * outputs. `outputs`: the variable of every output of the network, ascending.
 */
export function decodedOf(
  model: StoredModel,
  layout: ChunkLayout,
  outputs: readonly number[],
  dataType: FloatType,
): FloatArray {
  const { shape, axes, scalings } = model;
  const evaluator = createEvaluator(shape);
  evaluator.setParameters(parametersOfStored(model));
  const coordinates = { axes: axes.map(storedAxisCoordinates) };
  const single = dataType === "float32";
  const count = layout.points * layout.variables;
  const predicted = single ? new Float32Array(count) : new Float64Array(count);
  for (let first = 0; first < layout.points; first += BLOCK) {
    const some = Math.min(BLOCK, layout.points - first);
    const values = evaluator.evaluate(coordinates, first, some);
    outputs.forEach((variable, column) => {
      const { scale, offset } = scalings[column];
      const put = single ? putSingle : putDouble;
      eachStretch(layout, variable, first, some, (point, place, length) => {
        const from = (point - first) * shape.outputs + column;
        put(predicted, place, length, values, from, shape.outputs, scale, offset);
      });
    });
  }
  return predicted;
}

/** to[i] = offset + scale * output, product and sum rounded to single precision. */
function putSingle(
  to: FloatArray,
  place: number,
  length: number,
  outputs: Float32Array,
  from: number,
  stride: number,
  scale: number,
  offset: number,
): void {
  const [s, o] = [Math.fround(scale), Math.fround(offset)];
  for (let i = 0, at = from; i < length; i++, at += stride) {
    const value = Math.fround(Math.fround(outputs[at] * s) + o);
    to[place + i] = value - value === 0 ? value : 0;
  }
}

/** The same in double precision. */
function putDouble(
  to: FloatArray,
  place: number,
  length: number,
  outputs: Float32Array,
  from: number,
  stride: number,
  scale: number,
  offset: number,
): void {
  for (let i = 0, at = from; i < length; i++, at += stride) {
    const value = outputs[at] * scale + offset;
    to[place + i] = value - value === 0 ? value : 0;
  }
}
