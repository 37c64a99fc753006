import { type Coordinates, createEvaluator, type NetworkShape } from "@fieldzip/kernels/network";
import { type Network, shapeOfNetwork } from "./network/network.js";
import type { Scaling } from "./scaling.js";

/** A trained network and its scaling. */
export interface Model {
  readonly network: Network;
  /** Values along every axis of the field that it was trained on, ghost values included. */
  readonly lengths: readonly number[];
  /** Of every variable; one of range 0 is constant, and no output of the network. */
  readonly scalings: readonly Scaling[];
  /** In the order of the kernels' `parametersOf`. */
  readonly parameters: Float32Array;
}

/** The variables that a network has outputs for, in order. */
export function outputsOf(scalings: readonly Scaling[]): number[] {
  return scalings.flatMap(({ range }, v) => (range > 0 ? [v] : []));
}

export function shapeOfModel({ network, lengths, scalings }: Omit<Model, "parameters">) {
  return shapeOfNetwork(network, lengths, outputsOf(scalings).length) satisfies NetworkShape;
}

/**
 * Values of every variable at the given coordinates, in its units, by the decoder's arithmetic: the same
 * bits everywhere. target * scale, then + offset, in single precision.
 */
export function evaluateModel(model: Model, coordinates: Coordinates): Float32Array[] {
  const { scalings, parameters } = model;
  const evaluator = createEvaluator(shapeOfModel(model));
  evaluator.setParameters(parameters);
  const outputs = evaluator.evaluate(coordinates);
  const places = outputsOf(scalings);
  const count = outputs.length / places.length;
  return scalings.map((scaling, v) => {
    const [scale, offset] = [Math.fround(scaling.scale), Math.fround(scaling.offset)];
    const values = new Float32Array(count);
    const column = places.indexOf(v);
    if (column < 0) return values.fill(offset);
    for (let i = 0; i < count; i++) {
      values[i] = Math.fround(outputs[i * places.length + column] * scale) + offset;
    }
    return values;
  });
}
