import { FieldzipError, type VariableSource } from "@fieldzip/core";
import type { PlacedFile, Placement } from "../files/placed.js";

/** Everything that a run's folder will hold; paths are names in that folder. */
export interface RunPlan {
  /** `grid.out`, `flt.out`, `dbl.out`. */
  readonly texts: readonly { readonly name: string; readonly bytes: Uint8Array }[];
  readonly files: readonly PlacedFile[];
  /** Each variable `[step, …]` with one place for each step. */
  readonly variables: readonly {
    readonly source: VariableSource;
    readonly places: readonly Placement[];
  }[];
}

/** An archive's `original` that contradicts its variables. */
export function contradiction(where: string, expected: string, found: string): FieldzipError {
  return new FieldzipError("format", {
    where,
    expected,
    found,
    remedy: "the archive is damaged; write another format, such as NetCDF (.nc)",
  });
}
