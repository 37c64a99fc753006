/** What of a dataset is a field, and what a promise of less than every bit is about. */
import { isCoordinate, positionNames } from "./array/axes.js";
import { countOf } from "./array/box.js";
import { isFloatType } from "./array/data-type.js";
import type { Dataset, Variable } from "./array/dataset.js";
import type { CheckedOptions } from "./check-options.js";

/** Float variables of fewer values are no fields: a stream's header would outweigh what prediction saves. */
const SMALLEST_FIELD = 1024;

/** How a variable is stored: by Zarr's own codecs, by ours without loss, or as it was asked for. */
export type Treatment = "standard" | "exact" | "asked";

/**
 * The one place where it is decided what may be lossy: fields of floating-point numbers, and no coordinates of any kind,
 * integers or text. Where every bit is asked for, and no network is to learn them, coordinates on two or more axes are
 * fields like others.
 */
export function treatmentOf(
  dataset: Dataset,
  { guarantee, trained }: Pick<CheckedOptions, "guarantee" | "trained">,
): (variable: Variable) => Treatment {
  const isPlain = guarantee.kind === "exact" && !trained;
  const positions = isPlain ? new Set<string>() : positionNames(dataset);
  return (variable) => {
    const isField =
      isFloatType(variable.dataType) &&
      !isCoordinate(variable) &&
      countOf(variable.shape) >= SMALLEST_FIELD;
    if (!isField) return "standard";
    return positions.has(variable.name) ? "exact" : "asked";
  };
}
