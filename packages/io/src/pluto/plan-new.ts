import {
  baseName,
  bytesPerValue,
  countOf,
  type Dataset,
  FieldzipError,
  isFloatType,
  isStepAxis,
  type Variable,
} from "@fieldzip/core";
import {
  axisNames,
  formatGrid,
  type Geometry,
  type Grid,
  type GridAxis,
  geometries,
} from "./grid.js";
import {
  dataFileName,
  formatOutputRecord,
  type OutputRecord,
  type Precision,
} from "./output-table.js";
import type { RunPlan } from "./plan.js";

/** Coordinates of more values are not read to make a grid. */
const axisLimit = 1 << 22;

/**
 * A run for a dataset that did not come from PLUTO (or is a part of one that did): one file a
 * variable and step, little-endian, float32 as `.flt` and float64 as `.dbl`.
 */
export async function planNewRun(dataset: Dataset, signal?: AbortSignal): Promise<RunPlan> {
  const variables = fieldsOf(dataset);
  const [first] = variables;
  const stepped = isStepAxis(dataset, first.dimensions[0] ?? "");
  const spatial = first.dimensions.slice(stepped ? 1 : 0);
  const extent = first.shape.slice(stepped ? 1 : 0);
  if (countOf(first.shape) === 0) throw unsuitable(first, `the shape ${first.shape.join(" x ")}`);
  if (spatial.length > 3) throw unsuitable(first, `${spatial.length} axes beside the step`);
  for (const variable of variables) {
    if (variable.dimensions.join() !== first.dimensions.join()) {
      throw unsuitable(variable, `the axes ${variable.dimensions.join(", ") || "none"}`);
    }
  }
  const grid = await gridOf(dataset, spatial, extent, signal);
  const count = stepped ? first.shape[0] : 1;
  const steps = stepped ? first.dimensions[0] : undefined;
  const records = await recordsOf(dataset, steps, count, signal);
  const plan = {
    texts: [{ name: "grid.out", bytes: Buffer.from(formatGrid(grid), "latin1") as Uint8Array }],
    files: [] as RunPlan["files"][number][],
    variables: [] as RunPlan["variables"][number][],
  };
  for (const precision of ["flt", "dbl"] as const) {
    const dataType = precision === "flt" ? "float32" : "float64";
    const own = variables.filter((variable) => variable.dataType === dataType);
    if (own.length === 0) continue;
    const names = own.map((variable) => fileNameOf(variable.name));
    const table = records.map((record) => formatOutputRecord({ ...record, variables: names }));
    plan.texts.push({ name: `${precision}.out`, bytes: Buffer.from(table.join(""), "latin1") });
    own.forEach((variable, k) => {
      const size = countOf(extent) * bytesPerValue(dataType);
      const places = records.map((record) => {
        const path = dataFileName(record, names[k], precision as Precision);
        plan.files.push({ path, size });
        return {
          path,
          array: { offset: 0, shape: extent, dataType, byteOrder: "little" },
        } as const;
      });
      // Without a step axis the one output is the whole variable.
      const source = stepped ? variable.source : withLeadingAxis(variable);
      plan.variables.push({ source, places });
    });
  }
  return plan;
}

/** The variables that a run can hold; coordinates are not among them. */
function fieldsOf(dataset: Dataset): Variable[] {
  const rank = Math.max(0, ...dataset.variables.map((variable) => variable.shape.length));
  const fields = dataset.variables.filter((variable) => {
    const isCoordinate =
      variable.dimensions.length === 1 && variable.dimensions[0] === variable.name;
    return !isCoordinate && variable.shape.length === rank && !variable.name.endsWith("_bounds");
  });
  for (const variable of fields) {
    if (!isFloatType(variable.dataType)) throw unsuitable(variable, variable.dataType);
  }
  const names = new Set(fields.map((variable) => fileNameOf(variable.name)));
  if (fields.length > 0 && names.size === fields.length) return fields;
  throw new FieldzipError("unsupported", {
    where: dataset.location,
    expected: "float variables with different names",
    found: dataset.variables.map((variable) => variable.name).join(", ") || "no variables",
    remedy: "choose variables with --variable, or write NetCDF (.nc)",
  });
}

function unsuitable(variable: Variable, found: string): FieldzipError {
  return new FieldzipError("unsupported", {
    where: `variable ${variable.name}`,
    expected: "float32 or float64 on one grid of at most three axes, for PLUTO",
    found,
    remedy: "choose other variables with --variable, or write NetCDF (.nc)",
  });
}

