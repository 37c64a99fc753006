/** What is trained on: variables on one grid, in memory. */
export interface TrainingField {
  /** Values along every axis, 1 to 4 of them, slowest first: [t, z, y, x] or fewer. */
  readonly lengths: readonly number[];
  /** A variable each, C order. Values that are not finite are left out of the loss. */
  readonly variables: readonly ArrayLike<number>[];
  /** Coordinates in -1 to 1 along every axis. Default: evenly from -1 to 1. */
  readonly axes?: readonly Float32Array[];
}
