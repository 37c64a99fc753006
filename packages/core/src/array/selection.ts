import { FieldzipError } from "../errors.js";
import type { Box } from "./box.js";
import { baseName, type VariableSource } from "./dataset.js";

/** Per dimension name: an index, which drops the axis, or `[from, to)`, which keeps it. */
export type Selection = Readonly<Record<string, number | readonly [from: number, to: number]>>;

/** Turns a selection into a box of the variable and the shape of what is read. */
export function resolveSelection(
  variable: VariableSource,
  selection: Selection,
  location: string,
): { box: Box; shape: number[] } {
  const names = variable.dimensions.map(baseName);
  const where = `${location}, variable ${variable.name}`;
  for (const name of Object.keys(selection)) {
    if (!names.includes(baseName(name))) {
      throw new FieldzipError("usage", {
        where,
        expected: `a dimension out of ${names.join(", ") || "none (a scalar)"}`,
        found: name,
        remedy: "select along the dimensions that the variable has",
      });
    }
  }
  const start: number[] = [];
  const extent: number[] = [];
  const shape: number[] = [];
  variable.shape.forEach((size, axis) => {
    const chosen = selection[names[axis]] ?? selection[variable.dimensions[axis]] ?? [0, size];
    const [from, to] = typeof chosen === "number" ? [chosen, chosen + 1] : chosen;
    if (!Number.isInteger(from) || !Number.isInteger(to) || from < 0 || to > size || from > to) {
      throw new FieldzipError("usage", {
        where: `${where}, dimension ${names[axis]}`,
        expected: `integers within 0 to ${size}`,
        found: typeof chosen === "number" ? `${chosen}` : `${from}:${to}`,
        remedy: "select inside the dimension; the end is exclusive",
      });
    }
    start.push(from);
    extent.push(to - from);
    if (typeof chosen !== "number") shape.push(to - from);
  });
  return { box: { start, shape: extent }, shape };
}
