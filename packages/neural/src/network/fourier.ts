/**
 * The published network (IT4Innovations, "Deep learning for scientific data compression"):
 *
 *   gamma(v) = [sin(2 pi (B v + p)), cos(2 pi (B v + p))], then Linear(2k -> n) without bias, activation,
 *   m times Linear(n -> n) with bias and activation, Linear(n -> d_out) with bias
 *
 * B (k x d_in) and p (k) learn: "dynamic" Fourier features. They are kept in turns, not radians, which
 * changes no function that the network can be, and lets sines be reduced without rounding.
 */
import type { Activation, NetworkShape } from "@fieldzip/kernels/network";

export interface FourierNetwork {
  readonly kind: "fourier";
  /**
   * `learned` as published; `fixed`: B and p stay as drawn (Tancik et al., 2020); `off`: the first layer
   * sees the coordinates. The published ablations. Default `learned`.
   */
  readonly mapping: "learned" | "fixed" | "off";
  /** k, rows of B. Default 128. */
  readonly frequencies: number;
  /** n, width of the hidden layers. Default 192. */
  readonly width: number;
  /** m, hidden layers after the first. Default 3. */
  readonly hidden: number;
  /**
   * Default `smooth`: 1.4 to 2.3 dB above `relu` after 15 CPU seconds on the Kelvin-Helmholtz volume of
   * `bench/neural` (one seed); `sine` was no better than `relu`.
   */
  readonly activation: Activation;
  /**
   * Standard deviation of B as it is drawn, in waves along an axis of so many values: values divided
   * by this. Smaller draws finer waves, which cost quality where a field has none: after 15 CPU seconds
   * on the two MHD volumes of `bench/neural` 16 was 6 to 8 dB below 48 to 64 (one seed). Default 48.
   */
  readonly valuesPerWave: number;
}

export const fourierDefaults: FourierNetwork = {
  kind: "fourier",
  mapping: "learned",
  frequencies: 128,
  width: 192,
  hidden: 3,
  activation: "smooth",
  valuesPerWave: 48,
};

export function fourierShape(
  network: FourierNetwork,
  dimensions: number,
  outputs: number,
): NetworkShape {
  const { mapping, frequencies, width, hidden, activation } = network;
  return {
    ...{ dimensions, outputs, mapping, activation },
    levels: [],
    frequencies: mapping === "off" ? 0 : frequencies,
    widths: new Array<number>(hidden + 1).fill(width),
    firstBias: false,
  };
}

/**
 * The published formula, d_out + k (d_in + 1) + n (2k + m (n + 1) + d_out); without mapping the first layer
 * has d_in inputs and there is no B and no p.
 */
export function fourierParameters(
  { mapping, frequencies: k, width: n, hidden: m }: FourierNetwork,
  dimensions: number,
  outputs: number,
): number {
  const [mapped, inputs] = mapping === "off" ? [0, dimensions] : [k * (dimensions + 1), 2 * k];
  return outputs + mapped + n * (inputs + m * (n + 1) + outputs);
}
