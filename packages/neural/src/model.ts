import { type Coordinates, createEvaluator } from "@fieldzip/kernels/network";
import { type Network, shapeOfNetwork } from "./network/network.js";
import type { Scaling } from "./scaling.js";

/** A trained network and its scaling. */
export interface Model {
  readonly network: Network;
  /** Values along every axis of the field that it was made for. */
  readonly lengths: readonly number[];
  /** Of every variable. */
  readonly scalings: readonly Scaling[];
  /** In the order of the kernels' `parametersOf`. */
  readonly parameters: Float32Array;
}

/**
 * Values of every variable at the given coordinates, in its units, by the decoder's arithmetic: the same
 * bits everywhere. target * scale, then + offset, in single precision.
 */
export function evaluateModel(
  { network, lengths, scalings, parameters }: Model,
  coordinates: Coordinates,
): Float32Array[] {
  const evaluator = createEvaluator(shapeOfNetwork(network, lengths, scalings.length));
  evaluator.setParameters(parameters);
  const outputs = evaluator.evaluate(coordinates);
  const count = outputs.length / scalings.length;
  return scalings.map((scaling, v) => {
    const [scale, offset] = [Math.fround(scaling.scale), Math.fround(scaling.offset)];
    const values = new Float32Array(count);
    if (scaling.range === 0) return values.fill(offset);
    for (let i = 0; i < count; i++) {
      values[i] = Math.fround(outputs[i * scalings.length + v] * scale) + offset;
    }
    return values;
  });
}
