import { countOfArray, type NetworkShape, parametersOf } from "@fieldzip/kernels/network";
import { type FourierNetwork, fourierDefaults, fourierShape } from "./fourier.js";
import { type GridNetwork, gridDefaults, gridShape } from "./grid.js";

/** A network before it is known what it is trained on. */
export type Network = FourierNetwork | GridNetwork;

/** What is asked for; the rest is the default of the kind. */
export type NetworkRequest =
  | ({ readonly kind: "fourier" } & Partial<FourierNetwork>)
  | ({ readonly kind: "grid" } & Partial<GridNetwork>);

export function completeNetwork(request: NetworkRequest): Network {
  return request.kind === "fourier"
    ? { ...fourierDefaults, ...request }
    : { ...gridDefaults, ...request };
}

/** The network for a field of these lengths (slowest axis first) and variables. */
export function shapeOfNetwork(
  network: Network,
  lengths: readonly number[],
  variables: number,
): NetworkShape {
  return network.kind === "fourier"
    ? fourierShape(network, lengths.length, variables)
    : gridShape(network, lengths, variables);
}

export function countParameters(shape: NetworkShape): number {
  return parametersOf(shape).reduce((sum, array) => sum + countOfArray(array), 0);
}
