import type { Dimension, VariableSource } from "@fieldzip/core";
import { memoryVariable, textAttribute } from "@fieldzip/core";
import { axisNames, type Grid } from "./grid.js";
import type { Cells } from "./layout.js";

/** Name of the dimension along `axis` (0 is x3) for values in the cells or on their faces. */
export function dimensionName(grid: Grid, axis: number, faces: boolean): string {
  const name = axisNames[grid.geometry][2 - axis];
  return faces ? `${name}_edge` : name;
}

export function cellsOf(grid: Grid): Cells {
  const [x1, x2, x3] = grid.axes.map((axis) => axis.left.length);
  return [x3, x2, x1];
}

/**
 * Coordinates of the grid: for every axis of more than one cell the centres (`x [x]`), the edges of
 * each cell (`x_bounds [x, bounds]`, as CF has them), and the faces (`x_edge`) where a variable sits
 * on them. Float64, in the run's own units.
 */
export function gridCoordinates(
  grid: Grid,
  staggered: ReadonlySet<number>,
): { dimensions: Dimension[]; variables: VariableSource[] } {
  const dimensions: Dimension[] = [];
  const variables: VariableSource[] = [];
  cellsOf(grid).forEach((count, axis) => {
    const { left, right } = grid.axes[2 - axis];
    const name = dimensionName(grid, axis, false);
    if (count > 1) {
      const bounds = Float64Array.from({ length: 2 * count }, (_, i) =>
        i % 2 === 0 ? left[i >> 1] : right[i >> 1],
      );
      dimensions.push({ name, size: count });
      variables.push(
        memoryVariable(
          name,
          "float64",
          [name],
          [count],
          left.map((from, i) => 0.5 * (from + right[i])),
          { long_name: textAttribute("cell centre"), bounds: textAttribute(`${name}_bounds`) },
        ),
        memoryVariable(`${name}_bounds`, "float64", [name, "bounds"], [count, 2], bounds),
      );
    }
    if (staggered.has(axis)) {
      const edge = dimensionName(grid, axis, true);
      dimensions.push({ name: edge, size: count + 1 });
      variables.push(
        memoryVariable(
          edge,
          "float64",
          [edge],
          [count + 1],
          Float64Array.from({ length: count + 1 }, (_, i) => (i === 0 ? left[0] : right[i - 1])),
          { long_name: textAttribute("cell face") },
        ),
      );
    }
  });
  if (cellsOf(grid).some((count) => count > 1)) dimensions.push({ name: "bounds", size: 2 });
  return { dimensions, variables };
}
