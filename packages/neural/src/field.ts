/** What is trained on: variables on one grid, in memory. */
export interface TrainingField {
  /** Values along every axis, 1 to 4 of them, slowest first: [t, z, y, x] or fewer. */
  readonly lengths: readonly number[];
  /** A variable each, C order. Values that are not finite are left out of the loss. */
  readonly variables: readonly ArrayLike<number>[];
  /**
   * Ghost values along every axis, before and behind those that the model is for: they are trained on, so
   * that neighbouring models agree where they meet. Default: none.
   */
  readonly ghosts?: readonly { readonly low: number; readonly high: number }[];
}