/** PLUTO separates names by blanks. */
function fileNameOf(name: string): string {
  return baseName(name).replace(/[\s/\\]+/g, "_");
}

function withLeadingAxis({ source }: Variable): Variable["source"] {
  return {
    ...source,
    shape: [1, ...source.shape],
    dimensions: ["step", ...source.dimensions],
    storedChunk: source.storedChunk && [1, ...source.storedChunk],
    readBox: (box, signal) =>
      source.readBox({ start: box.start.slice(1), shape: box.shape.slice(1) }, signal),
  };
}

async function recordsOf(
  dataset: Dataset,
  axis: string | undefined,
  count: number,
  signal?: AbortSignal,
): Promise<OutputRecord[]> {
  const read = async (name: string) =>
    axis === undefined ? undefined : numbersAlong(dataset, name, axis, count, signal);
  const numbers = await read("step");
  const whole =
    new Set(numbers).size === count &&
    numbers?.every((number) => Number.isInteger(number) && number >= 0 && number < 1e9);
  const times = (await read("time")) ?? (axis === undefined ? undefined : await read(axis));
  const dts = await read("dt");
  const nsteps = await read("nstep");
  return Array.from({ length: count }, (_, k) => ({
    number: whole ? (numbers as number[])[k] : k,
    time: times?.[k] ?? k,
    dt: dts?.[k] ?? 0,
    step: Math.trunc(nsteps?.[k] ?? k),
    files: "multiple_files" as const,
    byteOrder: "little" as const,
    variables: [],
  }));
}

async function numbersAlong(
  dataset: Dataset,
  name: string,
  axis: string,
  count: number,
  signal?: AbortSignal,
): Promise<number[] | undefined> {
  const found = dataset.variables.find(
    (variable) => variable.name === name && variable.dimensions.join() === axis,
  );
  if (!found || found.dataType === "string" || found.dataType === "char" || count > axisLimit) {
    return undefined;
  }
  return Array.from((await found.readBox(undefined, signal)) as Float64Array, Number);
}

async function gridOf(
  dataset: Dataset,
  names: readonly string[],
  extent: readonly number[],
  signal?: AbortSignal,
): Promise<Grid> {
  const axes: GridAxis[] = [];
  for (let k = names.length - 1; k >= 0; k--) {
    axes.push(await axisOf(dataset, names[k], extent[k], signal));
  }
  while (axes.length < 3) axes.push({ left: Float64Array.of(0), right: Float64Array.of(1) });
  const bases = names.map(baseName).reverse();
  const geometry: Geometry =
    geometries.find((name) => axisNames[name].slice(0, bases.length).join() === bases.join()) ??
    "CARTESIAN";
  return { geometry, axes: [axes[0], axes[1], axes[2]] };
}

/** Edges of the cells: the coordinate's bounds, else halfway between its values, else 0, 1, 2, … */
async function axisOf(
  dataset: Dataset,
  name: string,
  count: number,
  signal?: AbortSignal,
): Promise<GridAxis> {
  const bounds = dataset.variables.find((variable) => variable.name === `${name}_bounds`);
  if (bounds?.shape.join() === `${count},2` && isFloatType(bounds.dataType) && count <= axisLimit) {
    const values = Array.from((await bounds.readBox(undefined, signal)) as Float64Array, Number);
    if (!values.every(Number.isFinite)) throw unsuitable(bounds, "edges that are not finite");
    return {
      left: Float64Array.from({ length: count }, (_, i) => values[2 * i]),
      right: Float64Array.from({ length: count }, (_, i) => values[2 * i + 1]),
    };
  }
  const centres = await numbersAlong(dataset, name, name, count, signal);
  const usable = centres && count > 1 && centres.every(Number.isFinite);
  const edge = (i: number) => {
    if (!usable) return i;
    if (i === 0) return 1.5 * centres[0] - 0.5 * centres[1];
    if (i === count) return 1.5 * centres[count - 1] - 0.5 * centres[count - 2];
    return 0.5 * (centres[i - 1] + centres[i]);
  };
  return {
    left: Float64Array.from({ length: count }, (_, i) => edge(i)),
    right: Float64Array.from({ length: count }, (_, i) => edge(i + 1)),
  };
}
