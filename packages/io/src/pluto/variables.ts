import {
  allocate,
  bytesOf,
  bytesPerValue,
  countOf,
  type Dimension,
  FieldzipError,
  type Json,
  memoryVariable,
  type NumericArray,
  textAttribute,
  throwIfAborted,
  type VariableSource,
} from "@fieldzip/core";
import type { RandomAccessFile } from "../files/file.js";
import { readFlat } from "../files/flat.js";
import type { OpenPool } from "../files/pool.js";
import { dimensionName } from "./coordinates.js";
import type { Grid } from "./grid.js";
import { type Cells, dataTypeOf, type PlutoPlace } from "./layout.js";
import type { OutputRecord, Precision } from "./output-table.js";

/** One output and what was found of it. */
export interface LocatedOutput {
  readonly record: OutputRecord;
  readonly places: readonly PlutoPlace[];
}

/** The variables of all outputs of one precision, with their steps as coordinates. */
export interface OutputVariables {
  readonly dimensions: Dimension[];
  readonly variables: VariableSource[];
  /** Axes (positions in `Cells`) along which some variable is staggered. */
  readonly staggered: ReadonlySet<number>;
}

/** What all outputs of a run share. */
export interface RunContext {
  readonly grid: Grid;
  readonly cells: Cells;
  readonly folder: string;
  readonly files: OpenPool<string, RandomAccessFile>;
  /** Names that coordinates have: a variable of such a name gets `_data` behind it. */
  readonly reserved: ReadonlySet<string>;
}

/**
 * Joins the outputs of one precision along `step`. `prefix` is the group (`dbl/`) or empty. A
 * variable that is missing in some outputs gets a step axis of its own (`step_rho`).
 */
export function outputVariables(
  outputs: readonly LocatedOutput[],
  precision: Precision,
  prefix: string,
  run: RunContext,
): OutputVariables {
  const byName = new Map<string, { numbers: number[]; places: PlutoPlace[] }>();
  for (const { record, places } of outputs) {
    for (const place of places) {
      const entry = byName.get(place.variable) ?? { numbers: [], places: [] };
      entry.numbers.push(record.number);
      entry.places.push(place);
      byName.set(place.variable, entry);
    }
  }
  const dimensions: Dimension[] = [{ name: `${prefix}step`, size: outputs.length }];
  const variables = stepCoordinates(outputs, prefix);
  const staggered = new Set<number>();
  for (const [name, { numbers, places }] of byName) {
    const { stagger, array } = places[0];
    const odd = places.find((place) => place.stagger !== stagger);
    if (odd) {
      throw new FieldzipError("shape", {
        where: `${run.folder}/${odd.file}`,
        expected: `${array.shape.join(" x ")} values as in ${places[0].file}`,
        found: `${odd.array.shape.join(" x ")}`,
        remedy: "the outputs belong to different runs; keep them in different folders",
      });
    }
    if (stagger !== undefined) staggered.add(stagger);
    let stepAxis = `${prefix}step`;
    if (numbers.length < outputs.length) {
      stepAxis = `${prefix}step_${name}`;
      dimensions.push({ name: stepAxis, size: numbers.length });
      variables.push(numbersVariable(stepAxis, stepAxis, numbers));
    }
    variables.push(
      plutoVariable(
        `${prefix}${run.reserved.has(name) ? `${name}_data` : name}`,
        stepAxis,
        places,
        {
          format: "pluto",
          precision,
          variable: name,
          stagger: stagger ?? null,
          // Where nothing is missing, the numbers stand once, with the dataset.
          ...(numbers.length < outputs.length ? { numbers } : {}),
        },
        run,
      ),
    );
  }
  return { dimensions, variables, staggered };
}

function plutoVariable(
  name: string,
  stepAxis: string,
  places: readonly PlutoPlace[],
  original: { precision: Precision; [key: string]: Json },
  run: RunContext,
): VariableSource {
  const dataType = dataTypeOf(original.precision);
  const { shape } = places[0].array;
  const { stagger } = places[0];
  const spatial = run.cells.flatMap((count, axis) =>
    count > 1 || axis === stagger ? [dimensionName(run.grid, axis, axis === stagger)] : [],
  );
  return {
    name,
    dataType,
    shape: [places.length, ...shape],
    dimensions: [stepAxis, ...spatial],
    attributes: {},
    original,
    async readBox(box, signal) {
      const data = allocate(dataType, countOf(box.shape)) as NumericArray;
      const inner = { start: box.start.slice(1), shape: box.shape.slice(1) };
      const length = countOf(inner.shape) * bytesPerValue(dataType);
      const bytes = bytesOf(data);
      for (let k = 0; k < box.shape[0]; k++) {
        throwIfAborted(signal);
        const place = places[box.start[0] + k];
        const target = bytes.subarray(k * length, (k + 1) * length);
        await run.files.use(`${run.folder}/${place.file}`, (file) =>
          readFlat(file, place.array, inner, target, signal),
        );
      }
      return data;
    },
  };
}

/** Output number, time, time step and integration step, each along `step`. */
function stepCoordinates(outputs: readonly LocatedOutput[], prefix: string): VariableSource[] {
  const axis = `${prefix}step`;
  const records = outputs.map((output) => output.record);
  const float = (name: string, values: number[], text: string) =>
    memoryVariable(
      `${prefix}${name}`,
      "float64",
      [axis],
      [values.length],
      Float64Array.from(values),
      { long_name: textAttribute(text) },
    );
  return [
    numbersVariable(
      axis,
      axis,
      records.map((record) => record.number),
    ),
    float(
      "time",
      records.map((record) => record.time),
      "time in code units",
    ),
    float(
      "dt",
      records.map((record) => record.dt),
      "time step in code units",
    ),
    float(
      "nstep",
      records.map((record) => record.step),
      "number of the integration step",
    ),
  ];
}

function numbersVariable(name: string, axis: string, numbers: readonly number[]): VariableSource {
  return memoryVariable(name, "int32", [axis], [numbers.length], Int32Array.from(numbers), {
    long_name: textAttribute("number of the output"),
  });
}
