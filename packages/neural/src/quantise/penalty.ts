/** What integers cost in the archive, as a part of the loss while a network is trained. */
import { countOfArray, type NetworkShape, type Penalty, parametersOf } from "@fieldzip/kernels/network";
import type { Quantiser } from "./quantiser.js";

const KAPPA = Number(process.env.KAPPA ?? 1);
const WIDTH = Number(process.env.WIDTH ?? 1);

export function penaltiesOf(shape: NetworkShape, quantiser: Quantiser, loss: number): Penalty[] {
  const arrays = parametersOf(shape);
  const integers = arrays.reduce(
    (sum, array, k) => sum + (quantiser[k].format === "integer" ? countOfArray(array) : 0),
    0,
  );
  return arrays.map((array, k) => {
    const how = quantiser[k];
    if (how.format !== "integer" || array.role !== "grid") return { weight: 0, width: 1 };
    const step = how.steps[0];
    return { weight: (KAPPA * 2 * loss) / integers, width: WIDTH * step * step };
  });
}
