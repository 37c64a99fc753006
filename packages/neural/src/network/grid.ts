/**
 * Our network: learned feature grids of several resolutions (as in Müller et al., arXiv:2201.05989, but
 * dense) beside learned Fourier features, into a small trunk that all variables share. Features between nodes
 * are quadratic B-splines: at 93x and equal samples 1.1 to 1.6 dB above multilinear ones on the
 * Kelvin-Helmholtz volume of `bench/neural`, 2.5 to 3.4 dB on the turbulent one, for a tenth more time; cubic
 * ones brought at most 0.3 dB more, for another tenth. And derivatives have no jumps.
 */
import type { Activation, NetworkShape } from "@fieldzip/kernels/network";

export interface GridNetwork {
  readonly kind: "grid";
  /**
   * Grids, coarse to fine: one node every `spacing` values along each axis (at least 2 nodes, or 1 along
   * an axis of one value), with so many features. Default 16 at 8, 8 at 4, 8 at 2: `bench/neural/ablation.md`.
   */
  readonly levels: readonly { readonly spacing: number; readonly features: number }[];
  /** The axis of the steps among `lengths`, if any. */
  readonly stepAxis?: number;
  /**
   * Along the steps' axis nodes lie at this multiple of a level's spacing, one a step at most: from one stored step to
   * the next a field moves by more than a cell. Default 0.25: on five steps of turbulence at 250x (`bench/neural`,
   * 10 epochs) 45.8 dB, with 0.5 44.1 and with 1 41.5; at 150x 49.3, 49.3 and 44.0.
   */
  readonly stepSpacing: number;
  /** Learned Fourier frequencies beside them. Default 0: 16 cost a quarter more time and 0.1 to 0.4 dB at equal bytes. */
  readonly frequencies: number;
  /** Width of the trunk's hidden layers. Default 64. */
  readonly width: number;
  /** Hidden layers, at least one. Default 2. */
  readonly hidden: number;
  /** Default `smooth`: 0.9 dB above `relu` after 8 CPU seconds on the Kelvin-Helmholtz volume (one seed). */
  readonly activation: Activation;
  /** As in `FourierNetwork`. Default 48. */
  readonly valuesPerWave: number;
}

export const gridDefaults: GridNetwork = {
  kind: "grid",
  levels: [
    { spacing: 8, features: 16 },
    { spacing: 4, features: 8 },
    { spacing: 2, features: 8 },
  ],
  stepSpacing: 0.25,
  frequencies: 0,
  width: 64,
  hidden: 2,
  activation: "smooth",
  valuesPerWave: 48,
};

/** `lengths`: values along every axis, slowest first. */
export function gridShape(
  network: GridNetwork,
  lengths: readonly number[],
  outputs: number,
): NetworkShape {
  const { levels, stepAxis, stepSpacing, frequencies, width, hidden, activation } = network;
  const nodesAlong = (length: number, spacing: number) =>
    Math.min(length, Math.max(2, Math.ceil(length / spacing)));
  return {
    dimensions: lengths.length,
    outputs,
    levels: levels.map(({ spacing, features }) => ({
      features,
      nodes: lengths.map((length, axis) =>
        nodesAlong(length, axis === stepAxis ? spacing * stepSpacing : spacing),
      ),
    })),
    mapping: "learned",
    frequencies,
    widths: new Array<number>(hidden).fill(width),
    firstBias: true,
    activation,
  };
}
